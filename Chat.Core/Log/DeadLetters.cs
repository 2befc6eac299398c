namespace Chat.Core.Log;

/// <summary>How an event that can't be used is put aside.</summary>
public static class DeadLetters
{
    /// <summary>The event as its dead-letter topic takes it: value and headers unchanged, with the reason and the place it stood.</summary>
    public static NewEvent From(TopicPartition partition, LogEvent source, string reason) => new(
        Topics.DeadLetter(partition.Topic),
        source.Key ?? $"{partition.Partition}/{source.Offset}",
        source.Value,
        [
            .. source.Headers.Where(h => !h.Name.StartsWith("dlq.", StringComparison.Ordinal)),
            new(HeaderNames.DeadLetterReason, reason),
            new(HeaderNames.DeadLetterTopic, partition.Topic),
            new(HeaderNames.DeadLetterPartition, partition.Partition.ToString()),
            new(HeaderNames.DeadLetterOffset, source.Offset.ToString()),
        ]);
}
