using Chat.Core.Ids;

namespace Chat.Core.Statuses;

/// <summary>
/// The status events of each message, the facts merged from them, and the changes that come of it. <see cref="Messages.IMessageStore"/>
/// says what every port of the store promises, and reads the facts; <see cref="IChangeStore"/> reads the changes.
/// </summary>
public interface IStatusStore
{
    /// <summary>
    /// Writes events into the timeline (keyed by message and <c>Seq</c>) and merges their facts, without reading first. Events of
    /// messages that are not known are kept in the same way. An announcement is merged like a fact, and goes into no timeline. Writes
    /// change rows, keyed by conversation and <c>Seq</c>, and then raises the conversations' heads: a reader that sees a head finds all
    /// that made it. Changes of one conversation become visible in the order of <c>Seq</c>: a reader that sees one sees those of this
    /// call before it.
    /// </summary>
    /// <param name="changes">What the records change. Where a record is refused, none of them is written.</param>
    ValueTask RecordStatusesAsync(
        IReadOnlyList<StatusRecord> records, IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken);

    /// <summary>Every event recorded for a message, by <c>Seq</c>.</summary>
    ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken);
}
