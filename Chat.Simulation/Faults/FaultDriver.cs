using Chat.Core.Frames;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Simulation.Nodes;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Faults;

/// <summary>Causes the plan's faults at moments that the seed picks, and then lets everything recover.</summary>
public sealed class FaultDriver(World world)
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(3);

    private const int MostPartitions = 6;

    private readonly SimRandom _random = world.Random.Fork();
    private bool _over;

    private SimScheduler Scheduler => world.Scheduler;

    private Plan Plan => world.Plan;

    public void Start()
    {
        Repeat(Plan.Crashes, Crash);
        Repeat(Plan.Restarts, Restart);
        Repeat(Plan.Pauses, Pause);
        Repeat(Plan.Rebalances, Rebalance);
        Repeat(Plan.BusBreaks, BreakBus);
        Repeat(Plan.BusOutages, BusOutage);
        Repeat(Plan.EngineOutages, EngineOutage);
        Repeat(Plan.ClientTroubles, TroubleClient);
        Repeat(Plan.SlowReaders, SlowDown);
        Repeat(Plan.Growths, Grow);
        Repeat(Plan.Unreadables, HideForAWhile);
        Repeat(Plan.ClockSteps, StepClock);
        Repeat(Plan.ForeignPayloads, PublishForeign);
        Repeat(Plan.Losses, LoseEvents);
        Repeat(Plan.FullDisks, FillDisk);
        if (Plan.StaysUnreadable)
            Scheduler.After(_random.Milliseconds(1000, 20_000), Scheduler.World, () => world.KeepUnreadable(PickConversation()));
        if (Plan.Retention is { } retention) Trim(retention);
        Scheduler.After(Plan.Faults, Scheduler.World, Stop);
    }

    private void Stop()
    {
        _over = true;
        world.TraceWriter.Write(Scheduler.World, $"no more faults from here on");
        foreach (var faults in world.AllFaults) faults.Clear();
        world.Store.Lag = TimeSpan.Zero;
        world.Store.Unreadable.RemoveWhere(c => c != world.KeptUnreadable);
        (world.Bus.DropSilently, world.Bus.Slow) = (0, 0);
        foreach (var node in world.Nodes.ToArray()) node.Process.Resume();
        foreach (var user in world.Users)
        {
            user.Client.Process.Resume();
            if (user.Client.Rate > 0) user.Client.ReadAt(1_000_000);
        }
    }

    /// <param name="perMinute">On average; the pauses between are exponential.</param>
    private void Repeat(double perMinute, Action fault)
    {
        if (perMinute <= 0) return;
        var pause = TimeSpan.FromMinutes(-Math.Log(1 - _random.NextDouble()) / perMinute);
        Scheduler.After(pause, Scheduler.World, () =>
        {
            if (_over) return;
            fault();
            Repeat(perMinute, fault);
        });
    }

    private Node? PickNode() => world.Nodes.Count == 0 ? null : _random.Pick(world.Nodes);

    private void Crash()
    {
        if (PickNode() is not { } node) return;
        node.Crash();
        Scheduler.After(_random.Milliseconds(50, 6000), Scheduler.World, () => node.Again().Start());
    }

    private void Restart()
    {
        if (PickNode() is not { IsStopping: false } node) return;
        node.Stop();
        Scheduler.After(_random.Milliseconds(0, 4000), Scheduler.World, () => node.Again().Start());
        // A process that does not end in time is killed.
        Scheduler.After(_random.Milliseconds(500, 8000), Scheduler.World, node.Crash);
    }

    private void Pause()
    {
        if (PickNode() is not { } node) return;
        var length = _random.Milliseconds(50, 10_000);
        world.TraceWriter.Write(node.Process, $"pauses for {length.TotalSeconds:F2} s");
        node.Process.Pause(length);
        Scheduler.After(SessionTimeout, Scheduler.World, () =>
        {
            if (!node.Process.IsPaused) return;
            foreach (var group in world.Log.Groups)
            {
                foreach (var member in group.Members.Where(m => m.Process == node.Process).ToArray()) group.Expel(member);
            }
        });
    }

    private void Rebalance()
    {
        var groups = world.Log.Groups.Where(g => g.Members.Count > 0).ToList();
        if (groups.Count == 0) return;
        var group = _random.Pick(groups);
        if (_random.Chance(0.5)) group.Shuffle();
        else group.Expel(_random.Pick(group.Members));
    }

    private void Grow()
    {
        var topic = world.Log.Topic(Topics.Status);
        if (topic.Partitions.Count >= MostPartitions) return;
        topic.Grow(Scheduler.Now);
        world.TraceWriter.Write(Scheduler.World, $"{topic.Name} has {topic.Partitions.Count} partitions");
        foreach (var group in world.Log.Groups.Where(g => g.Topic == topic)) group.Grown();
    }

    private void BreakBus()
    {
        if (world.Bus.Connections.Count == 0) return;
        _random.Pick(world.Bus.Connections).Break(_random.Milliseconds(0, 3000), _random.Milliseconds(1, 4000));
    }

    private void BusOutage()
    {
        world.TraceWriter.Write(Scheduler.World, $"the bus is down");
        world.BusFaults.IsDown = true;
        var length = _random.Milliseconds(300, 6000);
        foreach (var connection in world.Bus.Connections) connection.Break(_random.Milliseconds(0, 200), length);
        Scheduler.After(length, Scheduler.World, () => world.BusFaults.IsDown = false);
    }

    private void EngineOutage()
    {
        var faults = _random.Chance(0.5) ? world.StoreFaults : world.LogFaults;
        world.TraceWriter.Write(Scheduler.World, $"the {faults.Name} is down");
        faults.IsDown = true;
        Scheduler.After(_random.Milliseconds(300, 6000), Scheduler.World, () => faults.IsDown = false);
    }

    /// <summary>Retention takes what a group has not processed; the last event stays, as a log's active segment does.</summary>
    private void LoseEvents()
    {
        var late = (
            from grp in world.Log.Groups
            from number in Enumerable.Range(0, grp.Topic.Partitions.Count)
            where grp.DurableOf(number) > 0
            let partition = grp.Topic.Partitions[number]
            where partition.Events is [.., var last] && grp.CommittedOf(number) < last.Offset
            select (Partition: partition, Place: new TopicPartition(grp.Topic.Name, number), Committed: grp.CommittedOf(number))).ToList();
        if (late.Count == 0) return;
        var (taken, place, committed) = _random.Pick(late);
        var start = committed + 1 + _random.Next((int)(taken.Events[^1].Offset - committed));
        if (start <= taken.Start) return;
        world.TraceWriter.Write(Scheduler.World, $"{place} loses {committed} to {start - 1}");
        taken.Trim(start, committed);
        world.Checker.Lost(place);
    }

    private void FillDisk()
    {
        // The log's and the store's may be one.
        var full = _random.Next(3) switch
        {
            0 => [world.LogFaults],
            1 => [world.StoreFaults],
            _ => new[] { world.LogFaults, world.StoreFaults },
        };
        foreach (var faults in full)
        {
            world.TraceWriter.Write(Scheduler.World, $"the disk of the {faults.Name} is full");
            faults.IsFull = true;
        }
        Scheduler.After(_random.Milliseconds(300, 8000), Scheduler.World, () =>
        {
            foreach (var faults in full) faults.IsFull = false;
        });
    }

    private void TroubleClient()
    {
        var user = _random.Pick(world.Users);
        switch (_random.Next(5))
        {
            case 0:
                user.Reload();
                break;
            case 1:
                user.Client.Sleep(_random.Milliseconds(500, 20_000));
                break;
            case 2:
                user.LeaveAndReturn(_random.Pick([.. user.Wanted]));
                break;
            default:
                user.Client.Disconnect();
                break;
        }
    }

    private Guid? PickConversation()
    {
        var wanted = world.Users.SelectMany(u => u.Wanted).Distinct().Order().ToList();
        return wanted.Count == 0 ? null : _random.Pick(wanted);
    }

    private void HideForAWhile()
    {
        if (PickConversation() is not { } conversation) return;
        world.TraceWriter.Write(Scheduler.World, $"{conversation} can't be read");
        world.Store.Unreadable.Add(conversation);
        Scheduler.After(_random.Milliseconds(300, 15_000), Scheduler.World, () =>
        {
            if (conversation != world.KeptUnreadable) world.Store.Unreadable.Remove(conversation);
        });
    }

    private void StepClock()
    {
        if (PickNode() is not { } node) return;
        var skew = _random.Milliseconds(-5000, 5000);
        world.TraceWriter.Write(node.Process, $"its clock is set to {skew.TotalSeconds:F2} s off");
        node.Process.Time.Set(skew);
    }

    /// <summary>Another system on the same bus: its numbers are none of ours, its organization may be.</summary>
    private void PublishForeign()
    {
        if (PickConversation() is not { } conversation) return;
        var organization = _random.Chance(0.5) ? _random.NextGuid() : _random.Pick(world.Checker.Organizations);
        var seq = (1L << 51) + _random.Next(1000);
        var change = new StatusChange(
            conversation, seq, _random.NextGuid(), MessageStatus.Read, "whatsapp", SimTime.Start + Scheduler.Now, null, SimTime.Start);
        long? prev = _random.Chance(0.5) ? null : seq - 1 - _random.Next(3);
        world.Bus.Offer(new(conversation, StatusFrame.EncodeForBus(change, organization, prev, null)));
    }

    private void SlowDown()
    {
        var client = _random.Pick(world.Users).Client;
        client.ReadAt(_random.Between(50, 1500));
        Scheduler.After(_random.Milliseconds(1000, 15_000), Scheduler.World, () => client.ReadAt(1_000_000));
    }

    private void Trim(TimeSpan retention)
    {
        Scheduler.After(TimeSpan.FromSeconds(2), Scheduler.World, () =>
        {
            if (_over) return;
            var count = world.Store.Trim(SimTime.Start + Scheduler.Now - retention);
            if (count > 0) world.TraceWriter.Write(Scheduler.World, $"{count} change rows are past their time");
            Trim(retention);
        });
    }
}
