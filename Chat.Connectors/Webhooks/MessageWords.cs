using Chat.Core.Events;

namespace Chat.Connectors.Webhooks;

/// <summary>The word for what a message holds, where a provider made it up.</summary>
internal static class MessageWords
{
    private const string Unknown = "unknown";

    /// <summary>The word in lower case; <c>unknown</c> where it is too long, or no word.</summary>
    public static string Bound(string word) =>
        word.Length <= EventLimits.MaxWord && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? word.ToLowerInvariant()
            : Unknown;
}
