using System.Reflection;
using Chat.Core.Store;

namespace Chat.Tests.Connectors;

/// <summary>The part of a store that a connector uses: the ledger of what was handed over.</summary>
public class LedgerStore : DispatchProxy
{
    private readonly Dictionary<Guid, HandOver> _ledger = [];

    /// <summary>How many of the next calls fail.</summary>
    public int Failures { get; set; }

    public static (IMessageStore Store, LedgerStore Ledger) Create()
    {
        var store = Create<IMessageStore, LedgerStore>();
        return (store, (LedgerStore)store);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name != nameof(IMessageStore.RecordHandOversAsync)) throw new NotSupportedException(targetMethod?.Name);
        if (Failures > 0)
        {
            Failures--;
            throw new IOException("The store is down.");
        }
        var standing = new List<HandOver>();
        foreach (var handOver in (IReadOnlyList<HandOver>)args![0]!)
        {
            if (!_ledger.TryGetValue(handOver.MessageId, out var known) || handOver.At < known.At) _ledger[handOver.MessageId] = handOver;
            standing.Add(_ledger[handOver.MessageId]);
        }
        return new ValueTask<IReadOnlyList<HandOver>>(standing);
    }
}
