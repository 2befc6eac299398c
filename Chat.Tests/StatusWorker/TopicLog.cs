using Chat.Core.Log;

namespace Chat.Tests.StatusWorker;

/// <summary>A log that describes its topic as the test sets it, and keeps what was appended.</summary>
public sealed class TopicLog : IEventLog
{
    public required TopicDescription Topic { get; set; }

    public List<NewEvent> Appended { get; } = [];

    public Action<IReadOnlyList<NewEvent>>? OnAppend { get; init; }

    /// <summary>What an append waits for once it was made.</summary>
    public Task Acknowledging { get; set; } = Task.CompletedTask;

    public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) => ValueTask.FromResult(Topic);

    public async ValueTask<IReadOnlyList<EventPosition>> AppendAsync(
        IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        Appended.AddRange(events);
        OnAppend?.Invoke(events);
        await Acknowledging.WaitAsync(cancellationToken);
        return [.. events.Select(_ => default(EventPosition))];
    }

    public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
