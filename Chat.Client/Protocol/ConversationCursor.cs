namespace Chat.Client.Protocol;

/// <summary>
/// Where a client stands in one conversation. Decides, and does nothing: <see cref="Begin"/> gives the <c>since</c> to send,
/// <see cref="Subscribed"/> says whether the pages have to be loaded, <see cref="Take"/> whether a frame is new,
/// <see cref="Loaded"/> whether the pages close the gap.
/// </summary>
public sealed class ConversationCursor
{
    private enum Phase
    {
        Idle,
        Asked,
        Loading,
        Live,
    }

    private Phase _phase;
    private long? _asked;
    private long? _head;

    // The last frame of this subscription while what came before it is still missing.
    private long? _live;

    /// <param name="since">Where it starts; null for wherever the conversation is.</param>
    public ConversationCursor(long? since = null) => Last = since;

    /// <summary>Everything up to here is known.</summary>
    public long? Last { get; private set; }

    /// <summary>Rises with each subscription: what an earlier one still has under way is void.</summary>
    public int Generation { get; private set; }

    /// <summary>The conversation's number when the subscription began; null where it is not known. What is above it is live.</summary>
    public long? Head => _head;

    /// <summary>Nothing is missing.</summary>
    public bool IsLive => _phase == Phase.Live;

    /// <summary>An answer is waited for.</summary>
    public bool IsAsked => _phase == Phase.Asked;

    /// <summary>
    /// It went back while an answer was under way, which is to the subscription from further on: that counts for nothing, and once it is
    /// here, or refused, <see cref="Begin"/> follows.
    /// </summary>
    public bool AsksAgain { get; private set; }

    /// <summary>Goes back to where somebody else starts; false where it is not further than that.</summary>
    public bool Rewind(long since)
    {
        if (Last <= since) return false;
        Last = since;
        AsksAgain = IsAsked;
        return true;
    }

    /// <summary>Begins a subscription; answers with what to send as <c>since</c>.</summary>
    public long? Begin()
    {
        Generation++;
        AsksAgain = false;
        _phase = Phase.Asked;
        _asked = Last;
        (_head, _live) = (null, null);
        return _asked;
    }

    /// <summary>The server answered. True where the pages have to be loaded.</summary>
    public bool Subscribed(long? seq, bool? recovered)
    {
        _live = null;
        _head = seq;
        // Without `since` there is nothing to recover, but the server may lose its place later, and says so in the same frame.
        if (_asked is null && recovered != false)
        {
            Last = _head ?? Last;
            _phase = Phase.Live;
            return false;
        }
        _phase = recovered == true ? Phase.Live : Phase.Loading;
        return _phase == Phase.Loading;
    }

    /// <summary>The server has no subscription: there is no answer to wait for, and what is under way of one is void.</summary>
    public void Refused()
    {
        Generation++;
        AsksAgain = false;
        _phase = Phase.Idle;
    }

    /// <summary>A frame came. True where it is new.</summary>
    public bool Take(long seq)
    {
        if (_phase == Phase.Live)
        {
            if (seq <= Last) return false;
            Last = seq;
            return true;
        }
        // Until the pages are here, Last stays where it is: should the socket drop now, the gap is asked for again.
        if (seq <= _live) return false;
        _live = seq;
        return true;
    }

    /// <summary>The pages are here. True where they close the gap.</summary>
    /// <param name="seq">The first page's number; null where the server gave none.</param>
    public bool Loaded(long? seq)
    {
        var reached = seq ?? Math.Max(_head ?? 0, _live ?? 0);
        var closes = _head is null || reached >= _head;
        Last = closes ? Math.Max(reached, _live ?? reached) : reached;
        if (closes) _phase = Phase.Live;
        return closes;
    }
}
