using Chat.Core.Frames;
using Chat.Core.Statuses;

namespace Chat.Api.Hub.Feeds;

/// <summary>What to do with a payload.</summary>
public enum FeedVerdict
{
    /// <summary>Nothing: it was seen before, or waits for a repair that is under way.</summary>
    None,

    /// <summary>Give it to the subscribers.</summary>
    Deliver,

    /// <summary>Read the changes after <see cref="FeedMachine.Last"/>, and give them to <see cref="FeedMachine.Repaired"/>.</summary>
    Repair,
}

/// <summary>One change to deliver: as it was published, trace and all, where that came; as the store has it otherwise.</summary>
public readonly record struct FeedItem(BusPayload? Payload, StatusChange? Change)
{
    public long Seq => Payload?.Seq ?? Change!.Seq;
}

/// <summary>What a read of the store brought.</summary>
/// <param name="Items">To deliver, in this order.</param>
/// <param name="Lost">The store no longer has everything: subscribers must load the page.</param>
/// <param name="ReadAgain">Not done: read on, after <see cref="FeedMachine.Last"/> as it is now.</param>
/// <param name="ReadLater">
/// How many reads in a row, 7 at most, did not lead up to a payload that is held; 0 where there is none. After a pause, the longer the
/// more there were, call <see cref="FeedMachine.TryReadLater"/>.
/// </param>
public readonly record struct RepairStep(IReadOnlyList<FeedItem> Items, bool Lost, bool ReadAgain, int ReadLater);

/// <summary>
/// Decides what a conversation's subscribers get, without I/O: every change once, in the order of <c>seq</c>, without a gap. What was
/// delivered last moves only by what the store shows or by an unbroken <c>prev</c>: a payload may lie, and a read may be behind. Not
/// for use by several threads at once.
/// </summary>
/// <param name="maxHeld">Payloads held until the store leads up to them; with more, they are forgotten and read from the store.</param>
public sealed class FeedMachine(int maxHeld)
{
    /// <summary>
    /// How many times a payload is looked for that the store does not lead up to: it may be behind, or the payload may be none of ours.
    /// After that it is forgotten, and the slow check of the head finds what there is.
    /// </summary>
    public const int MostLooks = 7;

    // Reads in a row that may fail to explain a payload before what comes next waits for the pause too: a stream of payloads that are none
    // of ours must not make a stream of reads.
    private const int FreeMisses = 2;

    private static readonly List<Held> Nothing = [];

    // Made for the first that is held: most conversations hold nothing at any time.
    private List<Held> _held = Nothing;
    private bool _reading = true;
    private bool _started;
    private bool _overflowed;

    // Reads in a row after which something was held that they should have led up to.
    private int _misses;

    // The highest head that was seen during the read that is under way, which may have begun before the changes up to it existed.
    private long _headSeen;

    /// <summary>The last number that was delivered, or that counts as known.</summary>
    public long Last { get; private set; }

    /// <summary>Whether <see cref="Last"/> is known, so that subscribers may start from it.</summary>
    public bool IsStarted => _started;

    /// <summary>The conversation's head, read once the bus subscription was active. Answers whether to read on at once.</summary>
    public RepairStep Started(long head)
    {
        _started = true;
        Last = head;
        return Settle([], lost: false);
    }

    /// <summary>A payload from the bus.</summary>
    public FeedVerdict Published(BusPayload payload)
    {
        if (payload.Seq is not { } seq) return FeedVerdict.Deliver;
        if (_started && seq <= Last) return FeedVerdict.None;
        if (Follows(payload))
        {
            Last = seq;
            return FeedVerdict.Deliver;
        }
        // It waits already, and is being looked for.
        if (_held.Exists(h => h.Payload.Seq == seq && h.Payload.Prev == payload.Prev)) return FeedVerdict.None;
        var isWaiting = _misses > FreeMisses && (_held.Count > 0 || _overflowed);
        Hold(payload);
        if (_reading || isWaiting) return FeedVerdict.None;
        BeginRead();
        return FeedVerdict.Repair;
    }

    /// <summary>A payload that was held and follows what was delivered now; null where there is none. To be delivered.</summary>
    public BusPayload? TakeFollowing()
    {
        if (_held.Count == 0 || _held.FindIndex(h => Follows(h.Payload)) is not (>= 0 and var index)) return null;
        var payload = _held[index].Payload;
        _held.RemoveAt(index);
        Last = payload.Seq!.Value;
        return payload;
    }

    /// <summary>The store's head, from a look at many conversations. Answers whether to repair.</summary>
    public bool HeadSeen(long head)
    {
        if (head <= Last) return false;
        if (_reading)
        {
            _headSeen = Math.Max(_headSeen, head);
            return false;
        }
        BeginRead();
        return true;
    }

    /// <summary>The pause after <c>ReadLater</c> is over. Answers whether to read; not while a read is under way.</summary>
    public bool TryReadLater()
    {
        if (_reading || (!_overflowed && !_held.Exists(h => h.Payload.Seq > Last))) return false;
        BeginRead();
        return true;
    }

    /// <summary>What the store has after <see cref="Last"/>.</summary>
    /// <param name="limit">What the read asked for: a full page means that there may be more.</param>
    public RepairStep Repaired(ChangePage page, int limit)
    {
        var items = page.Changes.Where(c => c.Seq > Last).Select(c => new FeedItem(_held.Find(h => h.IsOf(c))?.Payload, c)).ToList();
        if (items.Count > 0) Last = items[^1].Seq;
        if (!page.Complete && page.Head > Last) Last = page.Head;
        if (page.Changes.Count >= limit) return new(items, !page.Complete, ReadAgain: true, ReadLater: 0);
        return Settle(items, !page.Complete);
    }

    // Nothing is missing before it, unless something that is being looked for lies before it: of two owners of a partition one may not
    // know of it.
    private bool Follows(BusPayload payload) => _started && payload.Prev == Last && payload.Seq > Last
        && !_held.Exists(h => h.Payload.Seq > Last && h.Payload.Seq < payload.Seq && (_reading || !h.IsCovered));

    private RepairStep Settle(List<FeedItem> items, bool lost)
    {
        var (again, missed, blocked) = (_overflowed, false, false);
        // By number, as the conversation's changes are.
        foreach (var held in _held.OrderBy(h => h.Payload.Seq).ToList())
        {
            var payload = held.Payload;
            if (payload.Seq <= Last) continue;
            if (payload.Prev == Last && !blocked)
            {
                items.Add(new(payload, null));
                Last = payload.Seq!.Value;
            }
            // The next read has its change, where this one may have begun too early.
            else if (!held.IsCovered) again = blocked = true;
            else
            {
                held.Looks++;
                missed = true;
            }
        }
        _misses = missed ? _misses + 1 : 0;
        _held.RemoveAll(h => h.Payload.Seq <= Last || h.Looks > MostLooks);
        again = _headSeen > Last || (again && _misses <= FreeMisses);
        if (again) BeginRead();
        else _reading = false;
        var later = !again && (_held.Count > 0 || _overflowed);
        return new(items, lost, again, later ? Math.Clamp(_misses, 1, MostLooks) : 0);
    }

    private void BeginRead()
    {
        _reading = true;
        foreach (var held in _held) held.IsCovered = true;
        _headSeen = 0;
        _overflowed = false;
    }

    private void Hold(BusPayload payload)
    {
        if (_held.Count >= maxHeld)
        {
            // They are all in the store: one more read brings them.
            _held = Nothing;
            _overflowed = true;
            return;
        }
        if (_held == Nothing) _held = [];
        _held.Add(new(payload));
    }

    private sealed class Held(BusPayload payload)
    {
        public BusPayload Payload { get; } = payload;

        /// <summary>It came before the read that is under way began, or before the last one: where its change is, that has it.</summary>
        public bool IsCovered { get; set; }

        /// <summary>Reads that should have led up to it and did not.</summary>
        public int Looks { get; set; }

        public bool IsOf(StatusChange change) => Payload.Seq == change.Seq
            && (Payload.MessageId is not { } message || message == change.MessageId);
    }
}
