using Chat.Core.Ids;
using Chat.Core.Time;

namespace Chat.Core.Statuses;

/// <summary>Makes the time of a fact from what a provider claims and from when the log took the event.</summary>
public static class FactTime
{
    /// <summary>Older than this before the append is absurd: providers retry their callbacks for up to 7 days.</summary>
    public static readonly TimeSpan OldestBeforeAppend = TimeSpan.FromDays(30);

    /// <summary>Later than this after the append is absurd: no provider's clock is this wrong.</summary>
    public static readonly TimeSpan LatestAfterAppend = TimeSpan.FromMinutes(5);

    /// <summary>Earlier than this before its message was created is absurd: two clocks may differ by this much.</summary>
    public static readonly TimeSpan EarliestBeforeMessage = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The claimed time, or the append time where the claim is missing or absurd; never a worker's clock, so that every worker
    /// makes the same fact of the same event. UTC, cut to whole milliseconds as every engine keeps them.
    /// </summary>
    /// <param name="claimed">What the event says; null where it says nothing.</param>
    /// <param name="appendedAt">When the log took the event.</param>
    /// <param name="messageId">
    /// The event's message, whose UUIDv7 tells when it was created; null where the event names none, and its message is not known.
    /// </param>
    public static DateTimeOffset Effective(DateTimeOffset? claimed, DateTimeOffset appendedAt, Guid? messageId)
    {
        var isSane = claimed is { } at
            && at >= appendedAt - OldestBeforeAppend
            && at <= appendedAt + LatestAfterAppend
            && (messageId is not { } id || MessageIds.CreatedAt(id) is not { } created || at >= created - EarliestBeforeMessage);
        return WireTime.TruncateToMilliseconds(isSane ? claimed!.Value : appendedAt);
    }
}
