using Chat.Core.Log;
using Chat.ServiceDefaults;
using Chat.StatusWorker.Recording;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.StatusWorker;

/// <summary>Members that hear at different times that <c>msg.status</c> has more partitions.</summary>
public sealed class StatusEpochsTests
{
    private readonly EpochStore _store = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static TopicDescription Topic(int partitions, string incarnation = "a") => new(Topics.Status, partitions, incarnation);

    private async Task<int> ClaimAsync(TopicDescription topic) =>
        (await new StatusEpochs(
            new TopicLog { Topic = topic }, _store, TimeProvider.System, NullLogger<StatusEpochs>.Instance).ClaimAsync(Cancellation)).Epoch;

    private StatusEpochs Any => new(new TopicLog { Topic = Topic(3) }, _store, TimeProvider.System, NullLogger<StatusEpochs>.Instance);

    [Fact]
    public async Task Members_that_see_the_same_topic_have_the_same_epoch()
    {
        Assert.Equal(1, await ClaimAsync(Topic(3)));
        Assert.Equal(1, await ClaimAsync(Topic(3)));
        Assert.Equal(2, await ClaimAsync(Topic(4)));
        Assert.Equal(2, await ClaimAsync(Topic(4)));
    }

    [Fact]
    public async Task Member_that_sees_fewer_partitions_than_the_latest_epoch_was_claimed_for_has_to_wait()
    {
        await ClaimAsync(Topic(3));
        await ClaimAsync(Topic(12));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ClaimAsync(Topic(3)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ClaimAsync(Topic(4)));
        Assert.Equal(2, await ClaimAsync(Topic(12)));
    }

    [Fact]
    public async Task Epoch_when_it_was_claimed_late_for_fewer_partitions_is_superseded()
    {
        await ClaimAsync(Topic(12));
        _store.Claim(Topics.Status, Topic(4).Identity);
        Assert.Equal(3, await ClaimAsync(Topic(12)));
        Assert.Equal(3, await ClaimAsync(Topic(12)));
    }

    [Fact]
    public async Task Topic_when_it_was_created_again_is_numbered_above_all_before()
    {
        await ClaimAsync(Topic(12, "a"));
        Assert.Equal(2, await ClaimAsync(Topic(3, "b")));
    }

    [Fact]
    public async Task Log_when_another_one_took_its_store_over_claims_no_epoch_again_and_is_unhealthy()
    {
        var log = new TopicLog { Topic = Topic(12, "a") };
        var first = new StatusEpochs(log, _store, _time, NullLogger<StatusEpochs>.Instance);
        var second = new StatusEpochs(new TopicLog { Topic = Topic(3, "b") }, _store, _time, NullLogger<StatusEpochs>.Instance);
        Assert.Equal(1, (await first.ClaimAsync(Cancellation)).Epoch);
        for (var turn = 0; turn < 100; turn++)
        {
            Assert.Equal(2, (await second.ClaimAsync(Cancellation)).Epoch);
            await Assert.ThrowsAsync<EpochConflictException>(async () => await first.ClaimAsync(Cancellation));
            _time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(first));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(second));

        // An operator gave it the log that has the store.
        log.Topic = Topic(3, "b");
        Assert.Equal(2, (await first.ClaimAsync(Cancellation)).Epoch);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(first));
    }

    [Fact]
    public async Task Worker_that_claimed_an_epoch_a_moment_ago_claims_the_next_a_little_later()
    {
        var log = new TopicLog { Topic = Topic(3) };
        var epochs = new StatusEpochs(log, _store, _time, NullLogger<StatusEpochs>.Instance);
        await epochs.ClaimAsync(Cancellation);
        log.Topic = Topic(4);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await epochs.ClaimAsync(Cancellation));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, (await epochs.ClaimAsync(Cancellation)).Epoch);
    }

    private static async Task<HealthStatus> HealthAsync(StatusEpochs epochs) =>
        (await new EpochHealthCheck(epochs).CheckHealthAsync(new HealthCheckContext(), Cancellation)).Status;

    [Fact]
    public async Task An_epoch_is_the_latest_until_another_one_is_claimed()
    {
        var epoch = await ClaimAsync(Topic(3));
        Assert.True(await Any.IsLatestAsync(epoch, Cancellation));
        await ClaimAsync(Topic(4));
        Assert.False(await Any.IsLatestAsync(epoch, Cancellation));
    }
}
