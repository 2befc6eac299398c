using Chat.Core.Log;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IEpochStore"/> promises.</summary>
public abstract class EpochStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task An_epoch_is_the_same_for_whoever_asks_with_the_same_identity()
    {
        var topic = $"topic.{Guid.NewGuid():N}";
        var epoch = await Store.Epochs.ClaimEpochAsync(topic, $"{topic}/a/4", Cancellation);

        Assert.InRange(epoch, 1, SequenceNumber.MaxEpoch);
        Assert.Equal(epoch, await Store.Epochs.ClaimEpochAsync(topic, $"{topic}/a/4", Cancellation));
    }

    [Fact]
    public async Task An_epoch_rises_with_each_new_identity_and_an_old_identity_keeps_its_own()
    {
        var topic = $"topic.{Guid.NewGuid():N}";
        var epochs = new List<int>();
        foreach (var identity in new[] { "a/4", "a/8", "b/8", "0" })
            epochs.Add(await Store.Epochs.ClaimEpochAsync(topic, identity, Cancellation));

        Assert.Equal(epochs.Order().Distinct(), epochs);
        Assert.Equal(epochs[1], await Store.Epochs.ClaimEpochAsync(topic, "a/8", Cancellation));
        Assert.True(await Store.Epochs.ClaimEpochAsync(topic, "c/8", Cancellation) > epochs[^1]);
    }

    [Fact]
    public async Task The_latest_epoch_is_the_one_claimed_last_with_what_it_was_claimed_for()
    {
        var topic = $"topic.{Guid.NewGuid():N}";
        Assert.Null(await Store.Epochs.GetLatestEpochAsync(topic, Cancellation));
        foreach (var identity in new[] { "a/12", "a/8", "b/4" })
        {
            var epoch = await Store.Epochs.ClaimEpochAsync(topic, identity, Cancellation);
            Assert.Equal(new(epoch, identity), await Store.Epochs.GetLatestEpochAsync(topic, Cancellation));
        }
        await Store.Epochs.ClaimEpochAsync(topic, "a/12", Cancellation);
        Assert.Equal("b/4", (await Store.Epochs.GetLatestEpochAsync(topic, Cancellation))?.Identity);
    }

    [Fact]
    public async Task Who_claims_an_epoch_at_the_same_time_agrees_on_it()
    {
        var topic = $"topic.{Guid.NewGuid():N}";
        var epochs = await TogetherAsync(
            16, async i => (Identity: i % 4, Epoch: await Store.Epochs.ClaimEpochAsync(topic, $"{i % 4}", Cancellation)));

        Assert.Equal(4, epochs.Distinct().Count());
        Assert.Equal(4, epochs.Select(e => e.Epoch).Distinct().Count());
    }
}
