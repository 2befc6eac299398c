using System.Text;
using Chat.Core.Engines;
using Chat.Core.Log;

namespace Chat.Tests.Compliance;

/// <summary>
/// What every <see cref="IEventLog"/> promises. An engine derives from it and says how it is opened. Nothing here depends on how many
/// partitions a topic has, and topics and groups are new in each test, so that one server serves many runs.
/// </summary>
public abstract class EventLogCompliance : IAsyncLifetime
{
    /// <summary>Opens a log; skips the test, saying why, where its server is not there.</summary>
    protected abstract ValueTask<IEventLog> OpenAsync();

    /// <summary>Before the first event that is to be deleted: what is deleted is not to be had from memory either.</summary>
    protected virtual ValueTask ForgetEventsAsync() => ValueTask.CompletedTask;

    /// <summary>Deletes every event of <see cref="Topic"/>, as retention may, whatever the groups have committed.</summary>
    protected abstract Task DeleteEventsAsync();

    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    protected IEventLog Log { get; private set; } = null!;

    /// <summary>Goes on with another log, as after a restart.</summary>
    protected void Replace(IEventLog log) => Log = log;

    protected string Topic { get; } = $"compliance.{Guid.NewGuid():N}";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Log = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
    }

    // --- Topics ---

    [Fact]
    public async Task A_topic_is_made_where_it_is_not_there_and_stays_the_same()
    {
        var made = await Log.DescribeAsync(Topic, Cancellation);

        Assert.Equal(Topic, made.Topic);
        Assert.True(made.Partitions > 0);
        Assert.NotEmpty(made.Incarnation);
        Assert.Equal(made, await Log.DescribeAsync(Topic, Cancellation));
    }

    [Fact]
    public async Task Whoever_describes_a_new_topic_at_the_same_time_gets_the_same_one()
    {
        var described = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await Log.DescribeAsync(Topic, Cancellation))));

        Assert.Single(described.Distinct());
    }

    [Fact]
    public async Task Two_topics_are_two_incarnations()
    {
        var first = await Log.DescribeAsync(Topic, Cancellation);
        var second = await Log.DescribeAsync(Topic + ".other", Cancellation);

        Assert.NotEqual(first.Incarnation, second.Incarnation);
    }

    // --- Appending ---

    [Fact]
    public async Task A_record_that_is_too_large_is_refused_for_good_and_the_others_go_on()
    {
        await Assert.ThrowsAsync<EngineRefusedException>(
            async () => await Log.AppendAsync(Event("key", new string('x', 2 << 20)), Cancellation));
        await Assert.ThrowsAsync<EngineRefusedException>(
            async () => await Log.AppendAsync([Event("key", "a"), Event("key", new string('x', 2 << 20))], Cancellation));

        await Log.AppendAsync(Event("key", "b"), Cancellation);

        // Where it was one call, the one beside it may be there too.
        var last = "";
        while (last != "b") last = Text((await ReadAllAsync(1))[^1].Event.Value);
    }

    [Fact]
    public async Task A_record_as_large_as_its_topic_takes_fits_as_a_dead_letter()
    {
        var largest = Event("key", new string('x', 1_048_000));
        var place = await Log.AppendAsync(largest, Cancellation);
        var stored = new LogEvent(place.Offset, "key", largest.Value, DateTimeOffset.UnixEpoch, []);

        await Log.AppendAsync(DeadLetters.From(new(Topic, place.Partition), stored, new string('y', 2_000)), Cancellation);
    }

    [Fact]
    public async Task An_append_answers_with_the_place_of_each_event_in_the_order_given()
    {
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        var events = Enumerable.Range(0, 200).Select(i => Event($"key {i % 17} ção", $"{i}")).ToArray();

        var places = await Log.AppendAsync(events, Cancellation);

        Assert.Equal(events.Select(e => topic.PartitionOf(e.Key)), places.Select(p => p.Partition));
        AssertRising(places);
        var seen = await ReadAllAsync(events.Length);
        Assert.Equal(
            places.Zip(events, (p, e) => (p.Partition, p.Offset, Text(e.Value))).Order(),
            seen.Select(s => (s.Partition, s.Event.Offset, Text(s.Event.Value))).Order());
    }

    [Fact]
    public async Task Appending_nothing_answers_with_nothing() => Assert.Empty(await Log.AppendAsync([], Cancellation));

    [Fact]
    public async Task One_append_reaches_several_topics()
    {
        var other = Topic + ".other";

        await Log.AppendAsync([Event("k", "a"), Event("k", "b") with { Topic = other }, Event("k", "c")], Cancellation);

        Assert.Equal(["a", "c"], (await ReadAllAsync(2)).Select(s => Text(s.Event.Value)));
        Assert.Equal(["b"], (await ReadAllAsync(1, other)).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task One_callers_appends_to_one_key_keep_their_order()
    {
        for (var i = 0; i < 30; i++) await Log.AppendAsync([Event("a", $"{i}"), Event("b", $"{i}")], Cancellation);

        var seen = await ReadAllAsync(60);
        foreach (var key in new[] { "a", "b" })
        {
            Assert.Equal(
                Enumerable.Range(0, 30).Select(i => $"{i}"),
                seen.Where(s => s.Event.Key == key).Select(s => Text(s.Event.Value)));
        }
    }

    [Fact]
    public async Task Appends_of_many_callers_get_places_of_their_own_and_keep_each_callers_order()
    {
        const int callers = 8, each = 40;
        var places = await Task.WhenAll(Enumerable.Range(0, callers).Select(c => Task.Run(async () =>
        {
            var mine = new List<EventPosition>();
            for (var i = 0; i < each; i++)
                mine.AddRange(await Log.AppendAsync([Event($"caller {c}", $"{c}/{i}")], Cancellation));
            return mine;
        })));

        Assert.Equal(callers * each, places.SelectMany(p => p).Distinct().Count());
        foreach (var mine in places) AssertRising(mine);
        var seen = await ReadAllAsync(callers * each);
        for (var c = 0; c < callers; c++)
        {
            Assert.Equal(
                Enumerable.Range(0, each).Select(i => $"{c}/{i}"),
                seen.Where(s => s.Event.Key == $"caller {c}").Select(s => Text(s.Event.Value)));
        }
    }

    [Fact]
    public async Task Key_value_and_headers_come_back_as_they_were_given()
    {
        EventHeader[] headers =
        [
            new(HeaderNames.TraceParent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            new(HeaderNames.DeadLetterReason, "não é JSON ✓"),
            new("empty", ""),
        ];
        await Log.AppendAsync([new(Topic, "chave ✓", "{\"texto\":\"Olá, mundo! ✓\"}"u8.ToArray(), headers)], Cancellation);

        var read = Assert.Single(await ReadAllAsync(1)).Event;

        Assert.Equal("chave ✓", read.Key);
        Assert.Equal("{\"texto\":\"Olá, mundo! ✓\"}", Text(read.Value));
        Assert.Equal(headers, read.Headers);
        Assert.Equal("não é JSON ✓", read.Header(HeaderNames.DeadLetterReason));
        Assert.Null(read.Header("absent"));
    }

    [Fact]
    public async Task An_event_without_headers_comes_back_without_any()
    {
        await Log.AppendAsync([Event("k", "a")], Cancellation);

        Assert.Empty(Assert.Single(await ReadAllAsync(1)).Event.Headers);
    }

    [Fact]
    public async Task An_empty_value_and_a_large_one_come_back()
    {
        var large = new byte[600_000];
        new Random(1).NextBytes(large);
        await Log.AppendAsync([Event("k", ""), new(Topic, "k", large), Event("k", "after")], Cancellation);

        var seen = await ReadAllAsync(3);

        Assert.Equal(0, seen[0].Event.Value.Length);
        Assert.True(seen[1].Event.Value.Span.SequenceEqual(large));
        Assert.Equal("after", Text(seen[2].Event.Value));
    }

    [Fact]
    public async Task What_the_caller_does_with_its_buffer_after_the_append_is_no_matter()
    {
        var buffer = "first"u8.ToArray();
        await Log.AppendAsync([new(Topic, "k", buffer)], Cancellation);
        "other"u8.CopyTo(buffer);

        Assert.Equal("first", Text(Assert.Single(await ReadAllAsync(1)).Event.Value));
    }

    [Fact]
    public async Task A_dead_letter_comes_back_with_its_reason_and_the_place_it_stood()
    {
        var place = (await Log.AppendAsync([Event("k", "no JSON")], Cancellation))[0];
        var bad = Assert.Single(await ReadAllAsync(1)).Event;

        await Log.AppendAsync(DeadLetters.From(new(Topic, place.Partition), bad, "can't be read"), Cancellation);

        var letter = Assert.Single(await ReadAllAsync(1, Topics.DeadLetter(Topic))).Event;
        Assert.Equal("no JSON", Text(letter.Value));
        Assert.Equal("can't be read", letter.Header(HeaderNames.DeadLetterReason));
        Assert.Equal($"{place.Offset}", letter.Header(HeaderNames.DeadLetterOffset));
    }

    // --- Reading ---

    [Fact]
    public async Task A_new_group_starts_at_the_earliest_event_whenever_it_comes()
    {
        await Log.AppendAsync([Event("k", "a"), Event("k", "b")], Cancellation);
        Assert.Equal(["a", "b"], (await ReadAllAsync(2)).Select(s => Text(s.Event.Value)));

        await Log.AppendAsync([Event("k", "c")], Cancellation);

        Assert.Equal(["a", "b", "c"], (await ReadAllAsync(3)).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_read_gives_at_most_as_many_as_asked_for_and_misses_none_and_mixes_no_partitions()
    {
        const int count = 2500;
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        var events = Enumerable.Range(0, count).Select(i => Event($"key {i % 50}", $"{i}")).ToArray();
        foreach (var batch in events.Chunk(400)) await Log.AppendAsync(batch, Cancellation);

        var seen = new Observed<Seen>();
        var sizes = new Observed<int>();
        await using var member = Join(NewGroup(), async (partition, revoked) =>
        {
            while (true)
            {
                var read = await partition.ReadAsync(64, revoked);
                sizes.Add(read.Count);
                seen.AddRange(read.Select(e => new Seen(partition.Partition.Partition, e)));
                await partition.CommitAsync(read[^1].Offset + 1, revoked);
            }
        });
        var items = await seen.CountAsync(count, "every event");

        Assert.All(sizes.Items, size => Assert.InRange(size, 1, 64));
        Assert.All(items, s => Assert.Equal(topic.PartitionOf(s.Event.Key!), s.Partition));
        AssertRising([.. items.Select(s => new EventPosition(s.Partition, s.Event.Offset))]);
        Assert.Equal(Enumerable.Range(0, count), items.Select(s => int.Parse(Text(s.Event.Value))).Order());
    }

    [Fact]
    public async Task A_read_waits_for_the_next_event_and_no_longer()
    {
        var seen = new Observed<Seen>();
        await using var member = Join(NewGroup(), Collect(seen));
        await Log.AppendAsync([Event("k", "a")], Cancellation);
        await seen.CountAsync(1, "the first event");

        // The member waits in its next read now, or is about to.
        await Log.AppendAsync([Event("k", "b")], Cancellation);

        Assert.Equal(["a", "b"], (await seen.CountAsync(2, "the second event")).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_read_that_is_given_up_loses_nothing()
    {
        var seen = new Observed<Seen>();
        var gaveUp = new Observed<int>();
        await using var member = Join(NewGroup(), async (partition, revoked) =>
        {
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(revoked))
            {
                var read = partition.ReadAsync(10, patience.Token);
                await patience.CancelAsync();
                try
                {
                    seen.AddRange((await read).Select(e => new Seen(partition.Partition.Partition, e)));
                }
                catch (OperationCanceledException) when (!revoked.IsCancellationRequested)
                {
                    gaveUp.Add(partition.Partition.Partition);
                }
            }
            await Collect(seen)(partition, revoked);
        });
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        await gaveUp.CountAsync(topic.Partitions, "every partition's first read to be given up");

        await Log.AppendAsync([Event("k", "a"), Event("k", "b")], Cancellation);

        Assert.Equal(["a", "b"], (await seen.CountAsync(2, "both events")).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task The_append_time_is_when_the_log_took_the_event()
    {
        // A server's clock may differ a little from ours.
        var slack = TimeSpan.FromSeconds(30);
        var before = DateTimeOffset.UtcNow - slack;
        await Log.AppendAsync([Event("k", "a")], Cancellation);
        var after = DateTimeOffset.UtcNow + slack;

        var read = Assert.Single(await ReadAllAsync(1)).Event;

        Assert.InRange(read.AppendedAt, before, after);
        Assert.Equal(TimeSpan.Zero, read.AppendedAt.Offset);
    }

    // --- Committing ---

    [Fact]
    public async Task What_was_not_committed_comes_again_with_the_same_offset_and_append_time()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 20).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        var group = NewGroup();
        var first = new Observed<Seen>();
        await using (Join(group, Collect(first, commit: false))) await first.CountAsync(20, "every event");

        var again = new Observed<Seen>();
        await using var member = Join(group, Collect(again));

        static IEnumerable<(int, long, DateTimeOffset, string)> Shown(IEnumerable<Seen> seen) =>
            seen.Select(s => (s.Partition, s.Event.Offset, s.Event.AppendedAt, Text(s.Event.Value))).Order();
        Assert.Equal(Shown(first.Items), Shown(await again.CountAsync(20, "every event again")));
    }

    [Fact]
    public async Task What_was_committed_does_not_come_again()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 20).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        var group = NewGroup();
        var first = new Observed<Seen>();
        await using (var member = Join(group, Collect(first)))
        {
            await first.CountAsync(20, "every event");
            // Stopping ends the calls, which commit what they have read before they read on.
        }

        await Log.AppendAsync([.. Enumerable.Range(20, 20).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        var next = new Observed<Seen>();
        await using var second = Join(group, Collect(next));

        var items = await next.UntilAsync(
            seen => Enumerable.Range(20, 20).All(i => seen.Any(s => Text(s.Event.Value) == $"{i}")), "the events appended since");
        Assert.Equal(Enumerable.Range(20, 20), items.Select(s => int.Parse(Text(s.Event.Value))).Order());
    }

    [Fact]
    public async Task A_commit_in_the_midst_of_what_was_read_is_where_the_next_member_starts()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 10).Select(i => Event("k", $"{i}"))], Cancellation);
        var group = NewGroup();
        var committed = new Observed<long>();
        await using (Join(group, async (partition, revoked) =>
        {
            var read = new List<LogEvent>();
            while (read.Count < 10) read.AddRange(await partition.ReadAsync(10, revoked));
            await partition.CommitAsync(read[6].Offset, revoked);
            committed.Add(read[6].Offset);
            await UntilRevoked(revoked);
        }))
        {
            await committed.CountAsync(1, "the commit");
        }

        var seen = new Observed<Seen>();
        await using var next = Join(group, Collect(seen));

        Assert.Equal(["6", "7", "8", "9"], (await seen.CountAsync(4, "the rest")).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_commit_that_is_not_above_the_last_changes_nothing()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 10).Select(i => Event("k", $"{i}"))], Cancellation);
        var group = NewGroup();
        var committed = new Observed<long>();
        await using (Join(group, async (partition, revoked) =>
        {
            var read = new List<LogEvent>();
            while (read.Count < 10) read.AddRange(await partition.ReadAsync(10, revoked));
            await partition.CommitAsync(read[8].Offset, revoked);
            await partition.CommitAsync(read[8].Offset, revoked);
            await partition.CommitAsync(read[2].Offset, revoked);
            committed.Add(read[8].Offset);
            await UntilRevoked(revoked);
        }))
        {
            await committed.CountAsync(1, "the commits");
        }

        var seen = new Observed<Seen>();
        await using var next = Join(group, Collect(seen));

        Assert.Equal(["8", "9"], (await seen.CountAsync(2, "the rest")).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_commit_may_be_made_while_a_read_waits()
    {
        await Log.AppendAsync([Event("k", "a"), Event("k", "b")], Cancellation);
        var group = NewGroup();
        var committed = new Observed<long>();
        await using (Join(group, async (partition, revoked) =>
        {
            var read = new List<LogEvent>();
            while (read.Count < 2) read.AddRange(await partition.ReadAsync(10, revoked));
            var waiting = partition.ReadAsync(10, revoked).AsTask();
            await partition.CommitAsync(read[1].Offset, revoked);
            committed.Add(read[1].Offset);
            await waiting;
        }))
        {
            await committed.CountAsync(1, "the commit");
        }

        var seen = new Observed<Seen>();
        await using var next = Join(group, Collect(seen));

        Assert.Equal(["b"], (await seen.CountAsync(1, "the rest")).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_commit_of_a_member_that_has_lost_the_partition_changes_nothing_and_does_not_throw()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 10).Select(i => Event("k", $"{i}"))], Cancellation);
        var group = NewGroup();
        var lost = new Observed<(IPartitionConsumer Partition, LogEvent Last)>();
        await using (Join(group, async (partition, revoked) =>
        {
            var read = new List<LogEvent>();
            while (read.Count < 10) read.AddRange(await partition.ReadAsync(10, revoked));
            lost.Add((partition, read[^1]));
            await UntilRevoked(revoked);
        }))
        {
            await lost.CountAsync(1, "the events");
        }

        var owns = new Observed<Seen>();
        await using (Join(group, Collect(owns, commit: false)))
        {
            await owns.CountAsync(10, "every event again");
            await lost.Items[0].Partition.CommitAsync(lost.Items[0].Last.Offset + 1, Cancellation);
        }

        var seen = new Observed<Seen>();
        await using var next = Join(group, Collect(seen));
        Assert.Equal(10, (await seen.CountAsync(10, "every event once more")).Count);
    }

    // --- Groups ---

    [Fact]
    public async Task Groups_do_not_disturb_each_other()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 20).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        Observed<Seen> first = new(), second = new();
        await using var one = Join(NewGroup(), Collect(first));
        await using var other = Join(NewGroup(), Collect(second));

        Assert.Equal(20, (await first.CountAsync(20, "the first group's events")).Count);
        Assert.Equal(20, (await second.CountAsync(20, "the second group's events")).Count);
    }

    [Fact]
    public async Task Members_of_one_group_share_the_partitions()
    {
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        Assert.SkipWhen(topic.Partitions < 2, "The topic has one partition: there is nothing to share.");
        var group = NewGroup();
        var calls = new Observed<(string Member, int Partition, bool Begins)>();
        PartitionProcessor Noting(string member) => async (partition, revoked) =>
        {
            calls.Add((member, partition.Partition.Partition, true));
            try
            {
                await UntilRevoked(revoked);
            }
            finally
            {
                calls.Add((member, partition.Partition.Partition, false));
            }
        };

        await using var first = Join(group, Noting("a"));
        await calls.CountAsync(topic.Partitions, "the first member to have all partitions");
        await using var second = Join(group, Noting("b"));

        var seen = await calls.UntilAsync(
            all => Owners(all) is var owners && owners.Count == topic.Partitions && owners.Values.Distinct().Count() == 2,
            "both members to have partitions");
        Assert.Equal(Enumerable.Range(0, topic.Partitions), Owners(seen).Keys.Order());

        static Dictionary<int, string> Owners(IReadOnlyList<(string Member, int Partition, bool Begins)> all)
        {
            var owners = new Dictionary<int, string>();
            foreach (var (member, partition, begins) in all)
            {
                if (begins) Assert.True(owners.TryAdd(partition, member), $"{member} got {partition} while another had it");
                else Assert.True(owners.Remove(partition));
            }
            return owners;
        }
    }

    [Fact]
    public async Task Every_event_reaches_a_group_whose_members_come_and_go()
    {
        const int count = 1200;
        var group = NewGroup();
        var seen = new Observed<Seen>();
        var one = Join(group, Collect(seen, max: 10));
        var two = Join(group, Collect(seen, max: 10));
        await AppendNumbersAsync(0, count / 3);
        await seen.CountAsync(1, "a first event");
        await using var three = Join(group, Collect(seen, max: 10));
        await AppendNumbersAsync(count / 3, count / 3);
        await one.DisposeAsync();
        await AppendNumbersAsync(2 * count / 3, count / 3);
        await two.DisposeAsync();

        var items = await seen.UntilAsync(all => all.DistinctBy(s => Text(s.Event.Value)).Count() == count, "every event");
        // What comes again comes from the last commit on: per key, the first sight of each event is in order.
        Assert.All(items.GroupBy(s => s.Event.Key), key =>
        {
            var numbers = key.Select(s => int.Parse(Text(s.Event.Value))).Distinct();
            Assert.Equal(numbers.Order(), numbers);
        });
    }

    [Fact]
    public async Task A_partition_is_handed_over_only_when_the_call_that_has_it_ended()
    {
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        var group = NewGroup();
        var held = new Observed<int>();
        var told = new Observed<int>();
        var ended = new Observed<int>();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leaving = Join(group, async (partition, revoked) =>
        {
            held.Add(partition.Partition.Partition);
            await UntilRevoked(revoked, swallow: true);
            told.Add(partition.Partition.Partition);
            await release.Task;
            ended.Add(partition.Partition.Partition);
        });
        await held.CountAsync(topic.Partitions, "every partition");

        leaving.Leave();
        await told.CountAsync(topic.Partitions, "every call to be told");
        var got = new Observed<(int Partition, bool Ended)>();
        await using var next = Join(group, async (partition, revoked) =>
        {
            got.Add((partition.Partition.Partition, ended.Items.Contains(partition.Partition.Partition)));
            await UntilRevoked(revoked);
        });
        // The log is alive meanwhile: another group joins, reads and leaves.
        await Log.AppendAsync([Event("k", "a")], Cancellation);
        Assert.Single(await ReadAllAsync(1));
        Assert.Empty(got.Items);
        Assert.False(leaving.Ended);

        release.SetResult();
        var items = await got.UntilAsync(
            all => all.Select(g => g.Partition).Distinct().Count() == topic.Partitions, "every partition to be handed over");
        Assert.All(items, g => Assert.True(g.Ended));
        await leaving.DisposeAsync();
    }

    [Fact]
    public async Task What_a_member_committed_while_it_was_told_to_let_go_counts()
    {
        await Log.AppendAsync([Event("k", "a"), Event("k", "b")], Cancellation);
        var group = NewGroup();
        var read = new Observed<LogEvent>();
        await using (Join(group, async (partition, revoked) =>
        {
            var events = new List<LogEvent>();
            while (events.Count < 2) events.AddRange(await partition.ReadAsync(10, revoked));
            read.AddRange(events);
            await UntilRevoked(revoked, swallow: true);
            await partition.CommitAsync(events[1].Offset, CancellationToken.None);
        }))
        {
            await read.CountAsync(2, "both events");
        }

        var seen = new Observed<Seen>();
        await using var next = Join(group, Collect(seen));

        Assert.Equal(["b"], (await seen.CountAsync(1, "the rest")).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_call_that_throws_is_made_again_from_the_committed_offset()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 10).Select(i => Event("k", $"{i}"))], Cancellation);
        var seen = new Observed<string>();
        var threw = 0;
        await using var member = Join(NewGroup(), async (partition, revoked) =>
        {
            var events = new List<LogEvent>();
            while (true)
            {
                events.AddRange(await partition.ReadAsync(10, revoked));
                if (events.Count < 10 && threw == 0) continue;
                seen.AddRange(events.Select(e => Text(e.Value)));
                if (threw == 0)
                {
                    await partition.CommitAsync(events[4].Offset, revoked);
                    threw++;
                    throw new InvalidOperationException("The store is away.");
                }
                events.Clear();
            }
        });

        var items = await seen.CountAsync(16, "the uncommitted events again");
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "4", "5", "6", "7", "8", "9"], items);
    }

    [Fact]
    public async Task A_member_that_left_has_ended_all_its_calls()
    {
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        var inside = new Observed<int>();
        var ended = 0;
        var member = Join(NewGroup(), async (partition, revoked) =>
        {
            inside.Add(partition.Partition.Partition);
            try
            {
                await UntilRevoked(revoked);
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        });
        await inside.CountAsync(topic.Partitions, "every partition");

        await member.StopAsync();

        Assert.Equal(topic.Partitions, ended);
        await member.DisposeAsync();
    }

    // --- Retention ---

    [Fact]
    public async Task What_was_deleted_before_a_group_had_processed_it_is_counted()
    {
        await ForgetEventsAsync();
        var group = NewGroup();
        using var lost = new LostEvents(group);
        NewEvent[] events = [.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"{i}"))];
        var seen = new Observed<Seen>();
        await Log.AppendAsync(events, Cancellation);
        await using (Join(group, Collect(seen))) await seen.CountAsync(100, "every event");
        await Log.AppendAsync(events, Cancellation);
        Assert.Equal(0, lost.Count);

        await DeleteEventsAsync();
        await Log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"after {i}"))], Cancellation);
        await using (Join(group, Collect(seen))) await seen.CountAsync(200, "what there is");

        Assert.All(seen.Items.Skip(100), s => Assert.StartsWith("after", Text(s.Event.Value)));
        Assert.Equal(100, lost.Count);
    }

    [Fact]
    public async Task A_new_group_has_lost_nothing_of_what_went_before_it()
    {
        await ForgetEventsAsync();
        var group = NewGroup();
        using var lost = new LostEvents(group);
        await Log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        await DeleteEventsAsync();
        await Log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"{i}"))], Cancellation);

        var seen = new Observed<Seen>();
        await using (Join(group, Collect(seen))) await seen.CountAsync(100, "what there is");

        Assert.Equal(0, lost.Count);
    }

    // --- Helpers ---

    /// <summary>An event as one partition's consumer read it.</summary>
    protected sealed record Seen(int Partition, LogEvent Event)
    {
        public override string ToString() => $"{Partition}/{Event.Offset}={Text(Event.Value)[..Math.Min(20, Text(Event.Value).Length)]}";
    }

    protected ConsumerGroup NewGroup(string? topic = null) => new($"group.{Guid.NewGuid():N}", topic ?? Topic);

    protected GroupMember Join(ConsumerGroup group, PartitionProcessor process) => new(Log, group, process);

    protected NewEvent Event(string key, string value) => new(Topic, key, Encoding.UTF8.GetBytes(value));

    protected static string Text(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    /// <summary>Reads on until revoked, and commits what it saw.</summary>
    protected static PartitionProcessor Collect(Observed<Seen> seen, bool commit = true, int max = 100) => async (partition, revoked) =>
    {
        while (true)
        {
            var events = await partition.ReadAsync(max, revoked);
            seen.AddRange(events.Select(e => new Seen(partition.Partition.Partition, e)));
            // Not the token: what was seen is to be committed even where the partition is on its way to another.
            if (commit) await partition.CommitAsync(events[^1].Offset + 1, CancellationToken.None);
        }
    };

    protected static async Task UntilRevoked(CancellationToken revoked, bool swallow = false)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, revoked);
        }
        catch (OperationCanceledException) when (swallow)
        {
        }
    }

    /// <summary>What a new group sees of a topic, once it has seen as many as there should be.</summary>
    protected async Task<IReadOnlyList<Seen>> ReadAllAsync(int count, string? topic = null)
    {
        var seen = new Observed<Seen>();
        await using var member = Join(NewGroup(topic), Collect(seen));
        return await seen.CountAsync(count, $"{count} events");
    }

    private async Task AppendNumbersAsync(int from, int count)
    {
        foreach (var batch in Enumerable.Range(from, count).Chunk(50))
            await Log.AppendAsync([.. batch.Select(i => Event($"key {i % 23}", $"{i}"))], Cancellation);
    }

    protected static void AssertRising(IReadOnlyList<EventPosition> places)
    {
        foreach (var partition in places.GroupBy(p => p.Partition))
        {
            var offsets = partition.Select(p => p.Offset).ToArray();
            Assert.Equal(offsets.Order().Distinct(), offsets);
        }
    }
}
