using Chat.Core.Ids;

namespace Chat.Core.Statuses;

/// <summary>
/// The status events of each message, and the facts merged from them. <see cref="Messages.IMessageStore"/> says what every port of
/// the store promises, and reads the facts.
/// </summary>
public interface IStatusStore
{
    /// <summary>
    /// Writes events into the timeline (keyed by message and <c>Seq</c>) and merges their facts, without reading first. Events of
    /// messages that are not known are kept in the same way. An announcement is merged like a fact, and goes into no timeline.
    /// </summary>
    ValueTask RecordStatusesAsync(IReadOnlyList<StatusRecord> records, CancellationToken cancellationToken);

    /// <summary>Every event recorded for a message, by <c>Seq</c>.</summary>
    ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken);
}
