namespace Chat.Engines.Cassandra.Schema;

/// <summary>How long a change row lives in the table, as against how long it is promised.</summary>
internal static class ChangeLife
{
    /// <summary>
    /// Rows outlive the promise by this: by the hour that the promise is rounded to (<see cref="HourOf"/>), and by another one, so that
    /// clocks that disagree and rounding to seconds never make a promised row vanish early.
    /// </summary>
    public static readonly TimeSpan Slack = TimeSpan.FromHours(2);

    /// <summary>The server takes no longer one: 20 years.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(630_720_000);

    /// <summary>What has happened is noted by the hour: whether rows of an hour are gone is asked of all of them together.</summary>
    public static int HourOf(DateTimeOffset time) => (int)Math.Clamp(time.ToUnixTimeSeconds() / 3600, int.MinValue, int.MaxValue);

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
