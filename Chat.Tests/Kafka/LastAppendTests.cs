using Chat.Engines.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Kafka;

public sealed class LastAppendTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_failure_counts_until_an_append_works()
    {
        var last = new LastAppend(_time);
        Assert.Null(last.Error);

        last.Failed(ErrorCode.NotEnoughReplicas);
        Assert.Equal(ErrorCode.NotEnoughReplicas, last.Error);
        last.Worked();

        Assert.Null(last.Error);
    }

    [Fact]
    public void A_failure_counts_for_a_while_only_since_nobody_may_append_while_the_process_is_unhealthy()
    {
        var last = new LastAppend(_time);
        last.Failed(ErrorCode.Local_MsgTimedOut);

        _time.Advance(LastAppend.FailureCounts - TimeSpan.FromTicks(1));
        Assert.NotNull(last.Error);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Null(last.Error);
    }
}
