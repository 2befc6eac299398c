using System.Collections.Immutable;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>One statement a fact, since each fact is a column.</summary>
internal static class FactStatements
{
    private static readonly ImmutableArray<Cql> Set = [.. StatusKinds.All.Select(kind => new Cql(
        $"UPDATE messages USING TIMESTAMP ? SET {StatusNames.Field(kind)} = ? "
        + "WHERE conversation_id = ? AND bucket = ? AND message_id = ?"))];

    public static Cql For(StatusKind kind) => Set[StatusKinds.Slot(kind)];
}
