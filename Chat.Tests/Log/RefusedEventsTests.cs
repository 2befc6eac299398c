using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Time;
using Chat.Tests.StatusWorker;
using Chat.Tests.Telemetry;
using FsCheck;
using FsCheck.Xunit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Log;

public sealed class RefusedEventsTests : IDisposable
{
    private static readonly TopicPartition Partition = new(Topics.Status, 2);

    private readonly FakeTimeProvider _time = new();
    private readonly TestMeters _meters = new();
    private readonly FakeLogger<RefusedEvents> _lines = new();

    public void Dispose() => _meters.Dispose();

    private RefusedEvents Create(IEventLog log) => new(log, new RetryForever(_time), new(_meters), _time, _lines);

    private static TopicLog NewLog() => new() { Topic = new(Topics.Status, 3, "a") };

    private static LogEvent[] Events(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new LogEvent(100 + (2 * i), "k", "{}"u8.ToArray(), DateTimeOffset.UnixEpoch, []))];

    [Property(MaxTest = 300)]
    public void Whatever_is_refused_all_the_others_are_processed_in_order_and_it_has_a_pointer(NonEmptyArray<bool> which)
    {
        var isRefused = which.Get;
        var events = Events(isRefused.Length);
        var refused = events.Where((_, i) => isRefused[i]).Select(e => e.Offset).ToHashSet();
        var log = NewLog();
        var done = new List<long>();
        var calls = 0;

        var processing = Create(log).ProcessAsync(
            Partition,
            events,
            (part, _) =>
            {
                calls++;
                if (part.Any(e => refused.Contains(e.Offset))) throw new EngineRefusedException("too large");
                done.AddRange(part.Select(e => e.Offset));
                return Task.CompletedTask;
            },
            CancellationToken.None);

        Assert.True(processing.IsCompletedSuccessfully);
        Assert.Equal(events.Select(e => e.Offset).Where(o => !refused.Contains(o)), done);
        Assert.Equal(refused.Order().Select(o => $"2/{o}"), log.Appended.Select(e => e.Key));
        var rounds = (int)Math.Ceiling(Math.Log2(isRefused.Length));
        Assert.InRange(calls, 1, 1 + (2 * refused.Count * rounds));
    }

    [Fact]
    public async Task A_pointer_says_where_the_event_is_and_why_and_is_small()
    {
        var log = NewLog();
        await Create(log).PutAsideAsync(
            Partition, 17, new EngineRefusedException(new string('<', 100_000)), TestContext.Current.CancellationToken);

        var pointer = Assert.Single(log.Appended);
        Assert.Equal(("msg.status.dlq", "2/17"), (pointer.Topic, pointer.Key));
        Assert.True(pointer.Value.Length + pointer.Headers!.Sum(h => h.Name.Length + h.Value.Length) < 2_000);
        var read = DeadLetterPointer.TryRead(new(0, pointer.Key, pointer.Value, DateTimeOffset.UnixEpoch, pointer.Headers!))!;
        Assert.Equal(("msg.status", 2, 17L), (read.Topic, read.Partition, read.Offset));
        Assert.StartsWith("refused: <<<", read.Reason, StringComparison.Ordinal);
        Assert.Equal(1, _meters["chat.dead_letters msg.status"]);
        Assert.Equal(LogLevel.Warning, _lines.LatestRecord.Level);
    }

    [Fact]
    public async Task A_defect_of_ours_on_one_event_is_tried_three_times_and_then_a_pointer_with_its_type_and_an_error()
    {
        var log = NewLog();
        var alone = 0;
        var processing = Create(log).ProcessAsync(
            Partition,
            Events(4),
            (part, _) =>
            {
                if (part.All(e => e.Offset != 102)) return Task.CompletedTask;
                if (part.Count == 1) alone++;
                throw new FormatException("no number");
            },
            TestContext.Current.CancellationToken);

        for (var tried = 1; tried < RefusedEvents.Tries; tried++)
        {
            Assert.Equal((tried, false), (alone, processing.IsCompleted));
            _time.Advance(RefusedEvents.Pause);
        }
        await processing;
        Assert.Equal(RefusedEvents.Tries, alone);
        Assert.Equal("FormatException: no number", Assert.Single(log.Appended).Headers!.First(h => h.Name == "dlq.reason").Value);
        Assert.Equal(LogLevel.Error, _lines.LatestRecord.Level);
    }

    [Fact]
    public async Task A_defect_that_is_gone_at_the_next_try_puts_nothing_aside()
    {
        var log = NewLog();
        var tries = 0;
        var processing = Create(log).ProcessAsync(
            Partition,
            Events(1),
            (_, _) => ++tries == 1 ? throw new FormatException("once") : Task.CompletedTask,
            TestContext.Current.CancellationToken);
        _time.Advance(RefusedEvents.Pause);
        await processing;
        Assert.Equal((2, 0), (tries, log.Appended.Count));
    }

    [Fact]
    public async Task Short_memory_is_no_events_fault()
    {
        var log = NewLog();
        await Assert.ThrowsAsync<InsufficientMemoryException>(() => Create(log).ProcessAsync(
            Partition, Events(2), (_, _) => throw new InsufficientMemoryException(), TestContext.Current.CancellationToken));
        Assert.Empty(log.Appended);
    }

    [Fact]
    public async Task A_revoked_partition_ends_it_and_puts_nothing_aside()
    {
        var log = NewLog();
        using var revoked = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Create(log).ProcessAsync(
            Partition,
            Events(4),
            (_, ct) =>
            {
                revoked.Cancel();
                ct.ThrowIfCancellationRequested();
                return Task.CompletedTask;
            },
            revoked.Token));

        Assert.Empty(log.Appended);
    }

    [Fact]
    public async Task What_is_refused_once_the_partition_is_gone_is_left_to_its_next_owner()
    {
        var log = NewLog();
        using var revoked = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Create(log).ProcessAsync(
            Partition,
            Events(4),
            (_, _) =>
            {
                revoked.Cancel();
                throw new EngineRefusedException("too large");
            },
            revoked.Token));

        Assert.Empty(log.Appended);
    }

    [Fact]
    public async Task A_pointer_that_is_refused_is_tried_again()
    {
        var refusals = 2;
        var log = new TopicLog
        {
            Topic = new(Topics.Status, 3, "a"),
            OnAppend = _ =>
            {
                if (refusals-- > 0) throw new EngineRefusedException("too large");
            },
        };
        var putting = Create(log).PutAsideAsync(Partition, 1, new EngineRefusedException("x"), TestContext.Current.CancellationToken);
        Assert.False(putting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await putting;
        Assert.Equal(3, log.Appended.Count);
    }
}
