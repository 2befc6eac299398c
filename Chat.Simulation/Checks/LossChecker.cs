using Chat.Core.Log;
using Chat.Simulation.Engines;

namespace Chat.Simulation.Checks;

/// <summary>What retention took before it was processed is counted, and nothing else is.</summary>
public sealed class LossChecker
{
    private readonly World _world;
    private readonly HashSet<(TopicPartition Partition, long Offset)> _counted = [];

    public LossChecker(World world)
    {
        _world = world;
        world.Log.LossCounted = OnLossCounted;
    }

    public bool IsLost(TopicPartition partition, long offset) => StateOf(partition).Lost.Contains(offset);

    /// <summary>What nobody was given, since retention took it before, was counted.</summary>
    public void CheckEnd()
    {
        foreach (var topic in _world.Log.AllTopics)
        {
            for (var number = 0; number < topic.Partitions.Count; number++)
            {
                var (place, state) = (new TopicPartition(topic.Name, number), topic.Partitions[number]);
                foreach (var offset in state.Lost.Except(state.Delivered).Except(state.Unaskable))
                {
                    if (!_counted.Contains((place, offset)))
                        _world.Violation($"{place}@{offset} was lost by retention, and not counted");
                }
            }
        }
    }

    private void OnLossCounted(SimMember member, TopicPartition partition, long from, long count)
    {
        _world.TraceWriter.Write(member.Process, $"{partition}: counts {count} events from {from} on as lost");
        for (var offset = from; offset < from + count; offset++) _counted.Add((partition, offset));
        var state = StateOf(partition);
        if (from + count > state.Start)
            _world.Violation($"{partition} from {from}: {count} events were counted as lost, and are there");
        // What a hand-over has forgotten the commit of is as good as not processed; a member that was fenced knows no better.
        var done = Math.Min(from + count, member.Group.DurableOf(partition.Partition));
        if (member.Group.IsOwner(member, partition.Partition)
            && state.Events.Exists(e => e.Offset >= from && e.Offset < done && !state.Lost.Contains(e.Offset)))
        {
            _world.Violation($"{partition} from {from}: {count} events were counted as lost, and some were processed");
        }
    }

    private SimPartition StateOf(TopicPartition partition) => _world.Log.Topic(partition.Topic).Partitions[partition.Partition];
}
