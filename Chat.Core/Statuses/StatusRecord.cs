using Chat.Core.Ids;

namespace Chat.Core.Statuses;

/// <summary>
/// One event of <c>msg.status</c>, as it goes into the timeline and, merged, into the message's facts; an announcement is merged into
/// <see cref="Messages.MessageState.Announced"/> alone.
/// </summary>
/// <param name="Kind">Null of an announcement.</param>
/// <param name="Fact">With the event's number and the effective time.</param>
/// <param name="ReportedAt">The time the provider claimed, where it did; <see cref="Fact.At"/> differs where that is absurd.</param>
/// <param name="AppendedAt">When the log took the event.</param>
/// <param name="Joins">The number of an earlier event that this one repeats, since that came before its message was known.</param>
public sealed record StatusRecord(
    MessageKey Key,
    StatusKind? Kind,
    Fact Fact,
    string? Channel,
    DateTimeOffset? ReportedAt,
    DateTimeOffset AppendedAt,
    long? Joins)
{
    public long Seq => Fact.Seq;
}
