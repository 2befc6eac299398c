using System.Runtime.CompilerServices;
using System.Text;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.PutBack;
using Chat.Core.Statuses;
using Chat.Engines.Embedded.Log;
using Chat.Tests.Compliance;
using Chat.Tests.Text;
using Chat.Tools;
using Chat.Tools.DeadLetters;

namespace Chat.Tests.Tools;

public sealed class DeadLetterTests : IDisposable
{
    private const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private readonly EmbeddedFolder _folder = new();
    private readonly EmbeddedEventLog _log;
    private readonly EmbeddedLogReader _reader;
    private readonly DeadLetterBox _box;
    private long _offset = 7;

    public DeadLetterTests()
    {
        _log = _folder.OpenLog();
        _reader = new(_log);
        _box = new(_log, _reader);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("messages")]
    [InlineData("msg.status")]
    [InlineData("msg.out.whatsapp")]
    public async Task A_dead_letter_goes_back_with_its_key_value_and_headers_and_only_once(string topic)
    {
        await PutAsideAsync(topic, "broken", new EventHeader(HeaderNames.TraceParent, Trace));

        Assert.Equal(1, await _box.PutBackAsync(_ => true, Cancellation));
        Assert.Equal(0, await _box.PutBackAsync(_ => true, Cancellation));

        var back = Assert.Single(await ReadAsync(topic));
        Assert.Equal(("the key", "{}"), (back.Key, Encoding.UTF8.GetString(back.Value.Span)));
        Assert.Equal([new(HeaderNames.TraceParent, Trace), new(HeaderNames.PutBack, "1")], back.Headers);
        Assert.True(Assert.Single(await ListAsync()).IsBack);
    }

    [Fact]
    public async Task Copies_of_one_dead_letter_are_one()
    {
        var bad = new LogEvent(7, "the key", Encoding.UTF8.GetBytes("{}"), DateTimeOffset.UtcNow, []);
        foreach (var partition in (int[])[1, 1, 2])
            await _log.AppendAsync(DeadLetters.From(new("messages", partition), bad, "broken"), Cancellation);
        // At the same place of a topic that was created again.
        await _log.AppendAsync(DeadLetters.From(new("messages", 1), bad with { Value = "[]"u8.ToArray() }, "broken"), Cancellation);

        Assert.Equal(["{}", "{}", "[]"], (await ListAsync()).Select(l => Encoding.UTF8.GetString(l.Event.Value.Span)));
        Assert.Equal(3, await _box.PutBackAsync(_ => true, Cancellation));
    }

    [Fact]
    public async Task The_newest_of_each_partition_come_first_and_a_copy_is_found_as_the_first_of_them()
    {
        for (var i = 0; i < 3; i++) await PutAsideAsync("messages", $"number {i}");
        await PutAsideAsync("msg.status", "other");
        var copied = new LogEvent(3, "the key", "[]"u8.ToArray(), DateTimeOffset.UtcNow, []);
        foreach (var _ in (int[])[1, 2]) await _log.AppendAsync(DeadLetters.From(new("messages", 0), copied, "copied"), Cancellation);

        var newest = await _box.ListNewestAsync(3, Cancellation);

        Assert.False(newest.IsWhole);
        Assert.Equal(["copied", "number 2", "other"], newest.Letters.Select(l => l.Reason).Order());
        Assert.Equal(newest.Letters.Select(l => l.Event.AppendedAt).OrderDescending(), newest.Letters.Select(l => l.Event.AppendedAt));
        Assert.True((await _box.ListNewestAsync(100, Cancellation)).IsWhole);
        var first = newest.Letters.Single(l => l.Reason == "copied");
        var found = await _box.FindAsync(first.Topic, first.Partition, first.Event.Offset + 1, Cancellation);
        Assert.Equal(first.Location, found!.Location);
        Assert.Null(await _box.FindAsync(first.Topic, first.Partition, first.Event.Offset + 2, Cancellation));
    }

    [Fact]
    public async Task Many_go_back_a_few_at_a_time_and_none_that_became_one_meanwhile()
    {
        const int count = 250;
        for (var i = 0; i < count; i++) await PutAsideAsync("messages", $"number {i}");
        var read = 0;
        var backByThen = 0L;
        var box = new DeadLetterBox(_log, new WatchedReader(_reader, async topic =>
        {
            if (topic != "messages.dlq" || ++read != 150) return;
            backByThen = (await _reader.GetRangesAsync("messages", Cancellation)).Sum(r => r.End - r.Start);
            await PutAsideAsync("messages", "it failed again");
            await PutAsideAsync("msg.status", "a later topic");
        }));

        Assert.Equal(count, await box.PutBackAsync(_ => true, Cancellation));
        Assert.Equal(100, backByThen);
        Assert.Equal(2, await box.PutBackAsync(_ => true, Cancellation));
    }

    [Fact]
    public async Task What_an_operator_put_back_is_back_for_the_command_too_and_says_by_whom()
    {
        await PutAsideAsync("messages", "broken");
        await _box.PutBackAsync(Assert.Single(await ListAsync()), "somebody", Cancellation);

        Assert.Equal("somebody", Assert.Single(await ListAsync()).Back!.By);
        Assert.Equal(0, await _box.PutBackAsync(_ => true, Cancellation));
    }

    [Fact]
    public async Task What_a_terminal_obeys_is_in_nothing_that_the_program_prints_of_a_dead_letter()
    {
        var evil = string.Concat(PrintableWriterTests.Obeyed);
        var bad = new LogEvent(0, $"key {evil}", Encoding.UTF8.GetBytes($"value {evil}"), DateTimeOffset.UtcNow, []);
        await _log.AppendAsync(DeadLetters.From(new("messages", 0), bad, $"reason {evil}"), Cancellation);
        EventHeader[] headers = [new(HeaderNames.DeadLetterReason, evil), new(HeaderNames.DeadLetterOffset, evil)];
        await _log.AppendAsync([new NewEvent("messages.dlq", evil, bad.Value, headers)], Cancellation);
        _folder.Close();
        using var output = new StringWriter();

        foreach (var full in new[] { new[] { "--full" }, [] })
        {
            Assert.Equal(0, await ToolProgram.RunAsync(
                ["dead-letters", "list", "--data", _folder.Options.DataFolder!, .. full], output, output));
        }

        Assert.Contains("value ", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString().Intersect(PrintableWriterTests.Obeyed));
    }

    [Fact]
    public async Task A_dead_letter_that_is_bad_again_is_a_new_one_and_says_how_often_it_came_back()
    {
        await PutAsideAsync("messages", "broken");
        await _box.PutBackAsync(_ => true, Cancellation);
        var back = Assert.Single(await ReadAsync("messages"));
        await _log.AppendAsync(DeadLetters.From(new("messages", 0), back, "still broken"), Cancellation);

        var letters = await ListAsync();
        Assert.Equal([(false, 1), (true, 0)], letters.Select(l => (l.IsBack, l.TimesBack)).Order());
        Assert.Equal(1, await _box.PutBackAsync(_ => true, Cancellation));
        Assert.Equal(["1", "2"], (await ReadAsync("messages")).Select(e => e.Header(HeaderNames.PutBack)));
    }

    [Fact]
    public async Task A_crash_between_append_and_record_leaves_the_dead_letter_to_be_put_back_again()
    {
        await PutAsideAsync("messages", "broken");
        var crashing = new DeadLetterBox(new NoRecords(_log), _reader);
        await Assert.ThrowsAsync<IOException>(() => crashing.PutBackAsync(_ => true, Cancellation));

        Assert.False(Assert.Single(await ListAsync()).IsBack);
        Assert.Equal(1, await _box.PutBackAsync(_ => true, Cancellation));
        Assert.Equal(2, (await ReadAsync("messages")).Count);
    }

    [Fact]
    public async Task By_topic_by_reason_and_by_place_only_those_go_back()
    {
        await PutAsideAsync("messages", "one thing");
        await PutAsideAsync("messages", "another");
        await PutAsideAsync("msg.status", "another");
        var place = (await ListAsync()).Single(l => l.Origin == "msg.status").Location;

        Assert.Equal(1, await PutBackAsync(new(PutBack: true, Topic: "messages", Reason: "ONE")));
        Assert.Equal(1, await PutBackAsync(new(PutBack: true, At: place)));
        Assert.Equal(["another"], (await ListAsync()).Where(l => !l.IsBack).Select(l => l.Reason));
    }

    [Fact]
    public async Task A_status_that_was_given_up_goes_back_under_its_conversation_and_says_which_number_it_repeats()
    {
        var (message, conversation) = (Guid.NewGuid(), Guid.NewGuid());
        var at = new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);
        var value = StatusEventJson.Write(new(message, conversation, null, "whatsapp", StatusKind.Sent, null));
        await _log.AppendAsync(
            ParkedStatuses.GiveUp(new ParkedStatus(ParkedStatuses.SubjectOf(message), 42, value, at), "no message came"), Cancellation);

        await _box.PutBackAsync(_ => true, Cancellation);

        var back = Assert.Single(await ReadAsync("msg.status"));
        var status = StatusEventJson.TryRead(back.Value.Span, out _)!;
        Assert.Equal((conversation.ToString(), 42L, at), (back.Key, status.Joins, status.Timestamp));
    }

    [Fact]
    public async Task A_pointer_is_listed_with_its_event_and_puts_that_back_as_it_was()
    {
        var place = await _log.AppendAsync(
            new NewEvent("messages", "the key", "{\"a\":1}"u8.ToArray(), [new(HeaderNames.TraceParent, Trace)]), Cancellation);
        await _log.AppendAsync(DeadLetters.PointerTo(new("messages", place.Partition), place.Offset, "refused: too large"), Cancellation);

        var listed = await ListTextAsync();
        Assert.Contains("refused: too large", listed, StringComparison.Ordinal);
        Assert.Contains($"its event is messages[{place.Partition}]:{place.Offset}\n", listed, StringComparison.Ordinal);
        Assert.Contains("{\"a\":1}", listed, StringComparison.Ordinal);

        Assert.Equal(1, await _box.PutBackAsync(_ => true, Cancellation));
        var back = (await ReadAsync("messages"))[^1];
        Assert.Equal(("the key", "{\"a\":1}"), (back.Key, Encoding.UTF8.GetString(back.Value.Span)));
        Assert.Equal([new(HeaderNames.TraceParent, Trace), new(HeaderNames.PutBack, "1")], back.Headers);
        Assert.Equal(0, await _box.PutBackAsync(_ => true, Cancellation));
    }

    [Theory]
    [InlineData("messages", 0, 4711)]
    [InlineData("messages", 99, 0)]
    [InlineData("elsewhere", 0, 0)]
    public async Task A_pointer_whose_event_is_gone_says_so_and_is_left(string topic, int partition, long offset)
    {
        var pointer = DeadLetters.PointerTo(new(topic, partition), offset, "refused: too large") with { Topic = "messages.dlq" };
        await _log.AppendAsync(pointer, Cancellation);

        Assert.Contains("no longer in the log", await ListTextAsync(), StringComparison.Ordinal);
        var left = new List<string>();
        Assert.Equal(0, await _box.PutBackAsync(_ => true, (_, why) => left.Add(why), Cancellation));
        Assert.Equal(["its event is no longer in the log"], left);
        Assert.False(Assert.Single(await ListAsync()).IsBack);
    }

    [Fact]
    public async Task What_the_log_refuses_to_take_back_is_left_and_the_others_go_back()
    {
        await PutAsideAsync("messages", "one");
        await PutAsideAsync("messages", "another", new EventHeader("large", new string('x', 1_048_588)));
        await PutAsideAsync("messages", "third");

        var left = new List<string>();
        Assert.Equal(2, await _box.PutBackAsync(_ => true, (letter, why) => left.Add($"{letter.Reason} {why}"), Cancellation));
        Assert.StartsWith("another refused: ", Assert.Single(left), StringComparison.Ordinal);
    }

    private async Task<string> ListTextAsync()
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await DeadLetterCommand.ListAsync(_box, new(PutBack: false), output, Cancellation);
        return output.ToString();
    }

    private Task<int> PutBackAsync(DeadLetterOptions options) => _box.PutBackAsync(options.Fits, Cancellation);

    private async Task PutAsideAsync(string topic, string reason, params EventHeader[] headers) => await _log.AppendAsync(
        DeadLetters.From(new(topic, 0), new(_offset++, "the key", "{}"u8.ToArray(), DateTimeOffset.UnixEpoch, headers), reason),
        Cancellation);

    private async Task<List<DeadLetter>> ListAsync() => await _box.ListAsync(Cancellation).ToListAsync(Cancellation);

    private async Task<List<LogEvent>> ReadAsync(string topic)
    {
        var events = new List<LogEvent>();
        foreach (var range in await _reader.GetRangesAsync(topic, Cancellation))
        {
            await foreach (var e in _reader.ReadAsync(new(topic, range.Partition), range.Start, range.End, Cancellation)) events.Add(e);
        }
        return events;
    }

    /// <summary>Dies before it is recorded that a dead letter was put back.</summary>
    private sealed class NoRecords(IEventLog inner) : IEventLog
    {
        public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
            inner.DescribeAsync(topic, cancellationToken);

        public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) =>
            events[0].Topic == Topics.PutBack ? throw new IOException("crashed") : inner.AppendAsync(events, cancellationToken);

        public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken) =>
            inner.ConsumeAsync(group, process, cancellationToken);
    }

    /// <summary>Tells of each event before it is read.</summary>
    private sealed class WatchedReader(ILogReader reader, Func<string, Task> reads) : ILogReader
    {
        public ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken) =>
            reader.GetRangesAsync(topic, cancellationToken);

        public async IAsyncEnumerable<LogEvent> ReadAsync(
            TopicPartition partition, long from, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var e in reader.ReadAsync(partition, from, end, cancellationToken))
            {
                await reads(partition.Topic);
                yield return e;
            }
        }

        public ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken) =>
            reader.GetCommittedAsync(group, cancellationToken);
    }
}
