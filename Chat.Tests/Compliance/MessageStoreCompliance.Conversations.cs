using Chat.Core.Store;

namespace Chat.Tests.Compliance;

public abstract partial class MessageStoreCompliance
{
    [Fact]
    public async Task The_first_claim_of_a_conversation_stands_whoever_asks()
    {
        var first = new ConversationOwner(Conversation, Guid.NewGuid(), Now);
        var second = new ConversationOwner(Conversation, Guid.NewGuid(), Now.AddHours(-1));

        Assert.Equal(first, await Store.ClaimConversationAsync(first, Cancellation));
        Assert.Equal(first, await Store.ClaimConversationAsync(second, Cancellation));
        Assert.Equal(first, await Store.ClaimConversationAsync(first with { CreatedAt = Now.AddHours(1) }, Cancellation));
    }

    [Fact]
    public async Task Of_claims_made_at_the_same_time_one_stands_and_everyone_is_told_which()
    {
        var answers = await TogetherAsync(
            16, i => Store.ClaimConversationAsync(new(Conversation, Guid.NewGuid(), Now.AddMilliseconds(i)), Cancellation));

        var standing = Assert.Single(answers.Distinct());
        Assert.Equal(standing, (await Store.FindOwnersAsync([Conversation], Cancellation))[Conversation]);
    }

    [Fact]
    public async Task Owners_are_found_of_those_conversations_that_have_one()
    {
        var claimed = Enumerable.Range(0, 120).Select(_ => new ConversationOwner(Guid.NewGuid(), Guid.NewGuid(), Now)).ToArray();
        foreach (var owner in claimed) await Store.ClaimConversationAsync(owner, Cancellation);

        var found = await Store.FindOwnersAsync([.. claimed.Select(o => o.ConversationId), Conversation], Cancellation);

        Assert.Equal(claimed.ToDictionary(o => o.ConversationId), found);
        Assert.Empty(await Store.FindOwnersAsync([], Cancellation));
    }

    [Fact]
    public async Task A_user_has_posted_in_the_conversations_it_posted_in()
    {
        Guid user = Guid.NewGuid(), other = Guid.NewGuid();
        Assert.False(await Store.HasPostedAsync(Conversation, user, Cancellation));

        await Store.AddPosterAsync(Conversation, user, null, Cancellation);
        await Store.AddPosterAsync(Conversation, user, null, Cancellation);

        Assert.True(await Store.HasPostedAsync(Conversation, user, Cancellation));
        Assert.False(await Store.HasPostedAsync(Conversation, other, Cancellation));
        Assert.False(await Store.HasPostedAsync(Guid.NewGuid(), user, Cancellation));
    }

    [Fact]
    public async Task The_recipient_that_the_last_post_with_one_named_stays()
    {
        Guid user = Guid.NewGuid(), other = Guid.NewGuid();
        await Store.AddPosterAsync(Conversation, user, null, Cancellation);
        Assert.Null(await Store.FindRecipientAsync(Conversation, Cancellation));

        await Store.AddPosterAsync(Conversation, user, "+5511999990000", Cancellation);
        Assert.Equal("+5511999990000", await Store.FindRecipientAsync(Conversation, Cancellation));

        await Store.AddPosterAsync(Conversation, other, "+5511999991111", Cancellation);
        await Store.AddPosterAsync(Conversation, user, null, Cancellation);
        Assert.Equal("+5511999991111", await Store.FindRecipientAsync(Conversation, Cancellation));
        Assert.Null(await Store.FindRecipientAsync(Guid.NewGuid(), Cancellation));
    }

    // --- Idempotency keys ---

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    [Fact]
    public async Task A_second_use_of_an_idempotency_key_gets_the_first_record()
    {
        var key = NewIdempotencyKey();
        var first = new IdempotencyRecord(Guid.NewGuid(), "hash a", Now);
        var second = new IdempotencyRecord(Guid.NewGuid(), "hash b", Now.AddHours(23));

        Assert.Equal(first, await Store.ClaimIdempotencyKeyAsync(key, first, Day, Cancellation));
        Assert.Equal(first, await Store.ClaimIdempotencyKeyAsync(key, second, Day, Cancellation));
        Assert.Equal(first, await Store.ClaimIdempotencyKeyAsync(key, first, Day, Cancellation));
    }

    [Fact]
    public async Task An_idempotency_key_of_another_user_or_organization_is_another_key()
    {
        var key = NewIdempotencyKey();
        IdempotencyKey[] keys = [key, key with { UserId = Guid.NewGuid() }, key with { OrganizationId = Guid.NewGuid() }, key with { Key = "K✓" }];

        foreach (var each in keys)
        {
            var record = new IdempotencyRecord(Guid.NewGuid(), "hash", Now);
            Assert.Equal(record, await Store.ClaimIdempotencyKeyAsync(each, record, Day, Cancellation));
        }
    }

    [Fact]
    public async Task An_idempotency_key_can_be_claimed_anew_once_its_record_is_older_than_its_lifetime()
    {
        var key = NewIdempotencyKey();
        var old = new IdempotencyRecord(Guid.NewGuid(), "hash a", Now - Day);
        var atTheEdge = new IdempotencyRecord(Guid.NewGuid(), "hash b", Now);
        var beyond = new IdempotencyRecord(Guid.NewGuid(), "hash c", Now.AddMilliseconds(1));

        Assert.Equal(old, await Store.ClaimIdempotencyKeyAsync(key, old, Day, Cancellation));
        Assert.Equal(old, await Store.ClaimIdempotencyKeyAsync(key, atTheEdge, Day, Cancellation));
        Assert.Equal(beyond, await Store.ClaimIdempotencyKeyAsync(key, beyond, Day, Cancellation));
        Assert.Equal(beyond, await Store.ClaimIdempotencyKeyAsync(key, atTheEdge, Day, Cancellation));
    }

    [Fact]
    public async Task Of_claims_of_an_idempotency_key_made_at_the_same_time_one_stands()
    {
        var key = NewIdempotencyKey();
        var old = new IdempotencyRecord(Guid.NewGuid(), "hash", Now.AddDays(-2));
        await Store.ClaimIdempotencyKeyAsync(key, old, Day, Cancellation);

        var answers = await TogetherAsync(
            16, i => Store.ClaimIdempotencyKeyAsync(key, new(Guid.NewGuid(), $"hash {i}", Now), Day, Cancellation));

        Assert.NotEqual(old, Assert.Single(answers.Distinct()));
    }

    private static IdempotencyKey NewIdempotencyKey() => new(Guid.NewGuid(), Guid.NewGuid(), "key ✓");
}
