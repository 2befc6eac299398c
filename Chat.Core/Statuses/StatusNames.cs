using System.Collections.Immutable;

namespace Chat.Core.Statuses;

/// <summary>
/// The names of statuses: upper-case English on every wire, as the seed's frames have them; lower-case for columns and JSON members.
/// </summary>
public static class StatusNames
{
    private static readonly ImmutableArray<string> Names =
        [.. Enum.GetValues<MessageStatus>().Select(s => s.ToString().ToUpperInvariant())];

    private static readonly ImmutableArray<string> Fields = [.. StatusKinds.All.Select(k => k.ToString().ToLowerInvariant())];

    /// <summary>The names of all facts, for people: <c>SENT, DELIVERED, READ, FAILED</c>.</summary>
    public static string Kinds { get; } = string.Join(", ", StatusKinds.All.Select(k => Format(k)));

    /// <summary>The name of a derived status: <c>ACCEPTED</c>, or that of a fact.</summary>
    public static string Format(MessageStatus status) => Names[(int)status];

    /// <summary>The name of a fact: <c>SENT</c>, …; ACCEPTED for none.</summary>
    public static string Format(StatusKind? kind) => Format((MessageStatus)(kind ?? 0));

    /// <summary>A fact's column or JSON member: <c>sent</c>, ….</summary>
    public static string Field(StatusKind kind) => Fields[StatusKinds.Slot(kind)];

    /// <summary>Whether it is the name of "no fact yet", in any case.</summary>
    public static bool IsAccepted(string? name) => Format(MessageStatus.Accepted).Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the name of a fact, in any case. ACCEPTED is no fact: nobody reports it.</summary>
    public static StatusKind? ParseKind(string? name)
    {
        foreach (var kind in StatusKinds.All)
        {
            if (Format(kind).Equals(name, StringComparison.OrdinalIgnoreCase)) return kind;
        }
        return null;
    }
}
