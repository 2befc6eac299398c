using Chat.Core.Log;
using Chat.Core.Statuses;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IChangeStore"/> promises.</summary>
public abstract class ChangeStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task Changes_come_back_as_they_were_written_in_the_order_of_their_numbers()
    {
        StatusChange[] changes =
        [
            Change(SequenceNumber.Create(1, 5)),
            Change(SequenceNumber.Create(1, 6), status: MessageStatus.Failed, reason: "número inválido ✓"),
            Change(SequenceNumber.Create(1, 9), status: MessageStatus.Delivered) with { Channel = "instagram", At = Now.AddDays(-2) },
            Change(SequenceNumber.Create(2, 0), status: MessageStatus.Read),
        ];
        await Store.Statuses.AddChangesAsync(changes, Cancellation);

        var page = await Store.Changes.ListChangesAsync(Conversation, 0, 10, Cancellation);

        Assert.Equal(changes, page.Changes);
        Assert.Equal(changes[^1].Seq, page.Head);
        Assert.True(page.Complete);
        await Store.Statuses.AddChangesAsync([], Cancellation);
    }

    [Fact]
    public async Task Changes_after_a_number_have_only_higher_ones()
    {
        var changes = Enumerable.Range(1, 20).Select(i => Change(i * 3)).ToArray();
        await Store.Statuses.AddChangesAsync(changes, Cancellation);
        await Store.Statuses.AddChangesAsync([Change(31) with { ConversationId = Guid.NewGuid() }], Cancellation);

        foreach (var since in new long[] { 3, 29, 30, 31, 57, 59 })
        {
            var page = await Store.Changes.ListChangesAsync(Conversation, since, 100, Cancellation);
            Assert.Equal(changes.Where(c => c.Seq > since), page.Changes);
            Assert.Equal(60, page.Head);
            Assert.True(page.Complete);
        }
    }

    [Fact]
    public async Task A_page_of_changes_has_at_most_as_many_as_asked_for_and_the_next_one_goes_on()
    {
        var changes = Enumerable.Range(1, 25).Select(i => Change(i)).ToArray();
        await Store.Statuses.AddChangesAsync(changes, Cancellation);

        var read = new List<StatusChange>();
        while (await Store.Changes.ListChangesAsync(Conversation, read.Count == 0 ? 0 : read[^1].Seq, 7, Cancellation)
            is { Changes.Count: > 0 } page)
        {
            Assert.InRange(page.Changes.Count, 1, 7);
            Assert.Equal(25, page.Head);
            read.AddRange(page.Changes);
        }

        Assert.Equal(changes, read);
    }

    [Fact]
    public async Task Who_has_the_head_has_missed_nothing()
    {
        await Store.Statuses.AddChangesAsync([Change(5), Change(6)], Cancellation);

        foreach (var since in new long[] { 6, 7, SequenceNumber.Max })
        {
            var page = await Store.Changes.ListChangesAsync(Conversation, since, 10, Cancellation);
            Assert.Empty(page.Changes);
            Assert.Equal(6, page.Head);
            Assert.True(page.Complete);
        }
    }

    [Fact]
    public async Task A_conversation_that_never_changed_has_no_head_and_is_complete()
    {
        var page = await Store.Changes.ListChangesAsync(Conversation, 0, 10, Cancellation);

        Assert.Equal(0, page.Head);
        Assert.Empty(page.Changes);
        Assert.True(page.Complete);
    }

    [Fact]
    public async Task Changes_written_again_change_nothing()
    {
        StatusChange[] changes = [Change(5), Change(6), Change(7)];
        await Store.Statuses.AddChangesAsync(changes, Cancellation);

        await Store.Statuses.AddChangesAsync(changes[..2], Cancellation);
        await Store.Statuses.AddChangesAsync([changes[0]], Cancellation);

        var page = await Store.Changes.ListChangesAsync(Conversation, 0, 10, Cancellation);
        Assert.Equal(changes, page.Changes);
        Assert.Equal(7, page.Head);
    }

    [Fact]
    public async Task A_head_never_falls()
    {
        await Store.Statuses.AddChangesAsync([Change(9)], Cancellation);
        await Store.Statuses.AddChangesAsync([Change(4)], Cancellation);

        Assert.Equal(9, (await Store.Changes.ListChangesAsync(Conversation, 0, 10, Cancellation)).Head);
        Assert.Equal(9, (await Store.Changes.GetHeadsAsync([Conversation], Cancellation))[Conversation]);
    }

    [Fact]
    public async Task Heads_are_those_of_the_conversations_that_changed()
    {
        var conversations = Enumerable.Range(0, 150).Select(_ => Guid.NewGuid()).ToArray();
        await Store.Statuses.AddChangesAsync(
            [
                .. conversations.SelectMany((c, i) => new[]
                {
                    Change(i + 1) with { ConversationId = c }, Change(i + 2) with { ConversationId = c },
                }),
            ],
            Cancellation);

        var heads = await Store.Changes.GetHeadsAsync([.. conversations, Conversation], Cancellation);

        Assert.Equal(conversations.Select((c, i) => KeyValuePair.Create(c, i + 2L)).ToDictionary(), heads);
        Assert.Empty(await Store.Changes.GetHeadsAsync([], Cancellation));
    }

    [Fact]
    public async Task Who_sees_a_change_sees_all_of_its_call_before_it_and_a_short_page_reaches_its_head()
    {
        const int calls = 60, each = 20, limit = 500;
        var writing = Task.Run(async () =>
        {
            for (var call = 0; call < calls; call++)
                await Store.Statuses.AddChangesAsync([.. Enumerable.Range((call * each) + 1, each).Select(i => Change(i))], Cancellation);
        }, Cancellation);
        long since = 0;
        var seen = new List<long>();
        while (true)
        {
            var isWritten = writing.IsCompleted;
            if (isWritten) await writing;
            var page = await Store.Changes.ListChangesAsync(Conversation, since, limit, Cancellation);
            seen.AddRange(page.Changes.Select(c => c.Seq));
            if (page.Changes.Count > 0) since = page.Changes[^1].Seq;
            Assert.True(page.Complete);
            Assert.True(
                page.Changes.Count == limit || since >= page.Head,
                $"The head is {page.Head}, and a page that is not full ends at {since}");
            var head = (await Store.Changes.GetHeadsAsync([Conversation], Cancellation)).GetValueOrDefault(Conversation);
            Assert.True(head >= page.Head, $"The head fell from {page.Head} to {head}");
            if (isWritten && page.Changes.Count < limit) break;
        }
        // Without a hole: a reader that continues from the last number it saw has missed none.
        Assert.Equal(Enumerable.Range(1, calls * each).Select(i => (long)i), seen);
    }
}
