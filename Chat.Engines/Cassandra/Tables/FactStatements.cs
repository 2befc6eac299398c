using System.Collections.Immutable;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// The statements of a fact, which is a column, and of its reason, which is another: a cell of one value each, so that the earliest
/// event that has a reason is kept beside an earlier one that has none. A value without a reason leaves that column alone.
/// </summary>
internal static class FactStatements
{
    private static readonly ImmutableArray<Cql> Set =
        [.. StatusKinds.All.Select(kind => Update($"{StatusNames.Field(kind)} = ?"))];

    private static readonly ImmutableArray<Cql> SetWithReason =
        [.. StatusKinds.All.Select(kind => Update($"{StatusNames.Field(kind)} = ?, {ReasonColumn(kind)} = ?"))];

    /// <summary>Of what has the form of a fact and is none.</summary>
    public static Cql Announced { get; } = Update("announced = ?");

    public static string ReasonColumn(StatusKind kind) => $"{StatusNames.Field(kind)}_reason";

    public static Cql For(StatusKind kind) => Set[StatusKinds.Slot(kind)];

    public static Cql WithReasonFor(StatusKind kind) => SetWithReason[StatusKinds.Slot(kind)];

    private static Cql Update(string set) =>
        new($"UPDATE messages USING TIMESTAMP ? SET {set} WHERE conversation_id = ? AND bucket = ? AND message_id = ?");
}
