using Chat.Connectors.Instagram.Sending;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// Finds the message of ours that an echo is of, where its id is not noted yet: an echo may come before the answer to the request, and
/// it names nothing that we sent.
/// </summary>
internal static class EchoMatch
{
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
            .Select(m => (m.Message, m.Facts, Entry: tries.GetValueOrDefault(m.Message.MessageId)))
            .Where(m => m.Entry is { } entry && entry.Try.Account == account)
            .ToList();
        var answered = own.FirstOrDefault(m => m.Entry!.ProviderMessageIds.Contains(echo.ProviderMessageId)).Message;
        var open = own.Where(m => m.Entry!.IsOpen && IsSame(m.Message, echo)).ToList();
        // Of several with one text, they come back in the order in which they went.
        var next = open.LastOrDefault(m => !isProven(m.Message.MessageId) && !IsBegun(m.Message, m.Facts)).Message;
        // Another part of one that has come back before; its file, if it has one, is the first of them.
        var begun = echo.Type == MessageTypes.Text ? open.FirstOrDefault(m => HasParts(m.Message)).Message : null;
        return (answered ?? next ?? begun)?.MessageId;
    }

    /// <summary>Whether a message is several at the provider, each with an id and an echo of its own.</summary>
    public static bool HasParts(Message message) =>
        message.Channel == ChannelCatalog.Instagram && TextsOf(message).Count + (message.Type == MessageTypes.Text ? 0 : 1) > 1;

    private static bool IsBegun(Message message, StatusFacts facts) => HasParts(message) && facts[StatusKind.Sent] is not null;

    private static bool IsSame(Message message, SentMessage echo)
    {
        if (echo.Type != MessageTypes.Text) return message.Type == echo.Type;
        return echo.Content.TextOf("texto")?.Trim() is { } said && TextsOf(message).Any(text => text.Trim() == said);
    }

    /// <summary>The texts that a message goes in: on Instagram a long one, and one beside a file, are messages of their own.</summary>
    private static IReadOnlyList<string> TextsOf(Message message)
    {
        var content = new SentContent(message);
        if (message.Channel != ChannelCatalog.Instagram) return content.Text is { } whole ? [whole] : [];
        var text = message.Type == MessageTypes.Text ? content.Text : content.Caption;
        return text is null ? [] : TextParts.Split(text, InstagramRequest.MaxTextBytes);
    }
}
