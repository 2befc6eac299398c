using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>One statement a fact, since each fact is a column.</summary>
internal static class FactStatements
{
    private static readonly Cql Sent = Set("sent");
    private static readonly Cql Delivered = Set("delivered");
    private static readonly Cql Read = Set("read");
    private static readonly Cql Failed = Set("failed");

    public static Cql For(StatusKind kind) => kind switch
    {
        StatusKind.Sent => Sent,
        StatusKind.Delivered => Delivered,
        StatusKind.Read => Read,
        StatusKind.Failed => Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static Cql Set(string column) =>
        new($"UPDATE messages USING TIMESTAMP ? SET {column} = ? WHERE conversation_id = ? AND bucket = ? AND message_id = ?");
}
