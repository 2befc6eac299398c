namespace Chat.Core.Limits;

/// <summary>
/// A token bucket on the monotonic clock: <paramref name="burst"/> tokens at once, <paramref name="perSecond"/> in the long run; no
/// limit where that is 0. Not for use by several threads at once.
/// </summary>
public sealed class TokenBucket(int burst, int perSecond, TimeProvider time)
{
    private double _left = burst;
    private long _since = time.GetTimestamp();

    /// <summary>Whether it is as good as a new one.</summary>
    public bool IsFull
    {
        get
        {
            Refill();
            return _left >= burst;
        }
    }

    /// <summary>Takes what something costs, or nothing. What costs more than the burst is let through by a full bucket.</summary>
    /// <param name="wait">Where there are too few: after how long there will be enough, if nobody else takes any.</param>
    public bool TryTake(int cost, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (perSecond == 0) return true;
        Refill();
        var needed = Math.Min(cost, burst);
        if (_left < needed)
        {
            wait = TimeSpan.FromSeconds((needed - _left) / perSecond);
            return false;
        }
        _left -= needed;
        return true;
    }

    /// <summary>Takes in any case, on credit where there are too few, and answers with how long to wait in return.</summary>
    public TimeSpan Borrow(int cost)
    {
        if (perSecond == 0) return TimeSpan.Zero;
        Refill();
        _left -= cost;
        return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond);
    }

    /// <summary>Gives back what was taken for something that was not done.</summary>
    public void Return(int cost) => _left = Math.Min(burst, _left + cost);

    private void Refill()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(burst, _left + (time.GetElapsedTime(_since, now).TotalSeconds * perSecond));
        _since = now;
    }
}
