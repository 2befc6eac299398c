using Chat.Core.Accounts;
using Chat.Core.Providers;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IHeldMessages"/> promises.</summary>
public abstract class HeldMessagesCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    private readonly AccountKey _account = new("whatsapp", $"{Random.Shared.NextInt64(1_000_000_000_000, 9_999_999_999_999)}");

    [Fact]
    public async Task Message_that_is_held_comes_back_as_it_was()
    {
        var held = NewHeld(IdAt(Now.AddDays(-1))) with { Scope = "5511987654321 ✓", NotBefore = DateTimeOffset.MaxValue };
        var (empty, elsewhere) = (NewHeld() with { Scope = "", Value = ReadOnlyMemory<byte>.Empty }, NewHeld() with
        {
            Account = _account with { Channel = "instagram" },
        });

        await HoldAsync(held, empty, elsewhere);
        await HoldAsync();

        AssertHeld([held, empty], await ListAsync());
        AssertHeld([elsewhere], await Store.Held.ListHeldAsync(elsewhere.Account, null, 10, Cancellation));
        Assert.Empty(await Store.Held.ListHeldAsync(_account with { AccountId = "another" }, null, 10, Cancellation));
    }

    [Fact]
    public async Task Message_that_is_held_by_one_hold_again_is_left_as_it_is()
    {
        var held = NewHeld();
        await HoldAsync(held);

        await HoldAsync(held with { Scope = "another", NotBefore = Now.AddDays(1), Value = new byte[] { 7 } }, held);

        AssertHeld([held], await ListAsync());
    }

    [Fact]
    public async Task Held_messages_come_by_page_the_oldest_message_first()
    {
        HeldMessage[] held = [.. Enumerable.Range(0, 25).Select(i => NewHeld(IdAt(Now.AddDays(i - 25))))];
        HeldMessage[] shuffled = [.. held];
        new Random(5).Shuffle(shuffled);
        await HoldAsync(shuffled);

        foreach (var limit in (int[])[1, 7, 24, 25, 26])
        {
            var listed = new List<HeldMessage>();
            HeldPlace? after = null;
            while (true)
            {
                var page = await ListAsync(after, limit);
                Assert.InRange(page.Count, 0, limit);
                listed.AddRange(page);
                if (page.Count < limit) break;
                after = HeldPlace.Of(page[^1]);
            }
            AssertHeld(held, listed);
        }
    }

    [Fact]
    public async Task Message_that_was_held_twice_comes_twice_and_neither_hold_is_forgotten_with_the_other()
    {
        var first = NewHeld();
        var second = first with { HoldId = Ids.Next(), NotBefore = Now.AddHours(1) };
        await HoldAsync(first, second);
        Assert.Equal(2, (await ListAsync()).Count);
        Assert.Single(await ListAsync(HeldPlace.Of((await ListAsync(limit: 1))[0])));

        await Store.Held.ReleaseAsync([first], Cancellation);

        AssertHeld([second], await ListAsync());
    }

    [Fact]
    public async Task Hold_that_was_forgotten_is_forgotten_for_good_and_no_other_is()
    {
        HeldMessage[] held = [.. Enumerable.Range(0, 30).Select(i => NewHeld(IdAt(Now.AddMinutes(i))))];
        await HoldAsync(held);

        await Store.Held.ReleaseAsync(held[..20], Cancellation);
        await Store.Held.ReleaseAsync(held[..20], Cancellation);
        await Store.Held.ReleaseAsync([held[25] with { Account = _account with { Channel = "instagram" } }, NewHeld()], Cancellation);
        await Store.Held.ReleaseAsync([], Cancellation);

        AssertHeld(held[20..], await ListAsync());
    }

    [Fact]
    public async Task Accounts_that_hold_anything_are_told_by_channel_each_once()
    {
        var (second, third) = (_account with { AccountId = $"{_account.AccountId}2" }, _account with { Channel = "instagram" });
        var last = NewHeld() with { Account = second };
        HeldMessage[] many = [.. Enumerable.Range(0, 30).Select(i => NewHeld(IdAt(Now.AddMinutes(-7 * i))))];
        await HoldAsync([.. many, last, NewHeld() with { Account = third }]);

        Assert.Equal([_account, second], await OwnAsync("whatsapp"));
        Assert.Equal([third], await OwnAsync("instagram"));

        async Task<List<AccountKey>> OwnAsync(string channel)
        {
            var all = await Store.Held.ListHeldAccountsAsync(channel, Cancellation);
            // Other tests' are in the same store.
            return [.. all.Where(a => a == _account || a == second || a == third).OrderBy(a => a.AccountId, StringComparer.Ordinal)];
        }
    }

    private HeldMessage NewHeld(Guid? message = null) =>
        new(_account, message ?? Ids.Next(), Ids.Next(), Conversation, "", "{\"n\":1}"u8.ToArray(), Now.AddSeconds(6));

    private ValueTask HoldAsync(params HeldMessage[] messages) => Store.Held.HoldAsync(messages, Cancellation);

    private ValueTask<IReadOnlyList<HeldMessage>> ListAsync(HeldPlace? after = null, int limit = 100) =>
        Store.Held.ListHeldAsync(_account, after, limit, Cancellation);

    private static void AssertHeld(IEnumerable<HeldMessage> expected, IEnumerable<HeldMessage> actual)
    {
        static (HeldMessage, string) Shown(HeldMessage held) =>
            (held with { Value = ReadOnlyMemory<byte>.Empty }, Convert.ToHexString(held.Value.Span));
        Assert.Equal(expected.Select(Shown), actual.Select(Shown));
    }
}
