using Chat.Core.Providers;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IHandOverLedger"/> promises.</summary>
public abstract class HandOverLedgerCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task The_earliest_hand_over_stays_and_so_does_a_providers_id()
    {
        var message = Ids.Next();
        var first = new HandOver(message, "whatsapp", Now, null);
        Assert.Equal([first], await Store.HandOvers.RecordHandOversAsync([first], Cancellation));

        var later = new HandOver(message, "whatsapp", Now.AddSeconds(5), "wamid.1");
        Assert.Equal([first with { ProviderMessageId = "wamid.1" }], await Store.HandOvers.RecordHandOversAsync([later], Cancellation));

        var another = new HandOver(message, "whatsapp", Now.AddSeconds(9), "wamid.2");
        Assert.Equal([first with { ProviderMessageId = "wamid.1" }], await Store.HandOvers.RecordHandOversAsync([another], Cancellation));

        var earlier = new HandOver(message, "whatsapp", Now.AddSeconds(-5), null);
        HandOver standing = earlier with { ProviderMessageId = "wamid.1" };
        Assert.Equal([standing], await Store.HandOvers.RecordHandOversAsync([earlier], Cancellation));
        Assert.Equal([standing], await Store.HandOvers.RecordHandOversAsync([first], Cancellation));
    }

    [Fact]
    public async Task Hand_overs_are_answered_in_the_order_given()
    {
        var handOvers = Enumerable.Range(0, 50)
            .Select(i => new HandOver(Ids.Next(), "instagram", Now.AddMilliseconds(i), $"mid.{i}"))
            .ToArray();
        await Store.HandOvers.RecordHandOversAsync(handOvers, Cancellation);
        new Random(2).Shuffle(handOvers);

        var again = await Store.HandOvers.RecordHandOversAsync([.. handOvers.Select(h => h with { At = h.At.AddDays(1) })], Cancellation);

        Assert.Equal(handOvers, again);
        Assert.Empty(await Store.HandOvers.RecordHandOversAsync([], Cancellation));
    }

    [Fact]
    public async Task Each_of_many_keeps_its_own_channel_and_time_whatever_else_is_noted_with_it()
    {
        HandOver[] handOvers =
        [
            .. Enumerable.Range(0, 25).Select(_ => Ids.Next()).SelectMany((message, i) => (HandOver[])
            [
                new(message, "whatsapp", Now.AddMilliseconds(i), i % 2 == 0 ? $"wamid.{i}" : null),
                new(message, "instagram", Now.AddMilliseconds(100 + i), i % 3 == 0 ? $"mid.{i}" : null),
            ]),
        ];
        Assert.Equal(handOvers, await Store.HandOvers.RecordHandOversAsync(handOvers, Cancellation));

        // Each later, with two that are new, and again as it was.
        HandOver[] fresh = [new(Ids.Next(), "whatsapp", Now.AddDays(1), "wamid.new"), new(Ids.Next(), "instagram", Now.AddDays(1), null)];
        var later = handOvers.Select(h => h with { At = h.At.AddHours(1), ProviderMessageId = h.ProviderMessageId is null ? null : "x" });

        Assert.Equal(
            [.. handOvers, .. fresh, .. handOvers],
            await Store.HandOvers.RecordHandOversAsync([.. later, .. fresh, .. handOvers], Cancellation));
    }

    [Fact]
    public async Task Hand_overs_at_the_same_time_agree_once_all_are_noted()
    {
        var message = Ids.Next();
        await TogetherAsync(
            12,
            i => Store.HandOvers.RecordHandOversAsync([new(message, "whatsapp", Now.AddMilliseconds(i), null)], Cancellation));

        var standing = await Store.HandOvers.RecordHandOversAsync([new(message, "whatsapp", Now.AddHours(1), null)], Cancellation);

        Assert.Equal([new(message, "whatsapp", Now, null)], standing);
    }
}
