using Chat.Core.Statuses;
using Chat.Core.Time;
using Microsoft.Extensions.Logging;

namespace Chat.Simulation.Engines;

/// <summary><see cref="InjectedBug.PlaceKept"/>: a read does not end before it works, and keeps its place as long.</summary>
public sealed class PatientChanges(IChangeStore store, RetryForever retry, ILogger<PatientChanges> logger) : IChangeStore
{
    public ValueTask<ChangePage> ListChangesAsync(Guid conversationId, long since, int limit, CancellationToken cancellationToken) =>
        new(retry.RunAsync(
            logger,
            "list the changes of",
            conversationId,
            ct => store.ListChangesAsync(conversationId, since, limit, ct),
            cancellationToken));

    public ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        store.GetHeadsAsync(conversationIds, cancellationToken);
}
