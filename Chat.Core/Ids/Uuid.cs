namespace Chat.Core.Ids;

/// <summary>
/// Reads ids. None of an organization, a conversation or a message is all zeros: that is what a missing one looks like where there can be
/// no null. A user is never missing, so that a token's user may be.
/// </summary>
public static class Uuid
{
    /// <summary>An id in any of the usual ways of writing one; null where it is none.</summary>
    public static Guid? Read(string? text) => Guid.TryParse(text, out var id) && id != Guid.Empty ? id : null;

    /// <summary>An id as 8-4-4-4-12, in any case; null where it is none.</summary>
    public static Guid? ReadExact(string? text) => Guid.TryParseExact(text, "D", out var id) && id != Guid.Empty ? id : null;
}
