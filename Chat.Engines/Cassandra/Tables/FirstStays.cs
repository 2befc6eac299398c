namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Write timestamps for what is written once and left as it is: each is below all before it, so that a later write of the same
/// cell changes nothing. Between processes the order is that of their clocks; they would have to write different values within
/// the clocks' difference for that to show: two answers to one try may.
/// </summary>
internal sealed class FirstStays(TimeProvider time)
{
    private const long TicksPerUnit = TimeSpan.TicksPerMicrosecond * 10;

    private long _last = long.MaxValue;

    /// <summary>One for all cells of a write, so that they stay together.</summary>
    public long Next()
    {
        var now = CellTimes.Top - (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TicksPerUnit;
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Min(now, last - 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last) return next;
        }
    }
}
