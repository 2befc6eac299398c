using System.Collections.Concurrent;
using Chat.Core.Store;

namespace Chat.StatusWorker.Batches;

/// <summary>Owners that were found; they never change. What has none yet is asked for again each time.</summary>
internal sealed class OwnerCache(IMessageStore store)
{
    // Past this the cache starts anew: cheaper than an order of use on the hot path.
    private const int MaxCached = 200_000;

    private readonly ConcurrentDictionary<Guid, ConversationOwner> _known = new();

    public async ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<Guid, ConversationOwner>(conversationIds.Count);
        List<Guid>? missing = null;
        foreach (var id in conversationIds)
        {
            if (_known.TryGetValue(id, out var owner)) owners[id] = owner;
            else (missing ??= []).Add(id);
        }
        if (missing is null) return owners;
        if (_known.Count >= MaxCached) _known.Clear();
        foreach (var (id, owner) in await store.FindOwnersAsync(missing, cancellationToken)) owners[id] = _known[id] = owner;
        return owners;
    }
}
