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
/// How many times at least a payload was looked for that the store does not lead up to; 0 where there is none. After a pause, the longer
/// the more times it was, call <see cref="FeedMachine.TryReadLater"/>.
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

    private readonly List<Held> _held = [];
    private bool _reading = true;
    private bool _started;
    private bool _overflowed;

    // The read that is under way was begun for payloads that wait.
    private bool _readingLater;

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
        // It waits already, and is being looked for.
        if (payload.Prev != Last && _held.Exists(h => h.Payload.Seq == seq && h.Payload.Prev == payload.Prev)) return FeedVerdict.None;
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

    /// <summary>The pause after <see cref="RepairStep.ReadLater"/> is over. Answers whether to read; not where a read is under way.</summary>
    public bool TryReadLater()
    {
        if (_reading || !_held.Exists(h => h.Payload.Seq > Last)) return false;
        BeginRead();
        _readingLater = true;
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

    private RepairStep Settle(List<FeedItem> items, bool lost)
    {
        var again = _overflowed;
        // By number, as the conversation's changes are.
        foreach (var held in _held.OrderBy(h => h.Payload.Seq).ToList())
        {
            var payload = held.Payload;
            if (payload.Seq <= Last) continue;
            if (payload.Prev == Last)
            {
                items.Add(new(payload, null));
                Last = payload.Seq!.Value;
            }
            else if (!held.IsCovered)
            {
                // The next read has its change, where this one may have begun too early.
                again = true;
                break;
            }
        }
        again |= _headSeen > Last;
        _overflowed = false;
        if (_readingLater)
        {
            foreach (var held in _held.Where(h => h.IsCovered)) held.Looks++;
        }
        _readingLater = false;
        _held.RemoveAll(h => h.Payload.Seq <= Last || h.Looks >= MostLooks);
        if (again) BeginRead();
        else _reading = false;
        return new(items, lost, again, again || _held.Count == 0 ? 0 : _held.Min(h => h.Looks) + 1);
    }

    private void BeginRead()
    {
        _reading = true;
        foreach (var held in _held) held.IsCovered = true;
        _headSeen = 0;
    }

    private void Hold(BusPayload payload)
    {
        if (_held.Count >= maxHeld)
        {
            // They are all in the store: one more read brings them.
            _held.Clear();
            _overflowed = true;
            return;
        }
        _held.Add(new(payload));
    }

    private sealed class Held(BusPayload payload)
    {
        public BusPayload Payload { get; } = payload;

        /// <summary>It came before the read that is under way began, or before the last one: where its change is, that has it.</summary>
        public bool IsCovered { get; set; }

        /// <summary>Reads that were made for it and did not lead up to it, after the first.</summary>
        public int Looks { get; set; }

        public bool IsOf(StatusChange change) => Payload.Seq == change.Seq
            && (Payload.MessageId is not { } message || message == change.MessageId);
    }
}
