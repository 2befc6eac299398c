using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;

namespace Chat.Core.Parking;

/// <summary>
/// Finds the messages that status events mean: one call of each port for a batch, whatever its size, and none where no event needs it.
/// </summary>
public sealed class MessageLookup(IMessageStore messages, IProviderIds providerIds)
{
    /// <summary>
    /// By each event's message id, or else by the provider's. In the order given; null where nobody knows the message.
    /// </summary>
    public async ValueTask<IReadOnlyList<MessageKey?>> FindAsync(
        IReadOnlyList<StatusEvent> statuses, CancellationToken cancellationToken)
    {
        var messageIds = new HashSet<Guid>();
        var ids = new HashSet<ProviderId>();
        foreach (var status in statuses)
        {
            if (status.MessageId is { } id) messageIds.Add(id);
            else ids.Add(ProviderIdOf(status));
        }
        var byMessage = messageIds.Count == 0 ? null : await messages.FindMessageKeysAsync(messageIds, cancellationToken);
        var byProvider = ids.Count == 0 ? null : await providerIds.FindByProviderIdsAsync(ids, cancellationToken);
        var found = new MessageKey?[statuses.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var status = statuses[i];
            MessageKey key;
            var isKnown = status.MessageId is { } id
                ? byMessage!.TryGetValue(id, out key)
                : byProvider!.TryGetValue(ProviderIdOf(status), out key);
            if (isKnown) found[i] = key;
        }
        return found;
    }

    private static ProviderId ProviderIdOf(StatusEvent status) => new(status.Channel ?? "", status.ProviderMessageId!);
}
