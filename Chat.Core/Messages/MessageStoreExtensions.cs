using Chat.Core.Ids;

namespace Chat.Core.Messages;

public static class MessageStoreExtensions
{
    /// <summary>Where a message is, by its id alone; null where no such message was added.</summary>
    public static async ValueTask<MessageKey?> FindMessageKeyAsync(
        this IMessageStore messages, Guid messageId, CancellationToken cancellationToken) =>
        (await messages.FindMessageKeysAsync([messageId], cancellationToken)).TryGetValue(messageId, out var key) ? key : null;
}
