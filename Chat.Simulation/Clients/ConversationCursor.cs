namespace Chat.Simulation.Clients;

/// <summary>Where a client stands in one conversation; the same decisions as the JavaScript client's.</summary>
public sealed class ConversationCursor(Guid id, long? since)
{
    private enum Phase
    {
        Idle,
        Asked,
        Loading,
        Live,
    }

    private Phase _phase = Phase.Idle;
    private long? _asked;
    private long? _head;
    private long? _live;

    public Guid Id => id;

    /// <summary>Everything up to here is known.</summary>
    public long? Last { get; private set; } = since;

    public int Generation { get; private set; }

    public bool IsLive => _phase == Phase.Live;

    /// <summary>Begins a subscription; answers with what to send as <c>since</c>.</summary>
    public long? Begin()
    {
        Generation++;
        _phase = Phase.Asked;
        _asked = Last;
        (_head, _live) = (null, null);
        return _asked;
    }

    /// <summary>Answers whether the page has to be loaded.</summary>
    public bool Subscribed(long seq, bool? recovered)
    {
        _live = null;
        _head = seq;
        if (_asked is null && recovered is null)
        {
            Last = seq;
            _phase = Phase.Live;
            return false;
        }
        _phase = recovered == true ? Phase.Live : Phase.Loading;
        return _phase == Phase.Loading;
    }

    /// <summary>Whether a frame is new.</summary>
    public bool Take(long seq)
    {
        if (_phase == Phase.Live)
        {
            if (Last is { } last && seq <= last) return false;
            Last = seq;
            return true;
        }
        // Until the page is here, Last stays where it is: should the socket drop now, the gap is asked for again.
        if (_live is { } live && seq <= live) return false;
        _live = seq;
        return true;
    }

    /// <summary>A page is here; answers whether it closes the gap.</summary>
    public bool Loaded(long seq)
    {
        var closes = _head is not { } head || seq >= head;
        Last = closes ? Math.Max(seq, _live ?? seq) : seq;
        if (closes) _phase = Phase.Live;
        return closes;
    }
}
