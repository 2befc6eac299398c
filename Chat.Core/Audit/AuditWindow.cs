namespace Chat.Core.Audit;

/// <summary>
/// Which events are audited, by the log's own append times: from <paramref name="From"/> on and before <paramref name="To"/>.
/// </summary>
/// <param name="SettledBefore">Events appended at this time or later count as in flight.</param>
public sealed record AuditWindow(DateTimeOffset From, DateTimeOffset To, DateTimeOffset SettledBefore)
{
    /// <summary>How old an event is before it is audited, unless configured.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    // Append times are the brokers', whose clocks agree to less than this.
    internal static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);
}
