using Chat.Core.Log;

namespace Chat.Core.Audit;

/// <summary>Finds a time in a partition, by halving: append times rise with the offsets.</summary>
public static class LogSeek
{
    // For so few events reading on costs less than another read in the middle.
    private const long CloseEnough = 1_000;

    /// <summary>
    /// An offset to read from for every event appended at or after <paramref name="time"/>: none of these is below it, and of
    /// those it leaves above it at most a thousand are older.
    /// </summary>
    public static async ValueTask<long> SeekAsync(
        this ILogReader reader, string topic, PartitionRange range, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var (low, high) = (range.Start, range.End);
        while (high - low > CloseEnough)
        {
            var middle = low + ((high - low) / 2);
            var e = await reader.FirstAsync(new(topic, range.Partition), middle, high, cancellationToken);
            if (e is null || e.AppendedAt >= time) high = middle;
            else low = e.Offset + 1;
        }
        return low;
    }

    /// <summary>The first event from an offset on and below another; null where there is none.</summary>
    public static async ValueTask<LogEvent?> FirstAsync(
        this ILogReader reader, TopicPartition partition, long from, long end, CancellationToken cancellationToken)
    {
        await foreach (var e in reader.ReadAsync(partition, from, end, cancellationToken)) return e;
        return null;
    }
}
