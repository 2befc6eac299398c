using Chat.Core.Bus;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
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

/// <summary>In which order the status worker does its I/O.</summary>
public sealed class StatusProcessorOrderTests : IDisposable
{
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    private static readonly MessageKey Known = new(Conversation, Guid.Parse("01938a5e-0000-7000-8000-000000000001"));
    private static readonly MessageKey Early = new(Conversation, Guid.Parse("01938a5e-0000-7000-8000-000000000002"));
    private static readonly TopicDescription Topic = new(Topics.Status, 1, "a");

    private readonly FakeTimeProvider _time = new();
    private readonly TestMeters _meters = new();
    private readonly RecordingStore _store = new();
    private readonly StatusProcessor _processor;

    public StatusProcessorOrderTests()
    {
        var log = new TopicLog { Topic = Topic, OnAppend = events => _store.Calls.Add($"append {events.Count}") };
        var metrics = new StatusMetrics(_meters, new(_meters));
        var options = Options.Create(new StatusWorkerOptions());
        _processor = new(
            log,
            new(_store, _store, _store, _store, _store, new(_store, _store)),
            new StatusPublisher(_store, metrics, _time, options, NullLogger<StatusPublisher>.Instance),
            new ReleasedStatuses(log, new(_meters), NullLogger<ReleasedStatuses>.Instance),
            new RetryForever(_time),
            metrics,
            _time,
            options,
            NullLogger<StatusProcessor>.Instance);
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Early_statuses_are_parked_before_others_are_recorded_and_frames_are_published_after_that()
    {
        Assert.Equal(BatchOutcome.Done, await ProcessAsync(Known, Early));

        Assert.Equal(["owners 1", "heads 1", "states 2", "park 1", "find 1", "record 1", "publish 1"], _store.Calls);
    }

    [Fact]
    public async Task What_clients_may_have_passed_is_appended_once_more_before_it_is_recorded()
    {
        _store.Head = SequenceNumber.Create(1, 7);

        Assert.Equal(BatchOutcome.PutBack, await ProcessAsync(Known));

        Assert.Equal(["owners 1", "heads 1", "states 1", "append 1", "record 1", "publish 1"], _store.Calls);
    }

    [Fact]
    public async Task States_are_read_beside_the_owners_and_nothing_is_recorded_before_both()
    {
        var (owners, states) = (new TaskCompletionSource(), new TaskCompletionSource());
        (_store.Owning, _store.Reading) = (owners.Task, states.Task);

        var processing = ProcessAsync(Known);
        Assert.Equal(["owners 1", "heads 1", "states 1"], _store.Calls);
        states.SetResult();
        Assert.False(processing.IsCompleted);
        owners.SetResult();
        await processing;

        Assert.Equal(["owners 1", "heads 1", "states 1", "record 1", "publish 1"], _store.Calls);
    }

    private Task<BatchOutcome> ProcessAsync(params MessageKey[] keys)
    {
        var events = keys.Select((key, i) => new LogEvent(
            i,
            Conversation.ToString(),
            StatusEventJson.Write(new(key.MessageId, Conversation, Organization, "whatsapp", StatusKind.Sent, _time.GetUtcNow())),
            _time.GetUtcNow(),
            [])).ToList();
        return _processor.ProcessAsync(
            new(new(Topics.Status, 0), new(Topic, 1), _time), events, TestContext.Current.CancellationToken);
    }

    /// <summary>Has one of the two messages; writes down what is asked of it, and what is published.</summary>
    private sealed class RecordingStore : UnusedStore, IConversationStore, IStatusStore, IChangeStore, IStatusBus
    {
        public event Action? Restored
        {
            add { }
            remove { }
        }

        public List<string> Calls { get; } = [];

        /// <summary>Each conversation's head.</summary>
        public long? Head { get; set; }

        /// <summary>What the owners' answer waits for.</summary>
        public Task Owning { get; set; } = Task.CompletedTask;

        /// <summary>What the states' answer waits for.</summary>
        public Task Reading { get; set; } = Task.CompletedTask;

        public async ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
            IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
        {
            Calls.Add($"owners {conversationIds.Count}");
            await Owning.WaitAsync(cancellationToken);
            return conversationIds.ToDictionary(id => id, id => new ConversationOwner(id, Organization, default));
        }

        public override async ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
            IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
        {
            Calls.Add($"states {keys.Count}");
            await Reading.WaitAsync(cancellationToken);
            return [.. keys.Select(k => new MessageState(k, k == Known ? MessageOf(k) : null, default))];
        }

        public ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
            IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
        {
            Calls.Add($"heads {conversationIds.Count}");
            return new(Head is { } head ? conversationIds.ToDictionary(c => c, _ => head) : []);
        }

        public ValueTask RecordStatusesAsync(
            IReadOnlyList<StatusRecord> records, IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken)
        {
            Calls.Add($"record {records.Count}");
            return ValueTask.CompletedTask;
        }

        public ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken)
        {
            Calls.Add($"publish {messages.Count}");
            return ValueTask.CompletedTask;
        }

        public override ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
        {
            Calls.Add($"park {statuses.Count}");
            return ValueTask.CompletedTask;
        }

        public override ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
            IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        {
            Calls.Add($"find {messageIds.Count}");
            return new(new Dictionary<Guid, MessageKey>());
        }

        public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<ChangePage> ListChangesAsync(
            Guid conversationId, long since, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IAsyncDisposable> SubscribeAsync(
            Guid conversationId, IBusListener listener, CancellationToken cancellationToken) => throw new NotSupportedException();

        private static Message MessageOf(MessageKey key) => new(
            key.MessageId,
            key.ConversationId,
            Organization,
            Guid.NewGuid(),
            "whatsapp",
            MessageDirection.Outbound,
            "text",
            "hello",
            "+5511999999999",
            default);
    }
}
