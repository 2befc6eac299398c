using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;

namespace Chat.Core.Parking;

/// <summary>Finds the message that a status event means.</summary>
public sealed class MessageLookup(IMessageStore messages, IProviderIds providerIds)
{
    /// <summary>By the event's message id, or else by the provider's; null where nobody knows it.</summary>
    public ValueTask<MessageKey?> FindAsync(StatusEvent status, CancellationToken cancellationToken) => status.MessageId is { } id
        ? messages.FindMessageKeyAsync(id, cancellationToken)
        : providerIds.FindByProviderIdAsync(status.Channel ?? "", status.ProviderMessageId!, cancellationToken);
}
