using Chat.Core.Erasure;
using Chat.Core.Log;

namespace Chat.Engines.Kafka;

/// <summary>Kafka deletes a partition's oldest events, and none out of the middle: what it has of a person goes by its retention.</summary>
internal sealed class KafkaLogErasure(KafkaTopics topics) : ILogErasure
{
    public ValueTask<IReadOnlyList<ErasedRows>?> EraseAsync(
        Action<LogEvent> learn, Predicate<LogEvent> concerns, bool dryRun, CancellationToken cancellationToken) =>
        new((IReadOnlyList<ErasedRows>?)null);

    public async ValueTask<IReadOnlyDictionary<string, TimeSpan?>> GetRetentionAsync(CancellationToken cancellationToken)
    {
        var kept = new Dictionary<string, TimeSpan?>();
        foreach (var topic in Topics.All)
        {
            // Described first: a topic that nobody made yet is made, as every start does.
            await topics.DescribeAsync(topic, cancellationToken).ConfigureAwait(false);
            kept[topic] = await topics.GetRetentionAsync(topic, cancellationToken).ConfigureAwait(false);
        }
        return kept;
    }
}
