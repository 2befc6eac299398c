namespace Chat.Core.Providers;

/// <summary>
/// The provider's ids of one message as one text, separated by a space, which no provider's id has: a message may become several there.
/// </summary>
public static class ProviderIdList
{
    /// <summary>The text; null where there is no id.</summary>
    public static string? Join(IReadOnlyList<string> ids) => ids.Count == 0 ? null : string.Join(' ', ids);

    /// <summary>Each id; none where the text is null.</summary>
    public static IReadOnlyList<string> Split(string? ids) => ids?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
