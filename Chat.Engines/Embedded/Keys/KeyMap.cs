namespace Chat.Engines.Embedded.Keys;

/// <summary>
/// Finds the rows of keys by their digest, in 11 to 22 bytes a row. It has 24 bits of each digest, so it may name a row of another key too.
/// For one thread at a time.
/// </summary>
internal sealed class KeyMap
{
    // Above them the digest's bits. At 5,000 keys a second they are enough for seven years.
    private const int IdBits = 40;
    private const ulong IdMask = (1UL << IdBits) - 1;
    private const int FewestSlots = 16;

    // Open addressing, one slot after the other; 0 where a slot is free.
    private ulong[] _slots = new ulong[FewestSlots];
    private int _count;

    public void Add(KeyPlace place)
    {
        // Three quarters full at most.
        if ((_count + 1) * 4L > _slots.Length * 3L) Resize(_slots.Length * 2);
        Insert(EntryOf(place));
        _count++;
    }

    /// <summary>The ids of the rows that may have a digest.</summary>
    public IEnumerable<long> Find(long digest)
    {
        var wanted = (ulong)digest >> IdBits;
        for (var i = SlotOf(wanted); _slots[i] != 0; i = Next(i))
        {
            if (_slots[i] >> IdBits == wanted) yield return (long)(_slots[i] & IdMask);
        }
    }

    /// <summary>Does nothing where it isn't there.</summary>
    public void Remove(KeyPlace place)
    {
        var entry = EntryOf(place);
        var hole = SlotOf(entry >> IdBits);
        while (_slots[hole] != entry)
        {
            if (_slots[hole] == 0) return;
            hole = Next(hole);
        }
        // Entries further on move up, but those that would come before their own slot then.
        for (var i = Next(hole); _slots[i] != 0; i = Next(i))
        {
            var home = SlotOf(_slots[i] >> IdBits);
            if (Distance(home, i) < Distance(hole, i)) continue;
            _slots[hole] = _slots[i];
            hole = i;
        }
        _slots[hole] = 0;
        _count--;
        if (_slots.Length > FewestSlots && _count * 8L < _slots.Length) Resize(_slots.Length / 2);
    }

    private static ulong EntryOf(KeyPlace place) => ((ulong)place.Digest & ~IdMask) | ((ulong)place.Id & IdMask);

    private void Insert(ulong entry)
    {
        var slot = SlotOf(entry >> IdBits);
        while (_slots[slot] != 0) slot = Next(slot);
        _slots[slot] = entry;
    }

    private void Resize(int slots)
    {
        var old = _slots;
        _slots = new ulong[slots];
        foreach (var entry in old)
        {
            if (entry != 0) Insert(entry);
        }
    }

    private int SlotOf(ulong digestBits) => (int)(digestBits & (ulong)(_slots.Length - 1));

    private int Next(int slot) => (slot + 1) & (_slots.Length - 1);

    private int Distance(int from, int to) => (to - from) & (_slots.Length - 1);
}
