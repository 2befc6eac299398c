using Chat.Core.Text;

namespace Chat.Core.Log;

/// <summary>What an event that can't be used becomes.</summary>
public static class DeadLetters
{
    private const int MaxReasonBytes = 512;

    /// <summary>
    /// Why an event is a dead letter, in a header that always fits: cut, and printable whatever the reason repeats.
    /// </summary>
    public static EventHeader ReasonHeader(string reason) =>
        new(HeaderNames.DeadLetterReason, Utf8Length.Truncate(Printable.Line(reason, MaxReasonBytes), MaxReasonBytes));

    /// <summary>
    /// The event as its dead-letter topic takes it: value and headers unchanged, with the reason and the place it had.
    /// </summary>
    public static NewEvent From(TopicPartition partition, LogEvent source, string reason) => new(
        Topics.DeadLetter(partition.Topic),
        source.Key ?? $"{partition.Partition}/{source.Offset}",
        source.Value,
        [
            .. source.Headers.Where(h => !h.Name.StartsWith("dlq.", StringComparison.Ordinal)),
            ReasonHeader(reason),
            new(HeaderNames.DeadLetterTopic, partition.Topic),
            new(HeaderNames.DeadLetterPartition, partition.Partition.ToString()),
            new(HeaderNames.DeadLetterOffset, source.Offset.ToString()),
        ]);
}
