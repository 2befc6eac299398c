using Chat.Core.Channels;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

/// <summary>Rows of the store's tables, read as what they stand for.</summary>
internal static class StoreRows
{
    public const string MessageColumns =
        "m.organization_id, m.sender_id, m.channel, m.direction, m.type, m.content, m.recipient, m.created_at, m.position, "
        + "m.account_id, m.provider_message_id";

    public const int MessageColumnCount = 11;

    public static readonly string FactColumns = string.Join(
        ", ",
        StatusKinds.All.Select(StatusNames.Field).Select(f => $"f.{f}_at, f.{f}_seq, f.{f}_reason, f.{f}_reason_at, f.{f}_reason_seq"));

    /// <summary>When a message was announced, and by which event.</summary>
    public const string AnnouncedColumns = "f.announced_at, f.announced_seq";

    public const int FactColumnCount = ColumnsOfFact * StatusKinds.Count;

    private const int ColumnsOfFact = 5;

    // Texts that nearly every message has: one shared string each instead of one per row.
    private static readonly (byte[] Utf8, string Text)[] CommonTexts =
        [
            .. ChannelCatalog.Names
                .Append(MessageDirection.Outbound)
                .Append(MessageDirection.Inbound)
                .Append("text")
                .Select(w => (System.Text.Encoding.UTF8.GetBytes(w), w)),
        ];

    /// <summary><see cref="MessageColumns"/> from a column on; null where the row has no message.</summary>
    public static Message? Message(SqliteStatement row, int column, MessageKey key) => row.IsNull(column) ? null : new(
        key.MessageId,
        key.ConversationId,
        row.Uuid(column),
        row.Uuid(column + 1),
        Interned(row, column + 2),
        Interned(row, column + 3),
        Interned(row, column + 4),
        row.Text(column + 5),
        row.TextOrNull(column + 6),
        row.Time(column + 7),
        row.Int64(column + 8),
        row.TextOrNull(column + 9),
        row.TextOrNull(column + 10));

    /// <summary><see cref="FactColumns"/> from a column on.</summary>
    public static StatusFacts Facts(SqliteStatement row, int column) =>
        StatusFacts.Create((row, column), static (at, kind) => Fact(at.row, at.column + (ColumnsOfFact * StatusKinds.Slot(kind))));

    /// <summary><see cref="AnnouncedColumns"/> from a column on.</summary>
    public static Fact? Announced(SqliteStatement row, int column) =>
        row.IsNull(column) ? null : new(row.Time(column), row.Int64(column + 1), null);

    /// <summary>Text that is one of few words.</summary>
    public static string Interned(SqliteStatement row, int column)
    {
        var bytes = row.Bytes(column);
        foreach (var (utf8, text) in CommonTexts)
        {
            if (bytes.SequenceEqual(utf8)) return text;
        }
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    private static Fact? Fact(SqliteStatement row, int column) =>
        row.IsNull(column) ? null : new(row.Time(column), row.Int64(column + 1), Reason(row, column + 2));

    private static FactReason? Reason(SqliteStatement row, int column) =>
        row.TextOrNull(column) is { } text ? new(text, row.Time(column + 1), row.Int64(column + 2)) : null;
}
