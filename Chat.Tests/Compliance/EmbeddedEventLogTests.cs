using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Telemetry;
using Chat.Tests.Time;

namespace Chat.Tests.Compliance;

public sealed class EmbeddedEventLogTests : EventLogCompliance
{
    private readonly SettableClock _time = new(DateTimeOffset.UtcNow) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    private readonly EmbeddedFolder _folder;

    public EmbeddedEventLogTests()
    {
        _folder = new(_time);
        // The clock stands still: a call that threw is made again at once.
        _folder.Options.ConsumerPause = TimeSpan.Zero;
    }

    protected override ValueTask<IEventLog> OpenAsync() => ValueTask.FromResult<IEventLog>(_folder.OpenLog());

    protected override ValueTask ForgetEventsAsync()
    {
        _folder.Options.TailBytes = 0;
        Reopen();
        return ValueTask.CompletedTask;
    }

    // Past the groups' expiry, so that none of them keeps it.
    protected override async Task DeleteEventsAsync()
    {
        _time.Advance(TimeSpan.FromDays(31));
        Assert.True(await _folder.Log!.TrimAsync(Cancellation) > 0);
    }

    protected override ValueTask CloseAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Events_offsets_append_times_and_the_incarnation_survive_a_restart()
    {
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        var places = await Log.AppendAsync(
            [.. Enumerable.Range(0, 50).Select(i => Event($"{i}", $"{i}") with { Headers = [new("n", $"{i}")] })], Cancellation);
        var before = await ReadAllAsync(50);

        Reopen();

        Assert.Equal(topic, await Log.DescribeAsync(Topic, Cancellation));
        var after = await ReadAllAsync(50);
        Assert.Equal(Shown(before), Shown(after));
        Assert.Equal(places.Order(Place), after.Select(s => new EventPosition(s.Partition, s.Event.Offset)).Order(Place));

        static IEnumerable<string> Shown(IEnumerable<Seen> seen) => seen
            .Select(s =>
                $"{s.Partition}/{s.Event.Offset} {s.Event.AppendedAt:O} {s.Event.Key}={Text(s.Event.Value)} {s.Event.Header("n")}")
            .Order();
    }

    [Fact]
    public async Task Committed_offsets_survive_a_restart()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 30).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        var group = NewGroup();
        var first = new Observed<Seen>();
        await using (Join(group, Collect(first))) await first.CountAsync(30, "every event");

        Reopen();

        await Log.AppendAsync(Event("k", "next"), Cancellation);
        var next = new Observed<Seen>();
        await using var member = Join(group, Collect(next));
        Assert.Equal(["next"], (await next.CountAsync(1, "what was appended since")).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_topic_keeps_the_partitions_it_was_made_with_whatever_the_option_says_later()
    {
        var made = await Log.DescribeAsync(Topic, Cancellation);
        Assert.Equal(4, made.Partitions);

        _folder.Options.Partitions = 7;
        Reopen();

        Assert.Equal(made, await Log.DescribeAsync(Topic, Cancellation));
        Assert.Equal(7, (await Log.DescribeAsync(Topic + ".new", Cancellation)).Partitions);
    }

    [Fact]
    public async Task A_reader_that_the_memory_no_longer_serves_reads_from_disk_and_misses_nothing()
    {
        _folder.Options.TailBytes = 2_000;
        Reopen();
        await Log.AppendAsync([.. Enumerable.Range(0, 500).Select(i => Event("k", $"{i}"))], Cancellation);

        var seen = new Observed<Seen>();
        await using var member = Join(NewGroup(), Collect(seen, max: 7));
        await seen.CountAsync(1, "a first event");
        await Log.AppendAsync([.. Enumerable.Range(500, 500).Select(i => Event("k", $"{i}"))], Cancellation);

        var items = await seen.CountAsync(1_000, "every event");
        Assert.Equal(Enumerable.Range(0, 1_000), items.Select(s => int.Parse(Text(s.Event.Value))));
    }

    // --- Retention ---

    [Fact]
    public async Task An_event_is_let_go_once_it_is_old_and_every_known_group_committed_it()
    {
        await Log.AppendAsync([.. Enumerable.Range(0, 40).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        ConsumerGroup quick = NewGroup(), slow = NewGroup();
        Observed<Seen> quickSeen = new(), slowSeen = new();
        await using (Join(slow, Collect(slowSeen, commit: false))) await slowSeen.CountAsync(40, "every event");
        await using (Join(quick, Collect(quickSeen))) await quickSeen.CountAsync(40, "every event");
        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));

        _time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));

        var again = new Observed<Seen>();
        await using (Join(slow, Collect(again))) await again.CountAsync(40, "every event for the slow group");
        await Log.AppendAsync(Event("k", "young"), Cancellation);
        Assert.Equal(40, await _folder.Log!.TrimAsync(Cancellation));

        Reopen();
        Assert.Equal(["young"], (await ReadAllAsync(1)).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_group_that_nobody_is_a_member_of_any_more_holds_nothing_back_in_the_end()
    {
        await Log.AppendAsync(Event("k", "a"), Cancellation);
        var seen = new Observed<Seen>();
        await using (Join(NewGroup(), Collect(seen, commit: false))) await seen.CountAsync(1, "the event");

        _time.Advance(TimeSpan.FromDays(29));
        Reopen();
        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));

        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await _folder.Log!.TrimAsync(Cancellation));
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_makes_no_event_old_and_no_group_forgotten()
    {
        await Log.AppendAsync(Event("k", "a"), Cancellation);
        var seen = new Observed<Seen>();
        await using (Join(NewGroup(), Collect(seen, commit: false))) await seen.CountAsync(1, "the event");

        _time.Off = TimeSpan.FromDays(365);
        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));
        _time.Off = TimeSpan.Zero;

        _time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await _folder.Log!.TrimAsync(Cancellation));
    }

    [Fact]
    public async Task An_event_of_a_clock_that_was_ahead_goes_with_those_after_it()
    {
        _time.Off = TimeSpan.FromDays(365);
        await Log.AppendAsync(Event("k", "ahead"), Cancellation);
        _time.Off = TimeSpan.Zero;
        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));
        await Log.AppendAsync(Event("k", "right"), Cancellation);
        _time.Advance(TimeSpan.FromDays(8));
        await Log.AppendAsync(Event("k", "young"), Cancellation);

        Assert.Equal(2, await _folder.Log!.TrimAsync(Cancellation));
        Reopen();
        Assert.Equal(["young"], (await ReadAllAsync(1)).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task A_clock_that_was_behind_takes_no_event_before_its_own()
    {
        await Log.AppendAsync(Event("k", "right"), Cancellation);
        _time.Off = TimeSpan.FromDays(-365);
        await Log.AppendAsync(Event("k", "behind"), Cancellation);
        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));
        _time.Off = TimeSpan.Zero;

        Assert.Equal(0, await _folder.Log!.TrimAsync(Cancellation));
    }

    [Fact]
    public async Task Events_of_a_topic_that_no_group_reads_are_let_go_by_age_alone()
    {
        await Log.AppendAsync(Event("k", "old"), Cancellation);
        _time.Advance(TimeSpan.FromDays(8));
        await Log.AppendAsync(Event("k", "young"), Cancellation);

        Assert.Equal(1, await _folder.Log!.TrimAsync(Cancellation));
        Reopen();
        Assert.Equal(["young"], (await ReadAllAsync(1)).Select(s => Text(s.Event.Value)));
    }

    [Fact]
    public async Task Offsets_are_never_used_twice_though_everything_was_let_go()
    {
        var before = await Log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        _time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(100, await _folder.Log!.TrimAsync(Cancellation));
        Reopen();

        var after = await Log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"{i}"))], Cancellation);

        Assert.Empty(before.Intersect(after));
        AssertRising([.. before, .. after]);
    }

    [Fact]
    public async Task A_group_that_was_behind_what_was_let_go_goes_on_with_what_is_there()
    {
        // The group joins, and is forgotten.
        var group = NewGroup();
        await using (Join(group, (_, revoked) => UntilRevoked(revoked))) await Log.AppendAsync(Event("k", "old"), Cancellation);
        _time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, await _folder.Log!.TrimAsync(Cancellation));
        await Log.AppendAsync(Event("k", "young"), Cancellation);
        Reopen();

        var seen = new Observed<Seen>();
        await using var member = Join(group, Collect(seen));
        await Log.AppendAsync(Event("k", "younger"), Cancellation);

        Assert.Equal(["young", "younger"], (await seen.CountAsync(2, "what is there")).Select(s => Text(s.Event.Value)));
    }

    // --- The gauge ---

    [Fact]
    public async Task The_lag_of_a_group_is_what_it_has_not_committed_of_each_partition()
    {
        var group = NewGroup();
        var seen = new Observed<Seen>();
        var places = await Log.AppendAsync([.. Enumerable.Range(0, 40).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        await using var member = Join(group, async (partition, revoked) =>
        {
            var events = await partition.ReadAsync(1, revoked);
            await partition.CommitAsync(events[0].Offset + 1, revoked);
            seen.Add(new(partition.Partition.Partition, events[0]));
            await UntilRevoked(revoked);
        });
        await seen.CountAsync(4, "one commit in each partition");

        var lag = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == ChatTelemetry.Meter && instrument.Name == "chat.consumer.lag") l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => (string?)t.Value);
            if (named["messaging.consumer.group.name"] == group.Group && named["messaging.destination.name"] == Topic)
                lag.Add(named["messaging.destination.partition.id"]!, value);
        });
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal(places.GroupBy(p => $"{p.Partition}").ToDictionary(p => p.Key, p => p.Count() - 1L), lag);
    }

    private static readonly Comparer<EventPosition> Place =
        Comparer<EventPosition>.Create((a, b) => (a.Partition, a.Offset).CompareTo((b.Partition, b.Offset)));

    private void Reopen()
    {
        _folder.Close();
        Replace(_folder.OpenLog());
    }
}
