using System.Collections.Immutable;

namespace Chat.Core.Statuses;

/// <summary>
/// The table of kinds that everything which handles each of them goes by: facts, names, columns, JSON. A new kind is a new row of the
/// two enums and of <see cref="Rank"/>, and a migration of each engine that adds its columns.
/// </summary>
public static class StatusKinds
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)StatusKind.Failed;

    /// <summary>Every kind, by its number: the order of columns and of JSON members.</summary>
    public static ImmutableArray<StatusKind> All { get; } = [.. Enum.GetValues<StatusKind>()];

    /// <summary>
    /// Which kind is shown, the first that is known: READ &gt; DELIVERED &gt; FAILED &gt; SENT. A failure can't hide a proven delivery.
    /// </summary>
    public static ImmutableArray<StatusKind> Rank { get; } = [StatusKind.Read, StatusKind.Delivered, StatusKind.Failed, StatusKind.Sent];

    /// <summary>A kind's place in an array with one element for each.</summary>
    public static int Slot(StatusKind kind) => (int)kind - 1;
}
