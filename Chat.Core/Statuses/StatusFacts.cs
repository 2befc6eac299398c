using System.Runtime.CompilerServices;

namespace Chat.Core.Statuses;

/// <summary>
/// All that is known of a message, a slot for each <see cref="StatusKind"/>: a join-semilattice. Statuses arrive late, twice and out of
/// order; whatever the order, the merged facts are the same, and what is shown of them never goes backwards.
/// </summary>
public readonly struct StatusFacts : IEquatable<StatusFacts>
{
    /// <summary>Nothing known: the message is accepted.</summary>
    public static readonly StatusFacts None;

    private readonly Slots _slots;

    private StatusFacts(in Slots slots) => _slots = slots;

    /// <summary>The one fact of a kind; null is "not known".</summary>
    public Fact? this[StatusKind kind] => _slots[StatusKinds.Slot(kind)];

    /// <summary>What is shown, by <see cref="StatusKinds.Rank"/>; ACCEPTED where nothing is known.</summary>
    public MessageStatus Status => (MessageStatus)Shown;

    /// <summary>The fact that <see cref="Status"/> comes from; null for ACCEPTED.</summary>
    public Fact? Decisive => Shown is var kind and not 0 ? this[kind] : null;

    /// <summary>Why the message failed, where FAILED is what is shown.</summary>
    public string? Reason => Shown == StatusKind.Failed ? this[StatusKind.Failed]?.Reason : null;

    // 0 where nothing is known.
    private StatusKind Shown
    {
        get
        {
            foreach (var kind in StatusKinds.Rank)
            {
                if (_slots[StatusKinds.Slot(kind)].HasValue) return kind;
            }
            return 0;
        }
    }

    /// <summary>The facts of a row, asked for kind by kind.</summary>
    public static StatusFacts Create<TRow>(TRow row, Func<TRow, StatusKind, Fact?> read)
    {
        Slots slots = default;
        foreach (var kind in StatusKinds.All) slots[StatusKinds.Slot(kind)] = read(row, kind);
        return new(slots);
    }

    /// <summary>These facts and one more.</summary>
    public StatusFacts With(StatusKind kind, in Fact fact)
    {
        var slots = _slots;
        ref var slot = ref slots[StatusKinds.Slot(kind)];
        slot = Fact.Merge(slot, fact);
        return new(slots);
    }

    /// <summary>These facts but for one kind.</summary>
    public StatusFacts Without(StatusKind kind)
    {
        var slots = _slots;
        slots[StatusKinds.Slot(kind)] = null;
        return new(slots);
    }

    /// <summary>All that either side knows.</summary>
    public static StatusFacts Merge(in StatusFacts left, in StatusFacts right)
    {
        var slots = left._slots;
        for (var i = 0; i < StatusKinds.Count; i++) slots[i] = Fact.Merge(slots[i], right._slots[i]);
        return new(slots);
    }

    public bool Equals(StatusFacts other)
    {
        for (var i = 0; i < StatusKinds.Count; i++)
        {
            if (_slots[i] != other._slots[i]) return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => obj is StatusFacts other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        for (var i = 0; i < StatusKinds.Count; i++) hash.Add(_slots[i]);
        return hash.ToHashCode();
    }

    /// <summary>What is known, for people: <c>SENT = Fact { … }, READ = Fact { … }</c>.</summary>
    public override string ToString()
    {
        var facts = this;
        return string.Join(", ", StatusKinds.All.Where(k => facts[k] is not null).Select(k => $"{StatusNames.Format(k)} = {facts[k]}"));
    }

    public static bool operator ==(StatusFacts left, StatusFacts right) => left.Equals(right);

    public static bool operator !=(StatusFacts left, StatusFacts right) => !left.Equals(right);

    [InlineArray(StatusKinds.Count)]
    private struct Slots
    {
        private Fact? _first;
    }
}
