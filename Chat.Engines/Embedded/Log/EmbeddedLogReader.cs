using System.Runtime.CompilerServices;
using Chat.Core.Log;

namespace Chat.Engines.Embedded.Log;

/// <summary>Looks at the embedded log without a group.</summary>
public sealed class EmbeddedLogReader(EmbeddedEventLog log) : ILogReader
{
    private const int PageSize = 1_000;

    public ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken) =>
        log.GetRangesAsync(topic, cancellationToken);

    public async IAsyncEnumerable<LogEvent> ReadAsync(
        TopicPartition partition, long from, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (from < end)
        {
            var page = await log.ReadStoredAsync(partition, from, PageSize, cancellationToken);
            foreach (var e in page.TakeWhile(e => e.Offset < end)) yield return e;
            if (page.Count < PageSize) yield break;
            from = page[^1].Offset + 1;
        }
    }

    public ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken) =>
        log.GetCommittedAsync(group, cancellationToken);
}
