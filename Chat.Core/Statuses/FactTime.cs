using Chat.Core.Time;
namespace Chat.Core.Statuses;

/// <summary>Makes the time of a fact from what a provider claims and from when the log took the event.</summary>
public static class FactTime
{
    /// <summary>Older than this before the append is absurd: providers retry their callbacks for up to 7 days.</summary>
    public static readonly TimeSpan OldestBeforeAppend = TimeSpan.FromDays(30);

    /// <summary>Later than this after the append is absurd: no provider's clock is this wrong.</summary>
    public static readonly TimeSpan LatestAfterAppend = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The claimed time, or the append time where the claim is missing or absurd; never a worker's clock, so that every worker
    /// makes the same fact of the same event. UTC, cut to whole milliseconds as every engine keeps them.
    /// </summary>
    public static DateTimeOffset Effective(DateTimeOffset? claimed, DateTimeOffset appendedAt)
    {
        var at = claimed is { } c && c >= appendedAt - OldestBeforeAppend && c <= appendedAt + LatestAfterAppend ? c : appendedAt;
        return WireTime.TruncateToMilliseconds(at);
    }
}
