using Cassandra;
using Chat.Core.Statuses;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// A change as one cell: message_id, status, channel, at, reason, appended_at. A redelivered event may carry a later derived
/// status than at first; in one cell its parts are never mixed with those of the first.
/// </summary>
internal static class ChangeCell
{
    public static Tuple<Guid, int, string, DateTimeOffset, string?, DateTimeOffset> Write(StatusChange change) =>
        new(change.MessageId, (int)change.Status, change.Channel, change.At, change.Reason, change.AppendedAt);

    public static StatusChange Read(Guid conversationId, long seq, Row row, int column)
    {
        var cell = row.GetValue<Tuple<Guid, int, string, DateTimeOffset, string?, DateTimeOffset>>(column);
        return new(conversationId, seq, cell.Item1, (MessageStatus)cell.Item2, cell.Item3, cell.Item4, cell.Item5, cell.Item6);
    }
}
