namespace Chat.Core.Limits;

/// <summary>A <see cref="TokenBucket"/> for each user, organization or address. Those that are full again are forgotten.</summary>
public sealed class TokenBuckets<TKey>(int burst, int perSecond, TimeProvider time)
    where TKey : notnull
{
    // So few that looking for full ones is not worth it.
    private const int Few = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, TokenBucket> _buckets = [];
    private int _tidyAt = Few;

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _buckets.Count;
        }
    }

    /// <inheritdoc cref="TokenBucket.TryTake"/>
    public bool TryTake(TKey key, int cost, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (perSecond == 0) return true;
        lock (_gate) return Find(key).TryTake(cost, out wait);
    }

    /// <summary>Takes what something that is done anyway costs, on credit where there is too little.</summary>
    public void Charge(TKey key, int cost)
    {
        if (perSecond == 0) return;
        lock (_gate) Find(key).Borrow(cost);
    }

    /// <summary>Takes what something costs, and waits until there is so much; in the order of the calls.</summary>
    public async ValueTask TakeAsync(TKey key, int cost, CancellationToken cancellationToken)
    {
        if (perSecond == 0) return;
        TimeSpan wait;
        lock (_gate) wait = Find(key).Borrow(cost);
        if (wait == TimeSpan.Zero) return;
        try
        {
            await Task.Delay(wait, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate) Find(key).Return(cost);
            throw;
        }
    }

    private TokenBucket Find(TKey key)
    {
        if (_buckets.TryGetValue(key, out var bucket)) return bucket;
        if (_buckets.Count >= _tidyAt)
        {
            foreach (var (full, _) in _buckets.Where(b => b.Value.IsFull).ToList()) _buckets.Remove(full);
            // At twice as many, so that looking through all of them is rare.
            _tidyAt = Math.Max(Few, _buckets.Count * 2);
        }
        return _buckets[key] = new(burst, perSecond, time);
    }
}
