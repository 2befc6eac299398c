using System.Threading.Channels;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.StatusWorker;
using Chat.StatusWorker.Recording;
using Chat.Tests.Compliance;
using Chat.Tests.Stores;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.StatusWorker;

/// <summary>When batches are committed, and what is numbered again; what comes of crashes in between is the simulation's.</summary>
public sealed class PartitionWorkTests : IDisposable
{
    private const int BatchSize = 4;

    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly TopicDescription Three = new(Topics.Status, 3, "a");
    private static readonly int Elsewhere = (Three.PartitionOf(Conversation.ToString()) + 1) % 3;

    // The conversation's partition is another one in it, too.
    private static readonly TopicDescription Grown = Enumerable.Range(4, 5).Select(n => Three with { Partitions = n })
        .First(t => t.PartitionOf(Conversation.ToString()) != Elsewhere);

    private readonly Deadline _deadline = new();
    private readonly FakeTimeProvider _time = new();
    private readonly EpochStore _epochs = new();
    private readonly TopicLog _log = new() { Topic = Three };
    private readonly TestMeters _meters = new();
    private readonly UnknownMessages _store = new();

    public void Dispose()
    {
        _meters.Dispose();
        _deadline.Dispose();
    }

    [Fact]
    public async Task Batches_within_the_interval_are_committed_together_and_ask_for_the_epoch_once()
    {
        await using var run = await StartAsync();
        await run.TakeAsync(Status(1));
        await run.TakeAsync(Status(2), Status(3));
        var asked = _epochs.Asked;

        _time.Advance(PartitionWork.CommitInterval);
        Assert.Equal(4, await run.CommittedAsync());
        Assert.Equal(1, _epochs.Asked - asked);
    }

    [Fact]
    public async Task As_many_events_as_a_batch_may_have_wait_for_no_commit()
    {
        await using var run = await StartAsync();
        await run.TakeAsync(Status(1), Status(2));
        await run.TakeAsync(Status(3), Status(4));
        Assert.Equal(5, await run.CommittedAsync());
    }

    [Fact]
    public async Task All_that_is_not_committed_is_numbered_again_in_order_where_its_epoch_is_no_longer_the_latest()
    {
        await using var run = await StartAsync();
        await run.TakeAsync(Status(1));
        await run.TakeAsync(Status(2));
        _log.Topic = Grown;
        _epochs.Claim(Topics.Status, Grown.Identity);

        _time.Advance(PartitionWork.CommitInterval);
        Assert.Equal(3, await run.CommittedAsync());
        Assert.Equal([Seq(1, 1), Seq(1, 2), Seq(2, 1), Seq(2, 2)], _store.Parked);
        Assert.Equal(1, _meters["chat.status.superseded"]);
    }

    [Fact]
    public async Task What_is_not_committed_is_numbered_again_too_where_a_batch_shows_that_the_topic_has_changed()
    {
        _epochs.Claim(Topics.Status, Three.Identity);
        await using var run = await StartAsync();
        await run.TakeAsync(Status(1));
        _log.Topic = Grown;
        // It came back, so that the worker looks at the topic.
        await run.TakeAsync(Stray(2, new EventHeader(HeaderNames.Rekeyed, "3")));
        Assert.Equal([Seq(1, 1), Seq(2, 1)], _store.Parked);
        Assert.Equal(3, await run.CommittedAsync());
    }

    [Fact]
    public async Task What_went_back_into_the_log_is_committed_at_once()
    {
        await using var run = await StartAsync();
        await run.TakeAsync(Stray(1));
        Assert.Equal(2, await run.CommittedAsync());
        Assert.Single(_log.Appended);
    }

    private static long Seq(int epoch, long offset) =>
        SequenceNumber.InPartition(Elsewhere, SequenceNumber.Create(epoch, offset));

    /// <summary>Of a message that nobody knows: it is parked under its number.</summary>
    private LogEvent Status(long offset) =>
        Event(offset, new(Guid.NewGuid(), null, null, "whatsapp", StatusKind.Sent, _time.GetUtcNow()));

    /// <summary>In another partition than its conversation's.</summary>
    private LogEvent Stray(long offset, params EventHeader[] headers) =>
        Event(offset, new(Guid.NewGuid(), Conversation, null, "whatsapp", StatusKind.Sent, _time.GetUtcNow()), headers);

    private LogEvent Event(long offset, StatusEvent status, params EventHeader[] headers) =>
        new(offset, Conversation.ToString(), StatusEventJson.Write(status), _time.GetUtcNow(), headers);

    private async Task<Run> StartAsync()
    {
        var metrics = new StatusMetrics(_meters, new(_meters));
        var options = Options.Create(new StatusWorkerOptions());
        var retry = new RetryForever(_time);
        var processor = new StatusProcessor(
            _log,
            new(null!, _store, null!, null!, _store, new(_store, _store)),
            new StatusPublisher(null!, metrics, _time, options, NullLogger<StatusPublisher>.Instance),
            new ReleasedStatuses(_log, new(_meters), NullLogger<ReleasedStatuses>.Instance),
            retry,
            metrics,
            _time,
            options,
            NullLogger<StatusProcessor>.Instance);
        var partition = new Partition();
        var stop = new CancellationTokenSource();
        var work = new PartitionWork(
            partition,
            new StatusEpochs(_log, _epochs, _time, NullLogger<StatusEpochs>.Instance),
            processor,
            new RefusedEvents(_log, retry, new(_meters), _time, NullLogger<RefusedEvents>.Instance),
            retry,
            new(),
            metrics,
            _time,
            BatchSize,
            NullLogger.Instance);
        var run = new Run(partition, work.RunAsync(stop.Token), stop, _deadline.Token);
        await run.Idle();
        return run;
    }

    private sealed class Run(Partition partition, Task work, CancellationTokenSource stop, CancellationToken deadline) : IAsyncDisposable
    {
        /// <summary>Has the worker take events, and returns once it has processed them.</summary>
        public async Task TakeAsync(params LogEvent[] events)
        {
            partition.Batches.Writer.TryWrite(events);
            await Idle();
        }

        public async Task Idle() => await partition.Reads.Reader.ReadAsync(deadline);

        /// <summary>The next commit.</summary>
        public async Task<long> CommittedAsync() => await partition.Commits.Reader.ReadAsync(deadline);

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await work.WaitQuietlyAsync();
            stop.Dispose();
        }
    }

    private sealed class Partition : IPartitionConsumer
    {
        public Channel<LogEvent[]> Batches { get; } = Channel.CreateUnbounded<LogEvent[]>();

        /// <summary>Each read, as it begins.</summary>
        public Channel<int> Reads { get; } = Channel.CreateUnbounded<int>();

        public Channel<long> Commits { get; } = Channel.CreateUnbounded<long>();

        TopicPartition IPartitionConsumer.Partition => new(Topics.Status, Elsewhere);

        public async ValueTask<IReadOnlyList<LogEvent>> ReadAsync(int max, CancellationToken cancellationToken)
        {
            Reads.Writer.TryWrite(max);
            return await Batches.Reader.ReadAsync(cancellationToken);
        }

        public ValueTask CommitAsync(long nextOffset, CancellationToken cancellationToken)
        {
            Commits.Writer.TryWrite(nextOffset);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Knows no message.</summary>
    private sealed class UnknownMessages : UnusedStore
    {
        public List<long> Parked { get; } = [];

        public override ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
            IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) => new(new Dictionary<Guid, MessageKey>());

        public override ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
        {
            Parked.AddRange(statuses.Select(s => s.Seq));
            return ValueTask.CompletedTask;
        }
    }
}
