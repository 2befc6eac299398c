using Chat.Core.Engines;
using Chat.Core.Providers;

namespace Chat.Tests.Connectors;

/// <summary>The ledger of what was handed over, in memory.</summary>
internal sealed class LedgerStore : IHandOverLedger
{
    private readonly Dictionary<Guid, HandOver> _ledger = [];

    /// <summary>How many of the next calls fail.</summary>
    public int Failures { get; set; }

    /// <summary>A call that holds one of these is refused.</summary>
    public HashSet<Guid> Refused { get; } = [];

    /// <summary>Left out of the answer, which breaks its promise: code that relies on it throws.</summary>
    public HashSet<Guid> LeftOut { get; } = [];

    public ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken)
    {
        if (Failures > 0)
        {
            Failures--;
            throw new IOException("The store is down.");
        }
        if (handOvers.Any(h => Refused.Contains(h.MessageId))) throw new EngineRefusedException("key too long");
        var stored = new List<HandOver>();
        foreach (var handOver in handOvers)
        {
            if (!_ledger.TryGetValue(handOver.MessageId, out var known) || handOver.At < known.At) _ledger[handOver.MessageId] = handOver;
            if (!LeftOut.Contains(handOver.MessageId)) stored.Add(_ledger[handOver.MessageId]);
        }
        return new(stored);
    }
}
