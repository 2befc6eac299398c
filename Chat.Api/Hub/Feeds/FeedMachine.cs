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
public readonly record struct RepairStep(IReadOnlyList<FeedItem> Items, bool Lost, bool ReadAgain);

/// <summary>
/// Decides what a conversation's subscribers get, without I/O: every change once, in the order of <c>seq</c>, without a gap. Not
/// for use by several threads at once.
/// </summary>
/// <param name="maxHeld">Payloads held during a repair; with more, they are forgotten and read from the store.</param>
public sealed class FeedMachine(int maxHeld)
{
    private readonly List<BusPayload> _held = [];
    private bool _reading = true;
    private bool _started;
    private bool _overflowed;

    // How many of _held, from the first, came before the read that is under way began: it will have their changes too.
    private int _covered;

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
        if (_reading)
        {
            Hold(payload);
            return FeedVerdict.None;
        }
        if (payload.Prev == Last)
        {
            Last = seq;
            return FeedVerdict.Deliver;
        }
        Hold(payload);
        BeginRead();
        return FeedVerdict.Repair;
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

    /// <summary>What the store has after <see cref="Last"/>.</summary>
    /// <param name="limit">What the read asked for: a full page means that there may be more.</param>
    public RepairStep Repaired(ChangePage page, int limit)
    {
        var items = page.Changes.Where(c => c.Seq > Last).Select(c => new FeedItem(_held.Find(p => p.Seq == c.Seq), c)).ToList();
        if (items.Count > 0) Last = items[^1].Seq;
        if (!page.Complete && page.Head > Last) Last = page.Head;
        if (page.Changes.Count >= limit) return new(items, !page.Complete, ReadAgain: true);
        return Settle(items, !page.Complete);
    }

    private RepairStep Settle(List<FeedItem> items, bool lost)
    {
        var again = _overflowed;
        // By number, as the conversation's changes are; what a finished read covered is no reason to read once more.
        foreach (var (payload, covered) in _held.Select((p, i) => (p, i < _covered)).OrderBy(h => h.p.Seq).ToList())
        {
            if (payload.Seq <= Last) continue;
            if (payload.Prev != Last && !covered)
            {
                again = true;
                break;
            }
            items.Add(new(payload, null));
            Last = payload.Seq!.Value;
        }
        again |= _headSeen > Last;
        _overflowed = false;
        _held.RemoveAll(p => p.Seq <= Last);
        if (again) BeginRead();
        else _reading = false;
        return new(items, lost, again);
    }

    private void BeginRead()
    {
        _reading = true;
        _covered = _held.Count;
        _headSeen = 0;
    }

    private void Hold(BusPayload payload)
    {
        if (_held.Count >= maxHeld)
        {
            // They are all in the store: one more read brings them.
            _held.Clear();
            _covered = 0;
            _overflowed = true;
            return;
        }
        _held.Add(payload);
    }
}
