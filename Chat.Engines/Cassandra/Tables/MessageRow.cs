using Cassandra;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>A row of <c>messages</c>, as every query of it reads it.</summary>
internal static class MessageRow
{
    // The facts' columns follow these, and their reasons' those.
    private const int FactColumn = 12;

    private const int ReasonColumn = FactColumn + StatusKinds.Count;

    private const int AnnouncedColumn = ReasonColumn + StatusKinds.Count;

    public static readonly string Columns =
        "message_id, organization_id, sender_id, channel, direction, type, content, recipient, created_at, position, "
        + "account_id, provider_message_id, "
        + string.Join(", ", [.. StatusKinds.All.Select(StatusNames.Field), .. StatusKinds.All.Select(FactStatements.ReasonColumn)])
        + ", announced";

    public static MessageState Read(Guid conversationId, Row row)
    {
        var key = new MessageKey(conversationId, row.GetValue<Guid>(0));
        var facts = StatusFacts.Create(
            row, static (r, kind) => FactCell.Read(r, FactColumn + StatusKinds.Slot(kind), ReasonColumn + StatusKinds.Slot(kind)));
        var announced = FactCell.Read(row, AnnouncedColumn);
        // Facts without their message: its row expired, or an earlier version recorded a status that came before it.
        if (row.GetValue<DateTimeOffset?>(8) is not { } createdAt) return new(key, null, facts, announced);
        var message = new Message(
            key.MessageId,
            conversationId,
            row.GetValue<Guid>(1),
            row.GetValue<Guid>(2),
            row.GetValue<string>(3),
            row.GetValue<string>(4),
            row.GetValue<string>(5),
            row.GetValue<string>(6),
            TextOrNull(row, 7),
            createdAt,
            row.GetValue<long?>(9) ?? 0,
            TextOrNull(row, 10),
            TextOrNull(row, 11));
        return new(key, message, facts, announced);
    }

    /// <summary>Of a column in which an empty text is written for none, so that a second write finds no gap.</summary>
    public static string? TextOrNull(Row row, int column) => row.GetValue<string?>(column) is { Length: > 0 } text ? text : null;
}
