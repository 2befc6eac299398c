using Chat.Core.Log;

namespace Chat.Engines.Embedded.Log;

/// <summary>
/// The most recent events of a partition in a ring. Their offsets have no holes, since one writer numbers them, so that an offset says
/// where its event is.
/// </summary>
internal sealed class LogTail
{
    private LogEvent[] _ring = new LogEvent[64];
    private int _first;

    public int Count { get; private set; }

    public long FirstOffset => _ring[_first].Offset;

    public void Add(LogEvent e)
    {
        if (Count == _ring.Length) Grow();
        _ring[(_first + Count) & (_ring.Length - 1)] = e;
        Count++;
    }

    public LogEvent RemoveFirst()
    {
        var e = _ring[_first];
        _ring[_first] = null!;
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
        return e;
    }

    /// <summary>The events from an offset on that is in the tail.</summary>
    public LogEvent[] From(long offset, int max)
    {
        var skip = (int)(offset - FirstOffset);
        var events = new LogEvent[Math.Min(max, Count - skip)];
        for (var i = 0; i < events.Length; i++) events[i] = _ring[(_first + skip + i) & (_ring.Length - 1)];
        return events;
    }

    private void Grow()
    {
        var larger = new LogEvent[_ring.Length * 2];
        for (var i = 0; i < Count; i++) larger[i] = _ring[(_first + i) & (_ring.Length - 1)];
        (_ring, _first) = (larger, 0);
    }
}
