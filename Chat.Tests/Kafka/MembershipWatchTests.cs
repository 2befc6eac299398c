using System.Text.Json;
using Chat.Engines.Kafka.Members;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Kafka;

/// <summary>A member whose client is outside its group for too long is told from one that waits for its turn.</summary>
public sealed class MembershipWatchTests
{
    private static readonly TimeSpan Revocation = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly MembershipWatch _watch;

    public MembershipWatchTests() => _watch = new(Revocation, _time);

    [Theory]
    [InlineData("init")]
    [InlineData("wait-join")]
    [InlineData("wait-metadata")]
    public void A_client_that_does_not_get_in_is_outside_for_as_long_as_that(string state)
    {
        Tell(state);
        _time.Advance(Revocation + MembershipWatch.Patience - TimeSpan.FromTicks(1));
        Tell(state);
        Assert.Null(_watch.Outside);

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(Revocation + MembershipWatch.Patience, _watch.Outside);
    }

    [Fact]
    public void A_member_that_is_in_has_been_outside_for_no_time()
    {
        Tell("wait-join");
        _time.Advance(Revocation);
        Tell("steady");
        _time.Advance(MembershipWatch.Patience);
        Tell("wait-join");

        Assert.Null(_watch.Outside);
    }

    [Fact]
    public void Without_statistics_nothing_is_known()
    {
        _watch.Update(JsonElement.Parse("{}"));
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Null(_watch.Outside);
    }

    private void Tell(string joinState) => _watch.Update(JsonElement.Parse($$"""{"cgrp":{"join_state":"{{joinState}}"} }"""));
}
