using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Chat.Core.Collections;

/// <summary>
/// Remembers what never changes, the recent part of it: two generations, of which the older one goes when the younger is full. So it
/// keeps no order of use on the hot path, and never forgets everything at once, which all its users would have to ask for again.
/// </summary>
/// <param name="capacity">Entries that are kept at most; at least half as many of the most recent ones are.</param>
public sealed class BoundedCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private volatile ConcurrentDictionary<TKey, TValue> _young = new();
    private volatile ConcurrentDictionary<TKey, TValue> _old = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(key, out value)) return true;
        if (!_old.TryGetValue(key, out value)) return false;
        Add(key, value);
        return true;
    }

    /// <summary>Keeps a value, and answers with the one that is kept: the first stays.</summary>
    public TValue GetOrAdd(TKey key, TValue value) => TryGet(key, out var known) ? known : Add(key, value);

    private TValue Add(TKey key, TValue value)
    {
        var young = _young;
        if (!young.TryAdd(key, value)) return young.TryGetValue(key, out var known) ? known : value;
        // Count locks the dictionary as a whole, but only something new comes here.
        if (young.Count >= (capacity + 1) / 2) Age(young);
        return value;
    }

    private void Age(ConcurrentDictionary<TKey, TValue> full)
    {
        lock (_gate)
        {
            // Somebody else was first.
            if (_young != full) return;
            _old = full;
            _young = new();
        }
    }
}
