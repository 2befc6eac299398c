namespace Chat.Engines.Kafka;

/// <summary>How long a topic keeps its events, as its settings have it; null for what is not known.</summary>
internal sealed record TopicRetention(long? RetentionMs, long? SegmentMs, string? CleanupPolicy)
{
    private const long ThousandYears = 1_000 * 365L * 24 * 60 * 60 * 1_000;

    /// <summary>
    /// How long an event may be there, about: a file of the topic goes as a whole, once its youngest event is old enough. Null where
    /// nothing says that it ever goes: in a topic that is only compacted the last event of a key stays.
    /// </summary>
    public TimeSpan? Longest =>
        RetentionMs is >= 0 and < ThousandYears && (SegmentMs ?? 0) < ThousandYears
        && CleanupPolicy?.Contains("delete", StringComparison.Ordinal) != false
            ? TimeSpan.FromMilliseconds(RetentionMs.Value + (SegmentMs ?? 0))
            : null;
}
