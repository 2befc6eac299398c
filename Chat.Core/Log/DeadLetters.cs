using Chat.Core.Text;

namespace Chat.Core.Log;

/// <summary>What an event that can't be used becomes.</summary>
public static class DeadLetters
{
    /// <summary>
    /// Bytes by which a dead letter may be larger than the record it was, for its reason and the place it had: a dead-letter topic
    /// takes so much more than the topic it is of.
    /// </summary>
    public const int Room = 64 * 1024;

    private const int MaxReasonBytes = 512;

    /// <summary>
    /// Why an event is a dead letter, in a header that always fits: cut, and printable whatever the reason repeats.
    /// </summary>
    public static EventHeader ReasonHeader(string reason) => new(HeaderNames.DeadLetterReason, Cut(reason));

    /// <summary>
    /// The event as its dead-letter topic takes it: value and headers unchanged, with the reason and the place it had.
    /// </summary>
    public static NewEvent From(TopicPartition partition, LogEvent source, string reason) => new(
        Topics.DeadLetter(partition.Topic),
        source.Key ?? $"{partition.Partition}/{source.Offset}",
        source.Value,
        [
            .. source.Headers.Where(h => !h.Name.StartsWith("dlq.", StringComparison.Ordinal)),
            .. Place(partition, source.Offset, reason),
        ]);

    /// <summary>
    /// A dead letter that says where the event is, instead of holding it: it fits whatever the event is like. Its key is
    /// <c>{partition}/{offset}</c>; see <see cref="DeadLetterPointer"/>.
    /// </summary>
    public static NewEvent PointerTo(TopicPartition partition, long offset, string reason) => new(
        Topics.DeadLetter(partition.Topic),
        $"{partition.Partition}/{offset}",
        new DeadLetterPointer(partition.Topic, partition.Partition, offset, Cut(reason)).Write(),
        [.. Place(partition, offset, reason), new(HeaderNames.DeadLetterPointer, "true")]);

    /// <summary>
    /// Where the event of a dead letter was in its topic; null where it doesn't say, as of what waited for its message too long.
    /// </summary>
    public static (int Partition, long Offset)? FindPlace(this LogEvent deadLetter) =>
        int.TryParse(deadLetter.Header(HeaderNames.DeadLetterPartition), out var partition)
        && long.TryParse(deadLetter.Header(HeaderNames.DeadLetterOffset), out var offset)
            ? (partition, offset)
            : null;

    private static EventHeader[] Place(TopicPartition partition, long offset, string reason) =>
    [
        ReasonHeader(reason),
        new(HeaderNames.DeadLetterTopic, partition.Topic),
        new(HeaderNames.DeadLetterPartition, partition.Partition.ToString()),
        new(HeaderNames.DeadLetterOffset, offset.ToString()),
    ];

    private static string Cut(string reason) => Utf8Length.Truncate(Printable.Line(reason, MaxReasonBytes), MaxReasonBytes);
}
