using Chat.Core.Log;
using Chat.Core.Time;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>What of the log survives everything: topics, events, and how far each group is.</summary>
public sealed class LogState(SimScheduler scheduler, SimRandom random, TraceWriter trace)
{
    private readonly Dictionary<string, SimTopic> _topics = [];
    private readonly Dictionary<(string Group, string Topic), SimGroup> _groups = [];

    public SimScheduler Scheduler => scheduler;

    public SimRandom Random => random;

    public TraceWriter TraceWriter => trace;

    /// <summary>Told of every event as it is appended.</summary>
    public Action<TopicPartition, LogEvent>? Appended { get; set; }

    /// <summary>Told of every commit that counts, with the offset that stood before.</summary>
    public Action<ConsumerGroup, TopicPartition, long, long>? Committed { get; set; }

    /// <summary>Told of what retention took before a group had processed it, as that group's member counted it.</summary>
    public Action<SimMember, TopicPartition, long, long>? LossCounted { get; set; }

    /// <summary>Whether our own code throws on an event.</summary>
    public Func<TopicPartition, LogEvent, bool> IsDefective { get; set; } = (_, _) => false;

    /// <summary>How often it did.</summary>
    public Dictionary<(TopicPartition Partition, long Offset), int> Looks { get; } = [];

    /// <summary>Deliberate break: what retention took is not counted.</summary>
    public bool CountsNoLoss { get; set; }

    /// <summary>Commits of the last moments before an unclean hand-over may be forgotten.</summary>
    public double LoseCommits { get; set; }

    /// <summary>Deliberate break: what is read counts as done at once.</summary>
    public bool CommitsOnRead { get; set; }

    /// <summary>Deliberate break: what is delivered again has another offset.</summary>
    public bool RenumbersRedelivery { get; set; }

    public SimTopic Topic(string name)
    {
        if (_topics.TryGetValue(name, out var topic)) return topic;
        return _topics[name] = new(name, random.Between(name == Topics.Status ? 2 : 1, 3), $"{random.Next64():x}");
    }

    public IEnumerable<SimTopic> AllTopics => _topics.Values;

    public SimGroup Group(ConsumerGroup group)
    {
        var key = (group.Group, group.Topic);
        return _groups.TryGetValue(key, out var known) ? known : _groups[key] = new(this, group);
    }

    public IEnumerable<SimGroup> Groups => _groups.Values;

    /// <param name="seen">The topic as who appends sees it.</param>
    public EventPosition Append(NewEvent appended, TopicDescription seen)
    {
        var topic = Topic(appended.Topic);
        var number = seen.PartitionOf(appended.Key);
        var partition = topic.Partitions[number];
        // Kafka's offsets have holes: transactions' markers, compaction.
        var offset = partition.NextOffset + (random.Chance(0.05) ? random.Between(1, 3) : 0);
        partition.NextOffset = offset + 1;
        var now = SimTime.Start + scheduler.Now;
        var stored = new LogEvent(
            offset,
            appended.Key,
            appended.Value.ToArray(),
            WireTime.TruncateToMilliseconds(now),
            [.. appended.Headers ?? []]);
        partition.Events.Add(stored);
        scheduler.Note((ulong)offset * 31 + (ulong)appended.Value.Length);
        trace.Write(scheduler.World, $"{topic.Name}[{number}]@{offset} <- {Short(appended.Key)} {appended.Value}{Reason(stored)}");
        Appended?.Invoke(new(topic.Name, number), stored);
        partition.Wake();
        return new(number, offset);
    }

    /// <summary>The end of an id; a subject of a parked status may be shorter.</summary>
    private static string Short(string key) => key[Math.Max(0, key.Length - 6)..];

    private static string Reason(LogEvent stored) =>
        stored.Header(HeaderNames.DeadLetterReason) is { } reason ? $" because {reason}" : "";
}

public sealed class SimTopic(string name, int partitions, string incarnation)
{
    public string Name => name;

    private readonly List<SimPartition> _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new SimPartition())];

    private readonly List<(TimeSpan Since, TopicDescription Description)> _descriptions =
        [(TimeSpan.MinValue, new(name, partitions, incarnation))];

    public TopicDescription Description => _descriptions[^1].Description;

    /// <summary>As it was, after each change, up to now.</summary>
    public IEnumerable<TopicDescription> Descriptions => _descriptions.Select(d => d.Description);

    public bool HasGrown => _descriptions.Count > 1;

    public IReadOnlyList<SimPartition> Partitions => _partitions;

    /// <summary>As it was at a moment.</summary>
    public TopicDescription DescriptionAt(TimeSpan moment) => _descriptions.Last(d => d.Since <= moment).Description;

    /// <summary>One partition more: what is there stays where it is, and keys may lie elsewhere from now on.</summary>
    public void Grow(TimeSpan now)
    {
        _partitions.Add(new());
        _descriptions.Add((now, Description with { Partitions = _partitions.Count }));
    }
}

public sealed class SimPartition
{
    private List<TaskCompletionSource> _waiting = [];

    /// <summary>All there ever were, also those that retention took.</summary>
    public List<LogEvent> Events { get; } = [];

    /// <summary>The first offset that the log still has.</summary>
    public long Start { get; private set; }

    /// <summary>Offsets that retention took before they were committed.</summary>
    public HashSet<long> Lost { get; } = [];

    /// <summary>Of these, what a member that died had jumped over, and had not asked about yet.</summary>
    public HashSet<long> Unaskable { get; } = [];

    /// <summary>Offsets that some member was given.</summary>
    public HashSet<long> Delivered { get; } = [];

    public long NextOffset { get; set; }

    /// <summary>Retention takes everything below an offset.</summary>
    /// <param name="committed">Up to where it was processed.</param>
    public void Trim(long start, long committed)
    {
        Start = start;
        Lost.UnionWith(Events.Where(e => e.Offset >= committed && e.Offset < start).Select(e => e.Offset));
    }

    public Task WaitAsync()
    {
        var woken = new TaskCompletionSource();
        _waiting.Add(woken);
        return woken.Task;
    }

    public void Wake()
    {
        var waiting = _waiting;
        _waiting = [];
        foreach (var woken in waiting) woken.TrySetResult();
    }

    /// <summary>The place in <see cref="Events"/> of the first event at or after an offset.</summary>
    public int IndexOf(long offset)
    {
        int low = 0, high = Events.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Events[middle].Offset < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
