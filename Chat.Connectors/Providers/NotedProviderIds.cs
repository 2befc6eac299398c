using Chat.Core.Ids;
using Chat.Core.Parking;
using Chat.Core.Providers;

namespace Chat.Connectors.Providers;

/// <summary>
/// Notes which messages providers' ids mean, and brings back the statuses that came before and wait under them: the status worker parks
/// first and looks for the id then, so that one of the two sides sees the other.
/// </summary>
public sealed class NotedProviderIds(IProviderIds ids, IParkedStore parkedStatuses, ReleasedStatuses released)
{
    // An engine gathers what is written beside each other.
    private const int AtATime = 32;

    /// <param name="outbound">Of messages that statuses may wait for.</param>
    /// <param name="inbound">Of messages that have no statuses.</param>
    public async ValueTask NoteAsync(
        IReadOnlyCollection<KeyValuePair<ProviderId, MessageKey>> outbound,
        IReadOnlyCollection<KeyValuePair<ProviderId, MessageKey>> inbound,
        CancellationToken cancellationToken)
    {
        // Who reports an id twice may name two messages: the first stays, as in the store.
        var first = outbound.DistinctBy(n => n.Key).ToList();
        foreach (var some in first.Concat(inbound).Chunk(AtATime))
            await Task.WhenAll(some.Select(n => ids.AddProviderIdAsync(n.Key, n.Value, cancellationToken).AsTask()));
        if (first.Count == 0) return;
        var keys = first.ToDictionary(n => ParkedStatuses.SubjectOf(n.Key), n => n.Value);
        var parked = await parkedStatuses.ListParkedAsync(keys.Keys, cancellationToken);
        if (parked.Count == 0) return;
        await released.AppendAsync(
            [.. parked.Select(p => new ReleasedStatus(p, ParkedStatuses.Release(p, keys[p.Subject])))], cancellationToken);
        await parkedStatuses.UnparkAsync(parked, cancellationToken);
    }
}
