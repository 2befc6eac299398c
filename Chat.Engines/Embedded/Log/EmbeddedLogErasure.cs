using Chat.Core.Erasure;
using Chat.Core.Log;

namespace Chat.Engines.Embedded.Log;

/// <summary>Removes single events from the log's file.</summary>
internal sealed class EmbeddedLogErasure(EmbeddedEventLog log) : ILogErasure
{
    public async ValueTask LearnAsync(Action<LogEvent> learn, CancellationToken cancellationToken)
    {
        foreach (var partition in log.Partitions) await ReadAsync(partition, page => page.ForEach(learn), cancellationToken);
    }

    public async ValueTask<IReadOnlyList<ErasedRows>?> EraseAsync(
        Predicate<LogEvent> concerns, bool dryRun, CancellationToken cancellationToken)
    {
        var erased = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var partition in log.Partitions)
        {
            var found = new List<long>();
            await ReadAsync(
                partition, page => found.AddRange(page.FindAll(concerns).Select(e => e.Offset)), cancellationToken);
            if (found.Count == 0) continue;
            var topic = partition.Name.Topic;
            erased[topic] = erased.GetValueOrDefault(topic) + found.Count;
            if (!dryRun) await log.RemoveAsync(partition, found, cancellationToken);
        }
        return [.. erased.Select(e => new ErasedRows(e.Key, e.Value))];
    }

    public async ValueTask CompactAsync(CancellationToken cancellationToken) => await log.CompactAsync(cancellationToken);

    /// <summary>Asked of nobody: there is nothing that this log can't remove.</summary>
    public ValueTask<IReadOnlyDictionary<string, TimeSpan?>> GetRetentionAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, TimeSpan?>());

    private async ValueTask ReadAsync(LogPartition partition, Action<List<LogEvent>> take, CancellationToken cancellationToken)
    {
        const int PageSize = 1_000;
        List<LogEvent> page;
        var from = 0L;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            page = [.. await log.ReadStoredAsync(partition.Name, from, PageSize, cancellationToken)];
            if (page.Count > 0) from = page[^1].Offset + 1;
            take(page);
        }
        while (page.Count == PageSize);
    }
}
