using Chat.Core.Log;
using Chat.Engines.Kafka.Members;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>
/// The coordinator of a consumer group. Cleanly, a partition changes hands when the old owner's call has ended; from a member that it
/// takes for dead, at once, and that member goes on until it hears of it.
/// </summary>
public sealed class SimGroup
{
    // As long as a member has to let a partition go before it is taken for dead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly LogState _log;
    private readonly List<SimMember> _members = [];
    private readonly List<Slot> _slots;
    private int _turn;

    public SimGroup(LogState log, ConsumerGroup group)
    {
        (_log, Id) = (log, group);
        Topic = log.Topic(group.Topic);
        _slots = [.. Topic.Partitions.Select(_ => new Slot())];
    }

    public ConsumerGroup Id { get; }

    public SimTopic Topic { get; }

    public IReadOnlyList<SimMember> Members => _members;

    public long CommittedOf(int partition) => _slots[partition].Committed;

    /// <summary>What no unclean hand-over takes back of it.</summary>
    public long DurableOf(int partition) => _slots[partition].Durable;

    public bool IsOwner(SimMember member, int partition) => _slots[partition].Owner?.Member == member;

    public void Join(SimMember member)
    {
        if (member.Process.IsDead || member.IsLeaving) return;
        _members.Add(member);
        member.Process.OnDeath(() => _log.Scheduler.After(_log.Random.Milliseconds(500, 6000), _log.Scheduler.World, () => Expel(member)));
        _log.TraceWriter.Write(member.Process, $"joins {Id.Group}");
        Rebalance();
    }

    /// <summary>The member is leaving: its partitions go on once its calls have ended.</summary>
    public void Leave(SimMember member)
    {
        if (_members.Remove(member)) Rebalance();
    }

    /// <summary>The coordinator takes the member for dead, whether it is or not.</summary>
    public void Expel(SimMember member)
    {
        if (!_members.Remove(member)) return;
        _log.TraceWriter.Write(member.Process, $"is taken for dead in {Id.Group}");
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].Owner?.Member == member) Fence(i);
        }
        // It hears of it some time, if it lives.
        _log.Scheduler.After(_log.Random.Milliseconds(100, 6000), member.Process, member.Expelled);
        Rebalance();
    }

    /// <summary>Gives the partitions to others.</summary>
    public void Shuffle()
    {
        _turn++;
        Rebalance();
    }

    /// <summary>
    /// The topic has more partitions: every partition is given out anew, from what is committed. Owners of before hear of it some
    /// time, and go on until then.
    /// </summary>
    public void Grown()
    {
        while (_slots.Count < Topic.Partitions.Count) _slots.Add(new());
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].Owner is not { } owner) continue;
            Fence(i);
            _log.Scheduler.After(_log.Random.Milliseconds(0.1, 2000), owner.Member.Process, owner.Revoke);
        }
        Rebalance();
    }

    internal void Ended(SimClaim claim)
    {
        var slot = _slots[claim.Number];
        if (slot.Owner != claim) return;
        slot.Owner = null;
        slot.Durable = slot.Committed;
        Rebalance();
    }

    internal void Commit(SimClaim claim, long next)
    {
        var slot = _slots[claim.Number];
        if (slot.Owner != claim)
        {
            _log.TraceWriter.Write(claim.Member.Process, $"{claim.Partition}: commit {next} comes too late");
            return;
        }
        if (next <= slot.Committed) return;
        var before = slot.Committed;
        slot.Committed = next;
        _log.TraceWriter.Write(claim.Member.Process, $"{claim.Partition}: committed {next}");
        _log.Committed?.Invoke(Id, claim.Partition, before, next);
        _log.Scheduler.After(
            _log.Random.Milliseconds(10, 2000),
            _log.Scheduler.World,
            () => slot.Durable = Math.Max(slot.Durable, Math.Min(next, slot.Committed)));
    }

    private void Rebalance()
    {
        for (var i = 0; i < _slots.Count; i++)
        {
            var slot = _slots[i];
            var target = _members.Count == 0 ? null : _members[(i + _turn) % _members.Count];
            if (slot.Owner is { } owner)
            {
                if (owner.Member != target) Revoke(i, owner);
            }
            else if (target is not null)
            {
                var claim = slot.Owner = new(_log, this, target, i);
                _log.TraceWriter.Write(target.Process, $"gets {claim.Partition} from {slot.Committed}");
                _log.Scheduler.After(_log.Random.Milliseconds(0.1, 20), target.Process, () => target.Take(claim));
            }
        }
    }

    private void Revoke(int partition, SimClaim owner)
    {
        if (owner.IsRevoking) return;
        owner.IsRevoking = true;
        _log.Scheduler.After(_log.Random.Milliseconds(0.1, 50), owner.Member.Process, owner.Revoke);
        _log.Scheduler.After(Patience, _log.Scheduler.World, () =>
        {
            if (_slots[partition].Owner != owner) return;
            Expel(owner.Member);
            if (_slots[partition].Owner != owner) return;
            Fence(partition);
            Rebalance();
        });
    }

    private void Fence(int partition)
    {
        var slot = _slots[partition];
        slot.Owner = null;
        if (slot.Durable < slot.Committed && _log.Random.Chance(_log.LoseCommits))
        {
            _log.TraceWriter.Write(
                _log.Scheduler.World,
                $"{Id.Group} forgets the commit {slot.Committed} of {Topic.Name}[{partition}], back to {slot.Durable}");
            slot.Committed = slot.Durable;
        }
    }

    private sealed class Slot
    {
        public SimClaim? Owner { get; set; }

        public long Committed { get; set; }

        /// <summary>What an unclean hand-over leaves of <see cref="Committed"/> for sure.</summary>
        public long Durable { get; set; }
    }
}

/// <summary>One stay of one process in a group.</summary>
public sealed class SimMember(LogState log, SimGroup group, SimProcess process, PartitionProcessor processor)
{
    private readonly TaskCompletionSource _expelled = new();
    private readonly List<Task> _calls = [];
    private readonly List<SimClaim> _claims = [];
    private LossWatch? _losses;

    public SimGroup Group => group;

    /// <summary>The real one, on simulated offsets; null where nobody counts.</summary>
    internal LossWatch? Losses => log.CountsNoLoss ? null : _losses ??= new(
        group.Id,
        new SimLossOffsets(group),
        process.Time,
        new SimLossLogger((partition, from, count) => log.LossCounted?.Invoke(this, partition, from, count)));

    public SimProcess Process => process;

    public bool IsLeaving { get; private set; }

    public Task WhenExpelled => _expelled.Task;

    public PartitionProcessor Processor => processor;

    public void Expelled() => _expelled.TrySetResult();

    internal void Take(SimClaim claim)
    {
        if (IsLeaving)
        {
            log.Scheduler.World.Post(() => group.Ended(claim));
            return;
        }
        _claims.Add(claim);
        _calls.Add(claim.RunAsync());
    }

    /// <summary>Lets everything go and waits until its calls have ended.</summary>
    public async Task LeaveAsync()
    {
        IsLeaving = true;
        foreach (var claim in _claims.ToArray()) claim.Revoke();
        await Task.WhenAll(_calls);
    }
}
