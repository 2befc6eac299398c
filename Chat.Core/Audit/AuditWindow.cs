namespace Chat.Core.Audit;

/// <summary>
/// Which events an audit looks at, by the log's own append times: from <paramref name="From"/> on and before <paramref name="To"/>.
/// </summary>
/// <param name="SettledBefore">Younger ones are in flight.</param>
public sealed record AuditWindow(DateTimeOffset From, DateTimeOffset To, DateTimeOffset SettledBefore)
{
    /// <summary>How old an event is before it is looked at, where nobody says otherwise.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    // Append times are the brokers', whose clocks agree to less than this.
    internal static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);
}
