using Chat.Engines.Kafka;

namespace Chat.Tests.Erasure;

/// <summary>Until when a topic holds what it can't remove, from its settings.</summary>
public sealed class TopicRetentionTests
{
    private const long Day = 86_400_000;

    [Theory]
    [InlineData(7 * Day, null, null, 7)]
    [InlineData(7 * Day, 7 * Day, "delete", 14)]
    [InlineData(7 * Day, Day, "compact,delete", 8)]
    [InlineData(0L, Day, "delete", 1)]
    [InlineData(7 * Day, Day, "compact", null)]
    [InlineData(-1L, Day, "delete", null)]
    [InlineData(null, Day, "delete", null)]
    [InlineData(1_000 * 365 * Day, Day, "delete", null)]
    [InlineData(long.MaxValue, Day, "delete", null)]
    [InlineData(Day, long.MaxValue, "delete", null)]
    public void An_event_is_there_until_its_file_is_old_enough_or_for_good(long? retention, long? segment, string? policy, int? days)
    {
        var kept = new TopicRetention(retention, segment, policy).Longest;

        Assert.Equal(days is { } count ? TimeSpan.FromDays(count) : null, kept);
        // It can be said as a date.
        if (kept is { } time) Assert.True(DateTimeOffset.UtcNow + time > DateTimeOffset.UnixEpoch);
    }
}
