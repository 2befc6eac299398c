using Chat.Core.Events;

namespace Chat.Core.Store;

public static class MessageLookup
{
    /// <summary>The message that a status event means, by its message id or else by the provider's; null where nobody knows it.</summary>
    public static ValueTask<MessageKey?> FindMessageAsync(this IMessageStore store, StatusEvent status, CancellationToken cancellationToken) =>
        status.MessageId is { } id
            ? store.FindMessageKeyAsync(id, cancellationToken)
            : store.FindByProviderIdAsync(status.Channel ?? "", status.ProviderMessageId!, cancellationToken);
}
