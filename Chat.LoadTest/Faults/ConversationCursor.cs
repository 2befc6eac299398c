namespace Chat.LoadTest.Faults;

/// <summary>Where a client stands in one conversation: the rules of frontend-example/chat-status-client.js.</summary>
internal sealed class ConversationCursor(Guid conversation)
{
    private enum Phase
    {
        Asked,
        Loading,
        Live,
    }

    private Phase _phase;
    private long? _last;
    private long? _asked;
    private long? _head;
    private long? _live;

    public Guid Conversation { get; } = conversation;

    /// <summary>Rises with each subscription: what an earlier one still has under way is void.</summary>
    public int Generation { get; private set; }

    /// <summary>A new subscription; answers with its <c>since</c>.</summary>
    public long? Begin()
    {
        Generation++;
        _phase = Phase.Asked;
        _asked = _last;
        _head = null;
        _live = null;
        return _asked;
    }

    /// <summary>Whether the page has to be loaded.</summary>
    public bool Subscribed(long? seq, bool? recovered)
    {
        _live = null;
        _head = seq;
        if (_asked is null && recovered is null)
        {
            _last = _head ?? _last;
            _phase = Phase.Live;
            return false;
        }
        _phase = recovered is true ? Phase.Live : Phase.Loading;
        return _phase == Phase.Loading;
    }

    /// <summary>Whether a frame is new.</summary>
    public bool Take(long seq)
    {
        // Until the page is here, the last known number stays: should the socket drop now, the gap is asked for again.
        ref var place = ref _phase == Phase.Live ? ref _last : ref _live;
        if (seq <= place) return false;
        place = seq;
        return true;
    }

    /// <summary>Whether a page of that <c>seq</c> closes the gap.</summary>
    public bool Loaded(long seq)
    {
        var closes = _head is null || seq >= _head;
        _last = closes ? Math.Max(seq, _live ?? seq) : seq;
        if (closes) _phase = Phase.Live;
        return closes;
    }
}
