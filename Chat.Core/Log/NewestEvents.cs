namespace Chat.Core.Log;

/// <summary>Reads a partition from its end.</summary>
public static class NewestEvents
{
    // Offsets have holes: each step back is this much longer than the one before.
    private const int Growth = 4;

    /// <summary>The last events of a partition, in the order of their offsets.</summary>
    /// <param name="most">As many at most.</param>
    public static async ValueTask<IReadOnlyList<LogEvent>> ReadNewestAsync(
        this ILogReader reader, string topic, PartitionRange range, int most, CancellationToken cancellationToken)
    {
        var found = new List<LogEvent>();
        var end = range.End;
        for (long step = most; end > range.Start && found.Count < most; step *= Growth)
        {
            var start = Math.Max(range.Start, end - step);
            var older = new List<LogEvent>();
            await foreach (var e in reader.ReadAsync(new(topic, range.Partition), start, end, cancellationToken)) older.Add(e);
            found.InsertRange(0, older);
            end = start;
        }
        return found.Count <= most ? found : found[^most..];
    }
}
