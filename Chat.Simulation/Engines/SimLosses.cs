using Chat.Core.Log;
using Chat.Engines.Kafka.Members;
using Microsoft.Extensions.Logging;

namespace Chat.Simulation.Engines;

/// <summary>What <see cref="LossWatch"/> asks, of the simulated log.</summary>
internal sealed class SimLossOffsets(SimGroup group) : ILossOffsets
{
    public IReadOnlyList<(int Partition, long Offset)> Committed(IReadOnlyList<int> partitions) =>
        [.. partitions.Select(p => (p, group.CommittedOf(p) is > 0 and var committed ? committed : -1))];

    public long Start(int partition) => group.Topic.Partitions[partition].Start;

    public void Commit(IEnumerable<(int Partition, long NextOffset)> offsets)
    {
        // As if it did not work: the next member counts once more what nobody committed.
    }
}

/// <summary>Notes what <see cref="LogLoss"/> reports.</summary>
internal sealed class SimLossLogger(Action<TopicPartition, long, long> lost) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel != LogLevel.Error || state is not IReadOnlyList<KeyValuePair<string, object?>> values) return;
        var byName = values.ToDictionary(v => v.Key, v => v.Value);
        lost((TopicPartition)byName["Partition"]!, (long)byName["From"]!, (long)byName["Count"]!);
    }
}
