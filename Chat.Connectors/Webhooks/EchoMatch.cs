using System.Text;
using Chat.Core.Accounts;
using Chat.Core.Messages;
using Chat.Core.Providers;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// Finds the message of ours that an echo is of, where its id is not noted yet: an echo may come before the answer to the request, and
/// it names nothing that we sent.
/// </summary>
internal static class EchoMatch
{
    /// <summary>The longest text that goes in one piece; a longer one comes back in several echoes, each a part of it.</summary>
    private const int MaxTextBytes = 1000;

    /// <summary>The message that an echo is of; null where it is of none, so that somebody wrote it elsewhere.</summary>
    /// <param name="newest">The conversation's newest messages.</param>
    /// <param name="tries">The latest of each of them that was tried.</param>
    /// <param name="isProven">Whether another echo is a message's.</param>
    public static Guid? Find(
        SentMessage echo,
        AccountKey account,
        IReadOnlyList<MessageWithFacts> newest,
        IReadOnlyDictionary<Guid, SendEntry> tries,
        Predicate<Guid> isProven)
    {
        var own = newest
            .Select(m => (m.Message, Entry: tries.GetValueOrDefault(m.Message.MessageId)))
            .Where(m => m.Entry is { } entry && entry.Try.Account == account)
            .ToList();
        var answered = own.FirstOrDefault(m => m.Entry!.ProviderMessageIds.Contains(echo.ProviderMessageId)).Message;
        // Of several with one text, they come back in the order in which they went.
        var open = own.LastOrDefault(m => m.Entry!.IsOpen && !isProven(m.Message.MessageId) && IsSame(m.Message, echo)).Message;
        return (answered ?? open)?.MessageId;
    }

    private static bool IsSame(Message message, SentMessage echo)
    {
        var text = MessageContent.TextOf(message.Content);
        if (echo.Type != MessageTypes.Text) return message.Type == echo.Type;
        if (text is null || echo.Content.TextOf("texto") is not { } said) return false;
        return text.Trim() == said.Trim()
            || (Encoding.UTF8.GetByteCount(text) > MaxTextBytes && text.Contains(said.Trim(), StringComparison.Ordinal));
    }
}
