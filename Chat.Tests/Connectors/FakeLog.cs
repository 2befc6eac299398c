using System.Collections.Concurrent;
using Chat.Core.Engines;
using Chat.Core.Log;

namespace Chat.Tests.Connectors;

/// <summary>A log in memory with one partition, which outlives its consumers and can fail. For one thread.</summary>
internal sealed class FakeLog : IEventLog
{
    private readonly Dictionary<string, List<LogEvent>> _topics = [];
    private Action? _appended;

    /// <summary>The group's committed offset.</summary>
    public long Committed { get; private set; }

    /// <summary>How many of the next appends fail.</summary>
    public int FailAppends { get; set; }

    /// <summary>An append that holds one of these is refused.</summary>
    public Func<NewEvent, bool> Refuses { get; set; } = _ => false;

    /// <summary>The size of every append that went through.</summary>
    public List<int> Appends { get; } = [];

    /// <summary>Every group that was joined.</summary>
    public ConcurrentBag<string> Groups { get; } = [];

    public IReadOnlyList<LogEvent> Events(string topic) => Topic(topic);

    public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
        new(new TopicDescription(topic, 1, "1"));

    public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (FailAppends > 0)
        {
            FailAppends--;
            throw new IOException("The log is down.");
        }
        if (events.Any(Refuses)) throw new EngineRefusedException("too large");
        var positions = new List<EventPosition>();
        foreach (var e in events)
        {
            var topic = Topic(e.Topic);
            topic.Add(new(topic.Count, e.Key, e.Value, Samples.Start, e.Headers ?? []));
            positions.Add(new(0, topic.Count - 1));
        }
        Appends.Add(events.Count);
        _appended?.Invoke();
        return new(positions);
    }

    public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken)
    {
        Groups.Add(group.Group);
        return process(new Consumer(this, group.Topic), cancellationToken);
    }

    private List<LogEvent> Topic(string topic)
    {
        if (!_topics.TryGetValue(topic, out var events)) _topics[topic] = events = [];
        return events;
    }

    private sealed class Consumer(FakeLog log, string topic) : IPartitionConsumer
    {
        private long _next = log.Committed;

        public TopicPartition Partition { get; } = new(topic, 0);

        public async ValueTask<IReadOnlyList<LogEvent>> ReadAsync(int max, CancellationToken cancellationToken)
        {
            var events = log.Topic(topic);
            while (_next >= events.Count)
            {
                var more = new TaskCompletionSource();
                void Wake() => more.TrySetResult();
                log._appended += Wake;
                await using var registration = cancellationToken.Register(() => more.TrySetCanceled(cancellationToken));
                await more.Task;
                log._appended -= Wake;
            }
            var read = events.Skip((int)_next).Take(max).ToList();
            _next += read.Count;
            return read;
        }

        public ValueTask CommitAsync(long nextOffset, CancellationToken cancellationToken)
        {
            Assert.True(nextOffset > log.Committed);
            Assert.True(nextOffset <= _next);
            log.Committed = nextOffset;
            return default;
        }
    }
}
