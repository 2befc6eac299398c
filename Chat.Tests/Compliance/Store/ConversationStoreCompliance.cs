using Chat.Core.Conversations;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IConversationStore"/> promises.</summary>
public abstract class ConversationStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task The_first_claim_of_a_conversation_stands_whoever_asks()
    {
        var first = new ConversationOwner(Conversation, Guid.NewGuid(), Now);
        var second = new ConversationOwner(Conversation, Guid.NewGuid(), Now.AddHours(-1));

        Assert.Equal(first, await Store.Conversations.ClaimConversationAsync(first, Cancellation));
        Assert.Equal(first, await Store.Conversations.ClaimConversationAsync(second, Cancellation));
        Assert.Equal(first, await Store.Conversations.ClaimConversationAsync(first with { CreatedAt = Now.AddHours(1) }, Cancellation));
    }

    [Fact]
    public async Task Of_claims_made_at_the_same_time_one_stands_and_everyone_is_told_which()
    {
        var answers = await TogetherAsync(
            16, i => Store.Conversations.ClaimConversationAsync(new(Conversation, Guid.NewGuid(), Now.AddMilliseconds(i)), Cancellation));

        var standing = Assert.Single(answers.Distinct());
        Assert.Equal(standing, (await Store.Conversations.FindOwnersAsync([Conversation], Cancellation))[Conversation]);
    }

    [Fact]
    public async Task Owners_are_found_of_those_conversations_that_have_one()
    {
        var claimed = Enumerable.Range(0, 120).Select(_ => new ConversationOwner(Guid.NewGuid(), Guid.NewGuid(), Now)).ToArray();
        foreach (var owner in claimed) await Store.Conversations.ClaimConversationAsync(owner, Cancellation);

        var found = await Store.Conversations.FindOwnersAsync([.. claimed.Select(o => o.ConversationId), Conversation], Cancellation);

        Assert.Equal(claimed.ToDictionary(o => o.ConversationId), found);
        Assert.Empty(await Store.Conversations.FindOwnersAsync([], Cancellation));
    }

    [Fact]
    public async Task A_user_has_posted_in_the_conversations_it_posted_in()
    {
        Guid user = Guid.NewGuid(), other = Guid.NewGuid();
        Assert.False(await Store.Conversations.HasPostedAsync(Conversation, user, Cancellation));

        await Store.Conversations.AddPosterAsync(Conversation, user, Cancellation);
        await Store.Conversations.AddPosterAsync(Conversation, user, Cancellation);

        Assert.True(await Store.Conversations.HasPostedAsync(Conversation, user, Cancellation));
        Assert.False(await Store.Conversations.HasPostedAsync(Conversation, other, Cancellation));
        Assert.False(await Store.Conversations.HasPostedAsync(Guid.NewGuid(), user, Cancellation));
    }
}
