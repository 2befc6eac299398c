using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Statuses;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IStatusStore"/> promises.</summary>
public abstract class StatusStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    private static readonly StatusKind[] Kinds = Enum.GetValues<StatusKind>();

    /// <summary>
    /// Values for one fact that differ in each way they can: an event's number names its value, so none has the number of another.
    /// </summary>
    private static Fact[] ConflictingFacts()
    {
        var base1 = SequenceNumber.Create(1, 1_000);
        return
        [
            new(Now, null, base1),
            new(Now, null, base1 + 1),
            new(Now, "a later number at the same time", base1 + 2),
            new(Now, "Z", SequenceNumber.Create(2, 0)),
            new(Now, "", SequenceNumber.Max),
            new(Now, "an earlier number", base1 - 1),
            new(Now, null, 1),
            new(Now.AddMilliseconds(1), null, base1 - 2),
            new(Now.AddMilliseconds(1), "a", base1 + 3),
            new(Now.AddMilliseconds(-1), "número inválido ✓", base1 + 4),
            new(Now.AddMilliseconds(-1), null, base1 + 1_000_000),
            new(Now.AddDays(-30), "b", base1 + 5),
            new(Now.AddMinutes(5), null, 2),
            new(Utc("2020-01-01T00:00:00.000Z"), "c", SequenceNumber.Create(3, 9)),
            new(Utc("2038-01-19T03:14:08.000Z"), "d", 3),
        ];
    }

    /// <summary>One and many: an engine may put a few rows into one request, and has to cut many.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Statuses_and_their_changes_are_written_in_one_call(int conversations)
    {
        var messages = Enumerable.Range(0, conversations).Select(_ => NewMessage(conversation: Guid.NewGuid())).ToList();
        await Store.Messages.AddMessagesAsync(messages, Cancellation);

        await Store.Statuses.RecordStatusesAsync(
            [.. messages.Select(m => Record(KeyOf(m), StatusKind.Sent, new(Now, null, 5)))],
            [.. messages.Select(m => Change(5, m.MessageId) with { ConversationId = m.ConversationId })],
            Cancellation);

        foreach (var message in messages)
        {
            Assert.Equal(5, (await FactsAsync(KeyOf(message)))[StatusKind.Sent]?.Seq);
            Assert.Single(await Store.Statuses.ListTimelineAsync(KeyOf(message), Cancellation));
            var page = await Store.Changes.ListChangesAsync(message.ConversationId, 0, 10, Cancellation);
            Assert.Equal((5, message.MessageId), (page.Head, Assert.Single(page.Changes).MessageId));
        }
    }

    [Fact]
    public async Task Every_pair_of_conflicting_values_of_a_fact_reads_the_same_in_both_orders()
    {
        var values = ConflictingFacts();
        var first = new List<StatusRecord>();
        var second = new List<StatusRecord>();
        var expected = new List<(MessageKey Key, StatusFacts Facts)>();
        foreach (var kind in Kinds)
        {
            foreach (var a in values)
            {
                foreach (var b in values)
                {
                    // (a, b) and (b, a) are both among these: each pair in both orders, each value twice.
                    var key = NewKey();
                    first.Add(Record(key, kind, a));
                    second.Add(Record(key, kind, b));
                    expected.Add((key, StatusFacts.None.With(kind, Fact.Merge(a, b)!.Value)));
                }
            }
        }

        foreach (var batch in first.Chunk(150)) await RecordAsync(batch);
        foreach (var batch in second.Chunk(150)) await RecordAsync(batch);

        await AssertFactsAsync(expected);
    }

    [Fact]
    public async Task Three_values_of_a_fact_read_the_same_in_every_order()
    {
        var values = ConflictingFacts();
        var random = new Random(7);
        (int, int, int)[] orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)];
        var turns = new List<StatusRecord>[] { [], [], [] };
        var expected = new List<(MessageKey Key, StatusFacts Facts)>();
        for (var i = 0; i < 60; i++)
        {
            random.Shuffle(values);
            foreach (var (first, second, third) in orders)
            {
                var key = NewKey();
                int[] order = [first, second, third];
                for (var turn = 0; turn < 3; turn++) turns[turn].Add(Record(key, StatusKind.Failed, values[order[turn]]));
                expected.Add((key, values[..3].Aggregate(StatusFacts.None, (facts, v) => facts.With(StatusKind.Failed, v))));
            }
        }

        foreach (var turn in turns)
        {
            foreach (var batch in turn.Chunk(150)) await RecordAsync(batch);
        }

        await AssertFactsAsync(expected);
    }

    [Fact]
    public async Task A_reason_that_comes_later_is_kept_beside_the_earlier_time_and_writing_either_again_changes_nothing()
    {
        var key = NewKey();
        var bare = Record(key, StatusKind.Failed, new(Now, null, 5));
        var explained = Record(key, StatusKind.Failed, new(Now.AddSeconds(1), "131026: undeliverable", 9));
        StatusRecord[] history = [bare, explained, bare, explained];
        for (var i = 0; i < history.Length; i++)
        {
            await RecordAsync(history[i]);
            var failed = (await FactsAsync(key))[StatusKind.Failed]!.Value;
            Assert.Equal((Now, 5L, i == 0 ? null : "131026: undeliverable"), (failed.At, failed.Seq, failed.Reason));
        }

        // An event of an earlier time that has no reason takes the time alone.
        await RecordAsync(Record(key, StatusKind.Failed, new(Now.AddSeconds(-1), null, 12)));
        Assert.Equal(new Fact(Now.AddSeconds(-1), 12, explained.Fact.Why), (await FactsAsync(key))[StatusKind.Failed]);
    }

    [Fact]
    public async Task Conflicting_values_within_one_call_read_the_same_in_any_order()
    {
        var values = ConflictingFacts();
        var random = new Random(5);
        var expected = new List<(MessageKey Key, StatusFacts Facts)>();
        for (var i = 0; i < 40; i++)
        {
            var key = NewKey();
            var records = Kinds.SelectMany(kind => values.Select(v => Record(key, kind, v))).ToArray();
            random.Shuffle(records);
            var some = records[..(i + 2)];
            await RecordAsync(some);
            expected.Add((key, some.Aggregate(StatusFacts.None, (facts, r) => facts.With(r.Kind!.Value, r.Fact))));
        }

        await AssertFactsAsync(expected);
    }

    [Fact]
    public async Task Several_statuses_of_a_message_in_one_call_meet_those_before_them_each_by_itself()
    {
        var key = NewKey();
        Fact Value(int milliseconds, int seq, string? reason = null) => new(Now.AddMilliseconds(milliseconds), reason, seq);
        StatusRecord[][] calls =
        [
            [Record(key, StatusKind.Sent, Value(5, 10)), Record(key, StatusKind.Read, Value(5, 11))],
            // One is earlier than what is there, one later, one new.
            [
                Record(key, StatusKind.Read, Value(6, 12)), Record(key, StatusKind.Sent, Value(4, 13)),
                Record(key, StatusKind.Delivered, Value(9, 14)),
            ],
            // At a tie the lower number; a reason beside an earlier time that comes with it.
            [
                Record(key, StatusKind.Failed, Value(7, 16, "131026")), Record(key, StatusKind.Delivered, Value(9, 3)),
                Record(key, StatusKind.Failed, Value(2, 15)),
            ],
            // Nothing new.
            [.. Kinds.Select(k => Record(key, k, Value(50, 20 + (int)k)))],
        ];
        var facts = StatusFacts.None;
        foreach (var call in calls)
        {
            await RecordAsync(call);
            facts = call.Aggregate(facts, (f, r) => f.With(r.Kind!.Value, r.Fact));
            await AssertFactsAsync([(key, facts)]);
        }
        Assert.Equal(calls.Sum(c => c.Length), (await Store.Statuses.ListTimelineAsync(key, Cancellation)).Count);
    }

    [Fact]
    public async Task Writers_at_the_same_time_come_to_the_merge_of_all_they_wrote()
    {
        var values = ConflictingFacts();
        var keys = Enumerable.Range(0, 10).Select(_ => NewKey()).ToArray();
        await TogetherAsync(values.Length, async i =>
        {
            await RecordAsync([.. keys.SelectMany(key => Kinds.Select(kind => Record(key, kind, values[i])))]);
            return i;
        });

        var all = Kinds.Aggregate(StatusFacts.None, (facts, kind) => values.Aggregate(facts, (f, v) => f.With(kind, v)));
        await AssertFactsAsync([.. keys.Select(key => (key, all))]);
    }

    [Fact]
    public async Task An_announcement_is_merged_like_a_fact_and_leaves_facts_and_timeline_alone()
    {
        MessageKey[] keys = [NewKey(), NewKey()];
        Fact first = new(Now, null, 20), copy = new(Now, null, 30), sent = new(Now.AddSeconds(1), null, 40);
        await RecordAsync(Record(keys[0], null, first), Record(keys[1], null, copy));
        // The message may come after it, as before; each order, and each of them twice.
        await Store.Messages.AddMessagesAsync([.. keys.Select(k => NewMessage(k.MessageId))], Cancellation);
        await RecordAsync(Record(keys[0], StatusKind.Sent, sent), Record(keys[0], null, copy), Record(keys[1], null, first));
        await RecordAsync(Record(keys[0], null, copy), Record(keys[1], null, copy));

        var states = await Store.Messages.GetStatesAsync(keys, Cancellation);
        Assert.All(states, s => Assert.Equal(first, s.Announced));
        Assert.Equal([StatusFacts.None.With(StatusKind.Sent, sent), StatusFacts.None], states.Select(s => s.Facts));
        Assert.Single(await Store.Statuses.ListTimelineAsync(keys[0], Cancellation));
        Assert.Empty(await Store.Statuses.ListTimelineAsync(keys[1], Cancellation));
    }

    [Fact]
    public async Task A_message_that_was_never_announced_says_so()
    {
        var message = NewMessage();
        await Store.Messages.AddMessagesAsync([message], Cancellation);
        await RecordAsync(Record(KeyOf(message), StatusKind.Sent, new(Now, null, 1)));
        Assert.Null((await Store.Messages.GetStatesAsync([KeyOf(message)], Cancellation))[0].Announced);
    }

    [Fact]
    public async Task The_facts_of_a_message_are_independent_of_each_other()
    {
        var key = NewKey();
        Fact sent = new(Now.AddSeconds(3), null, 30), read = new(Now, null, 10), failed = new(Now.AddSeconds(1), "bloqueado", 20);

        await RecordAsync(Record(key, StatusKind.Read, read));
        Assert.Equal(StatusFacts.None.With(StatusKind.Read, read), await FactsAsync(key));

        await RecordAsync(Record(key, StatusKind.Failed, failed), Record(key, StatusKind.Sent, sent));
        Assert.Equal(
            StatusFacts.None.With(StatusKind.Sent, sent).With(StatusKind.Read, read).With(StatusKind.Failed, failed),
            await FactsAsync(key));
    }

    [Fact]
    public async Task Facts_written_again_at_any_later_time_change_nothing()
    {
        var key = NewKey();
        var records = ConflictingFacts().Select((f, i) => Record(key, Kinds[i % Kinds.Length], f)).ToArray();
        await RecordAsync(records);
        var facts = await FactsAsync(key);
        var timeline = await Store.Statuses.ListTimelineAsync(key, Cancellation);

        await RecordAsync(records);
        foreach (var record in records) await RecordAsync(record);

        Assert.Equal(facts, await FactsAsync(key));
        Assert.Equal(timeline, await Store.Statuses.ListTimelineAsync(key, Cancellation));
    }

    [Fact]
    public async Task A_message_that_is_not_known_keeps_its_facts_until_it_comes()
    {
        var message = NewMessage();
        var sent = new Fact(Now, null, 5);
        await RecordAsync(Record(KeyOf(message), StatusKind.Sent, sent));
        Assert.Equal(
            new(KeyOf(message), null, StatusFacts.None.With(StatusKind.Sent, sent)),
            (await Store.Messages.GetStatesAsync([KeyOf(message)], Cancellation))[0]);

        await Store.Messages.AddMessagesAsync([message], Cancellation);

        Assert.Equal(
            new(KeyOf(message), message, StatusFacts.None.With(StatusKind.Sent, sent)),
            (await Store.Messages.GetStatesAsync([KeyOf(message)], Cancellation))[0]);
    }

    [Fact]
    public async Task An_id_that_is_no_uuid_of_version_7_keeps_its_facts_too()
    {
        MessageKey[] keys = [new(Conversation, Guid.NewGuid()), new(Conversation, Guid.Empty), new(Conversation, Guid.AllBitsSet)];
        await RecordAsync([.. keys.Select((k, i) => Record(k, StatusKind.Delivered, new(Now, null, i + 1)))]);

        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal(StatusFacts.None.With(StatusKind.Delivered, new(Now, null, i + 1)), await FactsAsync(keys[i]));
            Assert.Equal(i + 1, Assert.Single(await Store.Statuses.ListTimelineAsync(keys[i], Cancellation)).Seq);
        }
    }

    [Fact]
    public async Task The_same_id_in_another_conversation_is_another_message()
    {
        var key = NewKey();
        var other = key with { ConversationId = Guid.NewGuid() };
        await RecordAsync(Record(key, StatusKind.Sent, new(Now, null, 5)), Record(other, StatusKind.Read, new(Now, null, 6)));

        Assert.Equal(StatusFacts.None.With(StatusKind.Sent, new(Now, null, 5)), await FactsAsync(key));
        Assert.Equal(StatusFacts.None.With(StatusKind.Read, new(Now, null, 6)), await FactsAsync(other));
        Assert.Equal([5], (await Store.Statuses.ListTimelineAsync(key, Cancellation)).Select(r => r.Seq));
    }

    [Fact]
    public async Task Recording_nothing_is_no_error() => await RecordAsync();

    [Fact]
    public async Task A_large_batch_is_recorded_whole()
    {
        var keys = Enumerable.Range(0, 2_000).Select(_ => NewKey()).ToArray();
        await RecordAsync([.. keys.Select((k, i) => Record(k, StatusKind.Sent, new(Now, null, i + 1)))]);

        var states = await Store.Messages.GetStatesAsync(keys, Cancellation);

        Assert.Equal(Enumerable.Range(1, keys.Length).Select(i => (long)i), states.Select(s => s.Facts[StatusKind.Sent]!.Value.Seq));
    }

    // --- The timeline ---

    [Fact]
    public async Task The_timeline_has_every_event_by_its_number_whether_it_added_a_fact_or_not()
    {
        var key = NewKey();
        var base1 = SequenceNumber.Create(1, 0);
        StatusRecord[] records =
        [
            new(key, StatusKind.Sent, new(Now, null, base1 + 1), "whatsapp", Now, Now.AddSeconds(1), null),
            new(key, StatusKind.Sent, new(Now, null, base1 + 9), null, null, Now.AddSeconds(2), base1 + 1),
            new(
                key, StatusKind.Failed, new(Now.AddSeconds(-3), "número inválido ✓", base1 + 4), "instagram",
                Utc("1999-01-01T00:00:00Z"), Now, null),
            new(key, StatusKind.Read, new(Now, null, SequenceNumber.Create(2, 0)), "whatsapp", Now.AddDays(1), Now, null),
        ];
        foreach (var record in records.Reverse()) await RecordAsync(record);
        await RecordAsync(Record(NewKey(), StatusKind.Sent, new(Now, null, base1 + 2)));

        Assert.Equal(records.OrderBy(r => r.Seq), await Store.Statuses.ListTimelineAsync(key, Cancellation));
        Assert.Empty(await Store.Statuses.ListTimelineAsync(NewKey(), Cancellation));
    }

    private async Task AssertFactsAsync(IReadOnlyList<(MessageKey Key, StatusFacts Facts)> expected)
    {
        foreach (var batch in expected.Chunk(200))
        {
            var states = await Store.Messages.GetStatesAsync([.. batch.Select(e => e.Key)], Cancellation);
            Assert.Equal(batch.Select(e => e.Facts), states.Select(s => s.Facts));
        }
    }
}
