namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Puts small writes to several partitions, or reads of them, into one request, where the same replicas hold them: a batch of status
/// events that lie in a thousand conversations would be thousands of requests otherwise, and the request costs more than the row. The
/// limits are those above which the server warns of a batch (<c>unlogged_batch_across_partitions_warn_threshold</c> and
/// <c>batch_size_warn_threshold</c>): it has each of the partitions at hand, and no work to speak of to spread them.
/// </summary>
internal static class RequestPacker
{
    public const int MaxPartitions = 10;

    /// <summary>Below the server's 5 KiB, since sizes are estimates.</summary>
    public const int MaxBytes = 4_000;

    /// <summary>
    /// Above this no request goes to one partition, unless a single row is larger: the server refuses a request above 16 MiB, and
    /// holds each as a whole in memory. Sizes are estimates from above.
    /// </summary>
    public const int MaxPartitionBytes = 1_000_000;

    /// <summary>Cuts the rows of one partition, in their order, into requests of bounded rows and bytes.</summary>
    /// <param name="bytes">Estimates a row's size.</param>
    public static IEnumerable<T[]> Chunk<T>(IEnumerable<T> rows, int maxRows, Func<T, int> bytes)
    {
        var chunk = new List<T>();
        var total = 0;
        foreach (var row in rows)
        {
            var size = bytes(row);
            if (chunk.Count > 0 && (chunk.Count >= maxRows || total + size > MaxPartitionBytes))
            {
                yield return [.. chunk];
                chunk.Clear();
                total = 0;
            }
            chunk.Add(row);
            total += size;
        }
        if (chunk.Count > 0) yield return [.. chunk];
    }

    /// <param name="replicas">Names the replicas of an item: only items with the same go together.</param>
    /// <param name="bytes">Estimates an item's size; one above the limit goes alone.</param>
    public static List<List<T>> Pack<T>(IEnumerable<T> items, Func<T, int> replicas, Func<T, int> bytes)
    {
        var requests = new List<List<T>>();
        var open = new Dictionary<int, (List<T> Request, int Bytes)>();
        foreach (var item in items)
        {
            var (key, size) = (replicas(item), bytes(item));
            if (!open.TryGetValue(key, out var current)
                || current.Request.Count == MaxPartitions
                || current.Bytes + size > MaxBytes)
            {
                current = ([], 0);
                requests.Add(current.Request);
            }
            current.Request.Add(item);
            open[key] = (current.Request, current.Bytes + size);
        }
        return requests;
    }
}
