using Chat.Core.Erasure;
using Chat.Core.Log;

namespace Chat.Engines.Kafka;

/// <summary>Kafka deletes a partition's oldest events, and none out of the middle: what it has of a person goes by its retention.</summary>
internal sealed class KafkaLogErasure(KafkaTopics topics) : ILogErasure
{
    public ValueTask LearnAsync(Action<LogEvent> learn, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<ErasedRows>?> EraseAsync(
        Predicate<LogEvent> concerns, bool dryRun, CancellationToken cancellationToken) =>
        new((IReadOnlyList<ErasedRows>?)null);

    public ValueTask CompactAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask<IReadOnlyDictionary<string, TimeSpan?>> GetRetentionAsync(CancellationToken cancellationToken)
    {
        var kept = new Dictionary<string, TimeSpan?>();
        foreach (var topic in Topics.All)
        {
            if (await topics.FindRetentionAsync(topic, cancellationToken).ConfigureAwait(false) is { } retention)
                kept[topic] = retention.Longest;
        }
        return kept;
    }
}
