using Chat.Core.Accounts;
using Chat.Core.Providers;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="ISendLedger"/> promises.</summary>
public abstract class SendLedgerCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    // A channel of the test's own, since what is open is listed by the channel.
    private readonly AccountKey _account = new($"channel {Guid.NewGuid():N}", "700800900");

    // --- Claims ---

    [Fact]
    public async Task Try_stays_with_who_claimed_it_first()
    {
        var first = NewTry();
        var second = first with { Owner = Guid.NewGuid(), At = Now.AddHours(-1) };

        Assert.Equal(new(first, null, null), await Store.Sends.ClaimTryAsync(first, Cancellation));
        Assert.Equal(new(first, null, null), await Store.Sends.ClaimTryAsync(second, Cancellation));
        Assert.Equal(new(first, null, null), await Store.Sends.ClaimTryAsync(first, Cancellation));

        Assert.Equal(new(first, null, null), await FindAsync(first.MessageId));
    }

    [Fact]
    public async Task Try_that_several_claim_at_once_is_ones_and_all_are_told_whose()
    {
        var claim = NewTry();

        var answers = await TogetherAsync(
            16, i => Store.Sends.ClaimTryAsync(claim with { Owner = Guid.NewGuid(), At = Now.AddMilliseconds(i) }, Cancellation));

        Assert.Equal(Assert.Single(answers.Distinct()), await FindAsync(claim.MessageId));
    }

    [Fact]
    public async Task Try_that_was_answered_shows_its_answer_to_who_claims_it_again()
    {
        var claim = NewTry();
        var accepted = new SendEntry(claim, SendOutcome.Accepted, "wamid.HBgN✓ wamid.2");
        await Store.Sends.ClaimTryAsync(claim, Cancellation);
        await RecordAsync(accepted);

        Assert.Equal(accepted, await Store.Sends.ClaimTryAsync(claim with { Owner = Guid.NewGuid() }, Cancellation));
        Assert.Equal(accepted, await FindAsync(claim.MessageId));
    }

    [Fact]
    public async Task Try_of_the_highest_number_is_the_latest_in_whatever_order_they_were_claimed()
    {
        var first = NewTry();
        foreach (var number in (int[])[2, 12, 1, 9])
            await Store.Sends.ClaimTryAsync(first with { Number = number, At = Now.AddSeconds(-number) }, Cancellation);
        await RecordAsync(new SendEntry(first with { Number = 9, At = Now.AddSeconds(-9) }, SendOutcome.Later, null));

        Assert.Equal(new(first with { Number = 12, At = Now.AddSeconds(-12) }, null, null), await FindAsync(first.MessageId));
    }

    [Fact]
    public async Task Tries_are_found_of_those_messages_that_have_one()
    {
        SendTry[] tries = [.. Enumerable.Range(0, 60).Select(_ => NewTry())];
        foreach (var one in tries) await Store.Sends.ClaimTryAsync(one, Cancellation);

        var found = await Store.Sends.FindLatestTriesAsync([.. tries.Select(t => t.MessageId), Ids.Next()], Cancellation);

        Assert.Equal(tries.ToDictionary(t => t.MessageId, t => new SendEntry(t, null, null)), found);
        Assert.Empty(await Store.Sends.FindLatestTriesAsync([], Cancellation));
    }

    // --- Answers ---

    [Theory]
    [InlineData(SendOutcome.Accepted)]
    [InlineData(SendOutcome.Rejected)]
    [InlineData(SendOutcome.Later)]
    [InlineData(SendOutcome.GivenUp)]
    public async Task Answer_replaces_that_nothing_is_known_and_is_not_replaced_by_it(SendOutcome outcome)
    {
        foreach (var unknownFirst in (bool[])[true, false])
        {
            var claim = NewTry();
            var answer = new SendEntry(claim, outcome, outcome == SendOutcome.Accepted ? "wamid.1" : null);
            var unknown = new SendEntry(claim, SendOutcome.Unknown, null);
            await Store.Sends.ClaimTryAsync(claim, Cancellation);
            SendEntry[] order = unknownFirst ? [unknown, answer] : [answer, unknown];

            foreach (var entry in order) await RecordAsync(entry);
            Assert.Equal(answer, await FindAsync(claim.MessageId));

            await RecordAsync(unknown, answer, unknown);
            Assert.Equal(answer, await FindAsync(claim.MessageId));
        }
    }

    [Fact]
    public async Task Answer_that_came_first_stays()
    {
        var claim = NewTry();
        var (given, late) = (new SendEntry(claim, SendOutcome.GivenUp, null), new SendEntry(claim, SendOutcome.Accepted, "wamid.1"));
        await Store.Sends.ClaimTryAsync(claim, Cancellation);

        await RecordAsync(given);
        await RecordAsync(late);
        await RecordAsync(late, given);

        Assert.Equal(given, await FindAsync(claim.MessageId));
    }

    [Fact]
    public async Task Answer_that_nothing_is_known_stays_so_however_often_it_is_noted()
    {
        var claim = NewTry();
        var unknown = new SendEntry(claim, SendOutcome.Unknown, null);
        await Store.Sends.ClaimTryAsync(claim, Cancellation);

        await RecordAsync(unknown, unknown);
        await RecordAsync(unknown);

        Assert.Equal(unknown, await FindAsync(claim.MessageId));
        Assert.Equal([unknown], await ListAsync());
    }

    [Fact]
    public async Task Answers_are_each_noted_under_their_message_and_number()
    {
        var (one, other) = (NewTry(), NewTry());
        SendTry second = one with { Number = 2, Owner = Guid.NewGuid(), At = Now.AddSeconds(9) };
        foreach (var claim in (SendTry[])[one, other, second]) await Store.Sends.ClaimTryAsync(claim, Cancellation);

        await RecordAsync(
            new SendEntry(one, SendOutcome.Later, null),
            new SendEntry(other, SendOutcome.Rejected, null),
            new SendEntry(second, SendOutcome.Accepted, "wamid.2"));

        Assert.Equal(new(second, SendOutcome.Accepted, "wamid.2"), await FindAsync(one.MessageId));
        Assert.Equal(new(other, SendOutcome.Rejected, null), await FindAsync(other.MessageId));
        Assert.Equal(new(one, SendOutcome.Later, null), await Store.Sends.ClaimTryAsync(one with { Owner = Guid.NewGuid() }, Cancellation));
        Assert.Empty(await ListAsync());
        await Store.Sends.RecordAnswersAsync([], Cancellation);
    }

    [Fact]
    public async Task Answer_whose_claim_is_not_stored_is_kept_with_its_try()
    {
        var answer = new SendEntry(NewTry(), SendOutcome.Accepted, "wamid.1");

        await RecordAsync(answer);

        Assert.Equal(answer, await FindAsync(answer.Try.MessageId));
        Assert.Equal(answer, await Store.Sends.ClaimTryAsync(answer.Try with { Owner = Guid.NewGuid() }, Cancellation));
    }

    // --- What is open ---

    [Fact]
    public async Task Open_tries_are_those_without_an_answer_or_of_which_nothing_is_known_the_oldest_first()
    {
        SendTry[] tries = [.. Enumerable.Range(0, 7).Select(i => NewTry() with { At = Now.AddMinutes(-10 * (i + 1)) })];
        foreach (var claim in tries) await Store.Sends.ClaimTryAsync(claim, Cancellation);
        foreach (var outcome in Enum.GetValues<SendOutcome>())
            await RecordAsync(new SendEntry(tries[(int)outcome], outcome, outcome == SendOutcome.Accepted ? "wamid.1" : null));

        SendEntry[] open = [new(tries[6], null, null), new(tries[5], null, null), new(tries[3], SendOutcome.Unknown, null)];
        Assert.Equal(open, await ListAsync());
        Assert.Equal(open[..2], await ListAsync(limit: 2));
        // Before a time, and not at it.
        Assert.Equal(open[..2], await ListAsync(before: tries[3].At));
        Assert.Empty(await Store.Sends.ListOpenTriesAsync("another", Now.AddDays(1), 10, Cancellation));
    }

    [Fact]
    public async Task Open_tries_of_a_long_time_are_listed_until_they_are_answered()
    {
        SendTry[] tries =
        [
            .. Enumerable.Range(0, 30).Select(i => NewTry() with { At = Now.AddHours(-40).AddMinutes(i * 77), Account = Account(i) }),
        ];
        foreach (var claim in tries) await Store.Sends.ClaimTryAsync(claim, Cancellation);

        var open = await ListAsync(limit: 12);
        Assert.Equal(tries[..12], open.Select(e => e.Try));

        await RecordAsync([.. open.Select(e => e with { Outcome = SendOutcome.GivenUp })]);
        Assert.Equal(tries[12..], (await ListAsync()).Select(e => e.Try));
        Assert.Equal(tries[12..24], (await ListAsync(limit: 12)).Select(e => e.Try));
    }

    private AccountKey Account(int i) => _account with { AccountId = $"{700_800_900 + (i % 3)}" };

    private SendTry NewTry() => new(Ids.Next(), Conversation, _account, 1, Guid.NewGuid(), Now);

    private async Task<SendEntry> FindAsync(Guid message) =>
        (await Store.Sends.FindLatestTriesAsync([message], Cancellation))[message];

    private ValueTask RecordAsync(params SendEntry[] answers) => Store.Sends.RecordAnswersAsync(answers, Cancellation);

    private ValueTask<IReadOnlyList<SendEntry>> ListAsync(DateTimeOffset? before = null, int limit = 100) =>
        Store.Sends.ListOpenTriesAsync(_account.Channel, before ?? Now.AddSeconds(1), limit, Cancellation);
}
