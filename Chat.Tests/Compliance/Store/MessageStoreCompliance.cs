using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IMessageStore"/> promises.</summary>
public abstract class MessageStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task A_message_comes_back_as_it_was_added()
    {
        Message[] messages =
        [
            NewMessage(recipient: "+5511999990000"),
            NewMessage() with { Channel = "instagram", Direction = "inbound", Type = "image", Content = "{}", SenderId = Guid.Empty },
            NewMessage() with { Direction = "inbound", AccountId = "700800900", ProviderMessageId = "wamid.HBgN✓" },
            NewMessage() with { AccountId = "700800900" },
            NewMessage() with { Content = $"{{\"texto\":\"{new string('á', 40_000)}\"}}" },
        ];

        await Store.Messages.AddMessagesAsync(messages, Cancellation);

        var states = await Store.Messages.GetStatesAsync([.. messages.Select(KeyOf)], Cancellation);
        Assert.Equal(messages.Select(m => new MessageState(KeyOf(m), m, StatusFacts.None)), states);
        await Store.Messages.AddMessagesAsync([], Cancellation);
    }

    [Fact]
    public async Task A_message_that_stands_is_left_as_it_is()
    {
        var message = NewMessage();
        await Store.Messages.AddMessagesAsync([message], Cancellation);

        await Store.Messages.AddMessagesAsync([message with { Content = "{\"texto\":\"outra\"}" }, message], Cancellation);

        Assert.Equal(message, (await Store.Messages.GetStatesAsync([KeyOf(message)], Cancellation))[0].Message);
        Assert.Equal(message, Assert.Single((await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation)).Items).Message);
    }

    [Fact]
    public async Task A_message_added_again_keeps_its_facts()
    {
        var message = NewMessage();
        var sent = new Fact(Now, null, 7);
        await Store.Messages.AddMessagesAsync([message], Cancellation);
        await RecordAsync(Record(KeyOf(message), StatusKind.Sent, sent));

        await Store.Messages.AddMessagesAsync([message], Cancellation);

        Assert.Equal(
            new(KeyOf(message), message, StatusFacts.None.With(StatusKind.Sent, sent)),
            (await Store.Messages.GetStatesAsync([KeyOf(message)], Cancellation))[0]);
    }

    [Fact]
    public async Task A_message_is_found_by_its_id_alone()
    {
        var message = NewMessage();
        Assert.Null(await Store.Messages.FindMessageKeyAsync(message.MessageId, Cancellation));
        await RecordAsync(Record(KeyOf(message), StatusKind.Sent, new(Now, null, 1)));
        Assert.Null(await Store.Messages.FindMessageKeyAsync(message.MessageId, Cancellation));

        await Store.Messages.AddMessagesAsync([message], Cancellation);

        Assert.Equal(KeyOf(message), await Store.Messages.FindMessageKeyAsync(message.MessageId, Cancellation));
    }

    [Fact]
    public async Task States_come_in_the_order_asked_for_with_unknown_messages_and_repeats()
    {
        var messages = Enumerable.Range(0, 300).Select(i => NewMessage(conversation: i % 3 == 0 ? Conversation : Guid.NewGuid())).ToArray();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);
        var unknown = NewKey();
        var elsewhere = new MessageKey(Guid.NewGuid(), messages[0].MessageId);
        var keys = messages.Select(KeyOf).Append(unknown).Append(elsewhere).Append(KeyOf(messages[5])).ToArray();
        new Random(3).Shuffle(keys);

        var states = await Store.Messages.GetStatesAsync(keys, Cancellation);

        Assert.Equal(keys, states.Select(s => s.Key));
        var byKey = messages.ToDictionary(KeyOf);
        Assert.Equal(keys.Select(k => byKey.GetValueOrDefault(k)), states.Select(s => s.Message));
        Assert.All(states, s => Assert.Equal(StatusFacts.None, s.Facts));
        Assert.Empty(await Store.Messages.GetStatesAsync([], Cancellation));
    }

    // --- Pages ---

    [Fact]
    public async Task Pages_go_from_the_newest_message_to_the_oldest_and_the_last_one_says_so()
    {
        var messages = Enumerable.Range(0, 25).Select(_ => NewMessage()).ToArray();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);
        await Store.Messages.AddMessagesAsync([NewMessage(conversation: Guid.NewGuid())], Cancellation);
        var newestFirst = messages.OrderByDescending(m => MessageIds.Format(m.MessageId), StringComparer.Ordinal).ToArray();

        foreach (var limit in new[] { 1, 5, 7, 24, 25, 26, 100 })
        {
            var items = new List<Message>();
            Guid? before = null;
            do
            {
                var page = await Store.Messages.ListMessagesAsync(Conversation, before, limit, Cancellation);
                Assert.InRange(page.Items.Count, 1, limit);
                Assert.Equal(items.Count + page.Items.Count < messages.Length, page.Next is not null);
                items.AddRange(page.Items.Select(i => i.Message));
                before = page.Next;
            }
            while (before is not null);
            Assert.Equal(newestFirst, items);
        }
    }

    [Fact]
    public async Task A_page_before_an_id_has_only_messages_below_it()
    {
        var messages = Enumerable.Range(0, 6).Select(i => NewMessage(IdAt(Now.AddSeconds(i)))).ToArray();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);

        var page = await Store.Messages.ListMessagesAsync(Conversation, messages[3].MessageId, 10, Cancellation);

        Assert.Equal(messages[..3].Reverse(), page.Items.Select(i => i.Message));
        Assert.Empty((await Store.Messages.ListMessagesAsync(Conversation, messages[0].MessageId, 10, Cancellation)).Items);
    }

    [Fact]
    public async Task Pages_are_in_the_order_of_the_positions_whatever_clocks_made_the_ids()
    {
        // Three clocks that disagree, one of them set back meanwhile, over two epochs and many spans of positions.
        var random = new Random(11);
        var messages = Enumerable.Range(0, 60)
            .Select(i => NewMessage(IdAt(Now.AddSeconds(i + (random.Next(3) * 40) - (i > 30 ? 300 : 0)))) with
            {
                Position = SequenceNumber.Create(i < 25 ? 1 : 2, (i * 7L) + (i % 10 == 0 ? 3_000_000L * i : 0)),
            })
            .OrderBy(m => m.Position)
            .ToArray();
        foreach (var batch in messages.Chunk(7)) await Store.Messages.AddMessagesAsync(batch, Cancellation);

        foreach (var limit in new[] { 1, 4, 13, 59, 60, 61 })
            Assert.Equal(messages.Reverse(), await ListAllAsync(limit));
    }

    [Fact]
    public async Task Every_message_is_on_one_page_while_others_come_and_batches_are_written_again_under_other_positions()
    {
        var messages = Enumerable.Range(0, 120)
            .Select(i => NewMessage(IdAt(Now.AddSeconds(-i))) with { Position = SequenceNumber.Create(1, i) })
            .ToArray();
        await Store.Messages.AddMessagesAsync(messages[..60], Cancellation);
        var next = 60;

        var seen = await ListAllAsync(7, async () =>
        {
            await Store.Messages.AddMessagesAsync(messages[next..(next + 5)], Cancellation);
            // Redelivered after the topic had grown.
            await Store.Messages.AddMessagesAsync(
                [.. messages[(next - 60)..(next - 20)].Select(m => m with { Position = m.Position + (1L << 40) })], Cancellation);
            next += 5;
        });

        Assert.Equal(messages[..60].Reverse(), seen);
        Assert.Equal(messages[..next].Reverse(), await ListAllAsync(50));
    }

    [Fact]
    public async Task Messages_without_a_position_come_after_all_others_by_their_ids()
    {
        var old = Enumerable.Range(0, 12).Select(i => NewMessage(IdAt(Now.AddDays(i - 11)))).ToArray();
        var placed = Enumerable.Range(0, 5)
            .Select(i => NewMessage(IdAt(Now.AddSeconds(-i))) with { Position = SequenceNumber.Create(1, i + 1) }).ToArray();
        await Store.Messages.AddMessagesAsync(old, Cancellation);
        await Store.Messages.AddMessagesAsync(placed, Cancellation);

        foreach (var limit in new[] { 1, 3, 5, 17 })
            Assert.Equal([.. placed.Reverse(), .. old.Reverse()], await ListAllAsync(limit));
    }

    [Fact]
    public async Task A_cursor_that_is_not_stored_stands_for_the_nearest_id_below_it()
    {
        var messages = Enumerable.Range(0, 6)
            .Select(i => NewMessage(IdAt(Now.AddSeconds(i))) with { Position = SequenceNumber.Create(1, i + 1) }).ToArray();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);

        var page = await Store.Messages.ListMessagesAsync(Conversation, IdAt(Now.AddSeconds(2.5)), 10, Cancellation);
        var none = await Store.Messages.ListMessagesAsync(Conversation, IdAt(Now.AddSeconds(-1)), 10, Cancellation);

        Assert.Equal(messages[..3].Reverse(), page.Items.Select(i => i.Message));
        Assert.Empty(none.Items);
    }

    private async Task<List<Message>> ListAllAsync(int limit, Func<Task>? meanwhile = null)
    {
        var items = new List<Message>();
        Guid? before = null;
        do
        {
            var page = await Store.Messages.ListMessagesAsync(Conversation, before, limit, Cancellation);
            items.AddRange(page.Items.Select(i => i.Message));
            before = page.Next;
            if (before is not null && meanwhile is not null) await meanwhile();
        }
        while (before is not null);
        return items;
    }

    [Fact]
    public async Task A_page_reaches_over_messages_that_are_years_apart()
    {
        DateTimeOffset[] times =
        [
            Utc("2021-02-28T23:59:59.999Z"), Utc("2023-12-31T23:59:59.999Z"), Utc("2024-01-01T00:00:00.000Z"), Now.AddDays(-40),
            Now.AddDays(-1), Now,
        ];
        var messages = times.Select(t => NewMessage(IdAt(t))).ToArray();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);

        var page = await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation);
        Assert.Equal(messages.Reverse(), page.Items.Select(i => i.Message));
        Assert.Null(page.Next);

        var first = await Store.Messages.ListMessagesAsync(Conversation, null, 4, Cancellation);
        var second = await Store.Messages.ListMessagesAsync(Conversation, first.Next, 4, Cancellation);
        Assert.Equal(messages.Reverse(), first.Items.Concat(second.Items).Select(i => i.Message));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_page_shows_each_message_with_its_facts()
    {
        var messages = Enumerable.Range(0, 3).Select(i => NewMessage(IdAt(Now.AddSeconds(i)))).ToArray();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);
        Fact sent = new(Now, null, 10), read = new(Now.AddSeconds(2), null, 12), failed = new(Now.AddSeconds(1), "número inválido", 11);
        await RecordAsync(
            Record(KeyOf(messages[0]), StatusKind.Sent, sent),
            Record(KeyOf(messages[0]), StatusKind.Read, read),
            Record(KeyOf(messages[2]), StatusKind.Failed, failed));

        var page = await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation);

        Assert.Equal(
            [
                new MessageWithFacts(messages[2], StatusFacts.None.With(StatusKind.Failed, failed)),
                new MessageWithFacts(messages[1], StatusFacts.None),
                new MessageWithFacts(messages[0], StatusFacts.None.With(StatusKind.Sent, sent).With(StatusKind.Read, read)),
            ],
            page.Items);
    }

    [Fact]
    public async Task A_page_shows_no_message_of_which_only_statuses_have_come()
    {
        var message = NewMessage();
        await RecordAsync(Record(NewKey(), StatusKind.Sent, new(Now, null, 1)), Record(KeyOf(message), StatusKind.Sent, new(Now, null, 2)));
        Assert.Empty((await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation)).Items);

        await Store.Messages.AddMessagesAsync([message], Cancellation);

        Assert.Equal(message, Assert.Single((await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation)).Items).Message);
    }

    [Fact]
    public async Task A_page_of_a_conversation_that_nobody_knows_is_empty()
    {
        var page = await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation);

        Assert.Empty(page.Items);
        Assert.Null(page.Next);
        Assert.Equal(0, page.Seq);
    }

    [Fact]
    public async Task A_page_carries_the_conversations_head()
    {
        await Store.Messages.AddMessagesAsync([NewMessage()], Cancellation);
        Assert.Equal(0, (await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation)).Seq);

        await Store.Statuses.AddChangesAsync([Change(41), Change(42)], Cancellation);

        Assert.Equal(42, (await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation)).Seq);
    }

    [Fact]
    public async Task A_pages_head_is_never_ahead_of_its_items()
    {
        var messages = Enumerable.Range(0, 10).Select(_ => NewMessage()).ToArray();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);
        // Each number stands in a fact before it becomes the head; a later number takes an earlier time, so that it is what is read.
        var writing = Task.Run(async () =>
        {
            for (var seq = 1; seq <= 400; seq++)
            {
                var message = messages[seq % messages.Length];
                await RecordAsync(Record(KeyOf(message), StatusKind.Sent, new(Now.AddMilliseconds(-seq), null, seq)));
                await Store.Statuses.AddChangesAsync([Change(seq, message.MessageId)], Cancellation);
            }
        }, Cancellation);
        while (!writing.IsCompleted)
        {
            var page = await Store.Messages.ListMessagesAsync(Conversation, null, 20, Cancellation);
            for (var seq = Math.Max(1, page.Seq - messages.Length + 1); seq <= page.Seq; seq++)
            {
                var item = Assert.Single(page.Items, i => i.Message == messages[seq % messages.Length]);
                Assert.True(
                    item.Facts[StatusKind.Sent]?.Seq >= seq,
                    $"The head is {page.Seq}, and of {seq} the page has only {item.Facts[StatusKind.Sent]?.Seq}");
            }
        }
        await writing;
    }
}
