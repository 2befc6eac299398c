using Chat.Engines.Kafka;
using Confluent.Kafka;

namespace Chat.Tests.Engines;

/// <summary>A record of a topic that once took its producers' own times has whatever they wrote.</summary>
public sealed class KafkaTimesTests
{
    private const long Now = 1_790_000_000_123;

    [Theory]
    [InlineData(Now)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Now * 1_000)]
    [InlineData(Now * 1_000_000)]
    [InlineData(253_402_300_799_999)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Any_time_of_a_record_makes_an_event(long milliseconds)
    {
        var record = new ConsumeResult<string?, byte[]>
        {
            Offset = 5,
            Message = new() { Value = [], Headers = [], Timestamp = new(milliseconds, TimestampType.CreateTime) },
        };

        var time = record.ToLogEvent().AppendedAt;

        Assert.InRange(time, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue - TimeSpan.FromDays(1));
        if (milliseconds == Now) Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(Now), time);
    }
}
