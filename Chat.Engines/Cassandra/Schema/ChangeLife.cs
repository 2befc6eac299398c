namespace Chat.Engines.Cassandra.Schema;

/// <summary>How long a change row lives in the table, as against how long it is promised.</summary>
internal static class ChangeLife
{
    /// <summary>
    /// Rows outlive the promise by this, so that clocks that disagree, rounding to seconds, and rows of a conversation that the
    /// log took slightly out of order never make a promised row vanish early.
    /// </summary>
    public static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    /// <summary>The server takes no longer one: 20 years.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(630_720_000);

    public static TimeSpan TimeToLive(TimeSpan retention) => retention < Longest - Slack ? retention + Slack : Longest;

    /// <summary>
    /// Seconds that a row has left. The end counts from the append, so that writing it again later does not make it live
    /// longer; one that should have expired already lives for the slack, so that its writer can read it once.
    /// </summary>
    public static int SecondsLeft(DateTimeOffset appendedAt, TimeSpan retention, DateTimeOffset now)
    {
        var left = TimeToLive(retention) - (now - appendedAt);
        return (int)(left < Slack ? Slack : left > Longest ? Longest : left).TotalSeconds;
    }
}
