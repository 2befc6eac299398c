using Chat.Core.Bus;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.StatusWorker;
using Chat.StatusWorker.Recording;
using Chat.Tests.Stores;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.StatusWorker;

/// <summary>What becomes of batches while members see the topic differently; the rest is the simulation's.</summary>
public sealed class StatusProcessorTests : IDisposable
{
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly TopicDescription Three = new(Topics.Status, 3, "a");
    private static readonly TopicDescription Four = Three with { Partitions = 4 };
    private static readonly TopicPartition Elsewhere = new(Topics.Status, (Three.PartitionOf(Conversation.ToString()) + 1) % 3);

    // What lies in the wrong partition goes back before anything is read or written.
    private static readonly StatusStores NoStores = new(null!, null!, null!, null!, null!, null!);

    private readonly UnknownMessages _unknown = new();

    private readonly FakeTimeProvider _time = new();
    private readonly EpochStore _store = new();
    private readonly TopicLog _log = new() { Topic = Three };
    private readonly TestMeters _meters = new();

    public void Dispose() => _meters.Dispose();

    private Task<BatchOutcome> ProcessAsync(int epoch, params EventHeader[] headers)
    {
        var status = new StatusEvent(Guid.NewGuid(), Conversation, null, "whatsapp", StatusKind.Sent, _time.GetUtcNow());
        var source = new LogEvent(5, Conversation.ToString(), StatusEventJson.Write(status), _time.GetUtcNow(), headers);
        return ProcessAsync(epoch, NoStores, [source]);
    }

    private Task<BatchOutcome> ProcessAsync(int epoch, StatusStores stores, IReadOnlyList<LogEvent> events)
    {
        var metrics = new StatusMetrics(_meters, new(_meters));
        var options = Options.Create(new StatusWorkerOptions());
        var processor = new StatusProcessor(
            _log,
            stores,
            new StatusPublisher(new NoBus(), metrics, _time, options, NullLogger<StatusPublisher>.Instance),
            new ReleasedStatuses(_log, new(_meters), NullLogger<ReleasedStatuses>.Instance),
            new RetryForever(_time),
            metrics,
            _time,
            options,
            NullLogger<StatusProcessor>.Instance);
        return processor.ProcessAsync(
            new(Elsewhere, new NumberedTopic(Three, epoch), _time), events, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_event_in_the_wrong_place_goes_back_into_the_log()
    {
        Assert.Equal(BatchOutcome.PutBack, await ProcessAsync(_store.Claim(Topics.Status, Three.Identity)));
        Assert.Single(_log.Appended);
        Assert.Equal(1, _meters["chat.status.events rekeyed"]);
    }

    [Fact]
    public async Task An_event_that_comes_back_to_the_wrong_place_makes_the_worker_look_at_the_topic_again()
    {
        var epoch = _store.Claim(Topics.Status, Three.Identity);
        _log.Topic = Four;
        Assert.Equal(BatchOutcome.TopicChanged, await ProcessAsync(epoch, new EventHeader(HeaderNames.Rekeyed, "3")));
        Assert.Empty(_log.Appended);
    }

    [Fact]
    public async Task An_event_that_comes_back_though_the_topic_is_the_same_goes_back_once_a_second()
    {
        var done = ProcessAsync(_store.Claim(Topics.Status, Three.Identity), new EventHeader(HeaderNames.Rekeyed, "3"));
        Assert.False(done.IsCompleted);
        Assert.Empty(_log.Appended);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(BatchOutcome.PutBack, await done);
        Assert.Single(_log.Appended);
    }

    [Fact]
    public async Task A_thousand_events_that_name_no_conversation_are_looked_up_in_two_calls_and_once_more_after_they_are_parked()
    {
        var epoch = _store.Claim(Topics.Status, Three.Identity);
        var events = Enumerable.Range(0, 1000).Select(i => new LogEvent(
            i,
            null,
            StatusEventJson.Write(i % 2 == 0
                ? new(Guid.NewGuid(), null, null, "whatsapp", StatusKind.Sent, null)
                : new(null, null, null, "whatsapp", StatusKind.Sent, null, ProviderMessageId: $"wamid.{i}")),
            _time.GetUtcNow(),
            [])).ToList();

        Assert.Equal(
            BatchOutcome.Done,
            await ProcessAsync(epoch, new(null!, _unknown, null!, null!, _unknown, new(_unknown, _unknown)), events));

        Assert.Equal(["find 500", "find provider's 500", "park 1000", "find 500", "find provider's 500"], _unknown.Calls);
    }

    /// <summary>Knows no message.</summary>
    private sealed class UnknownMessages : UnusedStore
    {
        public List<string> Calls { get; } = [];

        public override ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
            IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        {
            Calls.Add($"find {messageIds.Count}");
            return new(new Dictionary<Guid, MessageKey>());
        }

        public override ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
            IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken)
        {
            Calls.Add($"find provider's {ids.Count}");
            return new(new Dictionary<ProviderId, MessageKey>());
        }

        public override ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
        {
            Calls.Add($"park {statuses.Count}");
            return ValueTask.CompletedTask;
        }
    }

    private sealed class NoBus : IStatusBus
    {
        public event Action? Restored
        {
            add { }
            remove { }
        }

        public ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IAsyncDisposable> SubscribeAsync(
            Guid conversationId, IBusListener listener, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
