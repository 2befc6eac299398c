using Chat.Core.Engines;
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
            else ids.Add(status.ProviderId);
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
                : byProvider!.TryGetValue(status.ProviderId, out key);
            if (isKnown) found[i] = key;
        }
        return found;
    }

    /// <summary>
    /// The same, one by one where the store refuses to be asked about them: what is refused alone has no message in the answer.
    /// </summary>
    /// <param name="refused">Told the place in <paramref name="statuses"/> of each that is refused.</param>
    public async ValueTask<IReadOnlyList<MessageKey?>> FindEachAsync(
        IReadOnlyList<StatusEvent> statuses, Action<int> refused, CancellationToken cancellationToken)
    {
        var found = new MessageKey?[statuses.Count];
        await Bisection.RunAsync(
            [.. Enumerable.Range(0, statuses.Count)],
            async part =>
            {
                var keys = await FindAsync([.. part.Select(i => statuses[i])], cancellationToken);
                for (var i = 0; i < keys.Count; i++) found[part[i]] = keys[i];
            },
            (place, _) => refused(place));
        return found;
    }
}
