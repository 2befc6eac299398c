using System.Text;
using Chat.Core.Conversations;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.RouterWorker;
using Chat.RouterWorker.Routing;
using Chat.Tests.StatusWorker;
using Chat.Tests.Stores;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.RouterWorker;

/// <summary>In which order the router does its I/O, and what it does when an engine fails.</summary>
public sealed class RouteProcessorTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Stranger = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly TopicPartition Partition = new(Topics.Messages, 0);
    private static readonly NumberedTopic Topic = new(new(Topics.Messages, 1, "a"), 1);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly TestMeters _meters = new();
    private readonly FakeLogCollector _lines = new();
    private readonly ILoggerFactory _loggers;
    private readonly RecordingStore _store;
    private readonly TopicLog _log;
    private readonly RouteProcessor _processor;
    private Func<NewEvent, bool> _refuses = _ => false;
    private int _failingAppends;

    public RouteProcessorTests()
    {
        _loggers = LoggerFactory.Create(b => b.AddProvider(new FakeLoggerProvider(_lines)));
        _store = new();
        _log = new()
        {
            Topic = Topic.Description,
            OnAppend = events =>
            {
                if (_failingAppends-- > 0)
                {
                    _store.Calls.Add("append failed");
                    throw new IOException("The log is down.");
                }
                if (events.Any(_refuses)) throw new EngineRefusedException("too large");
                _store.Calls.Add($"append {Names(events)}");
            },
        };
        _processor = new(
            _log,
            _store,
            _store,
            _store,
            new ReleasedStatuses(_log, new(_meters), _loggers.CreateLogger<ReleasedStatuses>()),
            new RetryForever(_time),
            new RouterMetrics(_meters, new(_meters)),
            Options.Create(new RouterWorkerOptions()),
            _loggers.CreateLogger<RouteProcessor>());
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Batch_is_claimed_then_stored_then_appended_and_looked_up_and_only_then_is_what_waited_appended_and_unparked()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);

        await ProcessAsync(message);

        Assert.Equal(
            [
                "find owners 1",
                "claim",
                "add 1",
                "append msg.status msg.out.whatsapp",
                "list parked 1",
                "append msg.status",
                "unpark 1",
            ],
            _store.Calls);
        Assert.Equal((1, 0), (_meters["chat.messages.routed"], _meters["chat.dead_letters messages"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Look_for_what_waits_goes_beside_the_append_and_nothing_comes_back_or_ends_before_both(bool isLookFirst)
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        var (acknowledged, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        (_log.Acknowledging, _store.Answering) = (acknowledged.Task, answered.Task);

        var processing = ProcessAsync(message);
        Assert.Equal(["append msg.status msg.out.whatsapp", "list parked 1"], Later());
        (isLookFirst ? answered : acknowledged).SetResult();
        Assert.False(processing.IsCompleted);
        Assert.Equal(["append msg.status msg.out.whatsapp", "list parked 1"], Later());
        (isLookFirst ? acknowledged : answered).SetResult();
        await processing;

        Assert.Equal(["append msg.status msg.out.whatsapp", "list parked 1", "append msg.status", "unpark 1"], Later());
    }

    [Fact]
    public async Task Look_when_it_fails_is_made_again_and_the_append_is_not()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        _store.FailingLooks = 2;

        await ProcessAfterTwoFailuresAsync(message);

        Assert.Equal(
            ["append msg.status msg.out.whatsapp", "look failed", "look failed", "list parked 1", "append msg.status", "unpark 1"],
            Later());
        Assert.Contains(
            "Could not look for what waits for the messages of messages[0]; next try in 100 ms",
            _lines.GetSnapshot().Select(l => l.Message));
    }

    [Fact]
    public async Task Append_when_it_fails_is_made_again_and_what_waited_does_not_come_before_it()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        _failingAppends = 2;

        await ProcessAfterTwoFailuresAsync(message);

        Assert.Equal(
            ["append failed", "list parked 1", "append failed", "append msg.status msg.out.whatsapp", "append msg.status", "unpark 1"],
            Later());
    }

    [Fact]
    public async Task Unparking_when_it_fails_is_made_again_alone()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        _store.FailingUnparks = 1;

        var processing = ProcessAsync(message);
        Assert.False(processing.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await processing;

        Assert.Equal(
            ["append msg.status msg.out.whatsapp", "list parked 1", "append msg.status", "unpark failed", "unpark 1"], Later());
    }

    [Fact]
    public async Task Batch_when_nothing_of_it_is_admitted_stores_nothing_and_appends_its_dead_letters()
    {
        _store.Owners[Conversation] = new(Conversation, Stranger, Now);

        await ProcessAsync(NewMessage(Organization));

        Assert.Equal(["find owners 1", "append messages.dlq"], _store.Calls);
        Assert.Equal((0, 1), (_meters["chat.messages.routed"], _meters["chat.dead_letters messages"]));
    }

    [Fact]
    public async Task Owner_when_it_is_known_is_asked_for_no_more()
    {
        await ProcessAsync(NewMessage(Organization));
        _store.Calls.Clear();

        await ProcessAsync(NewMessage(Organization));

        Assert.Equal(["add 1", "append msg.status msg.out.whatsapp", "list parked 1"], _store.Calls);
    }

    [Fact]
    public async Task Store_when_it_fails_is_tried_again_and_nothing_is_appended_before_it_works()
    {
        _store.Failures = 2;
        var processing = ProcessAsync(NewMessage(Organization));

        Assert.False(processing.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(processing.IsCompleted);
        Assert.DoesNotContain(_store.Calls, c => c.StartsWith("append", StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await processing;

        Assert.Equal(["add failed", "add failed", "add 1"], _store.Calls.Where(c => c.StartsWith("add", StringComparison.Ordinal)));
        Assert.Equal(
            [
                "Could not store the messages of messages[0]; next try in 100 ms",
                "Could not store the messages of messages[0]; next try in 200 ms",
            ],
            _lines.GetSnapshot().Select(l => l.Message).Where(l => l.StartsWith("Could not", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Early_status_when_it_is_refused_is_a_dead_letter_and_its_message_goes_its_way()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        Park(message, 8, StatusKind.Read);
        _refuses = e => e.Topic == Topics.Status && StatusEventJson.TryRead(e.Value.Span, out _)!.Status == StatusKind.Sent;

        await ProcessAsync(message);

        Assert.Equal(
            ["append msg.status msg.out.whatsapp", "list parked 1", "append msg.status.dlq", "append msg.status", "unpark 2"], Later());
        Assert.Equal(1, _meters["chat.dead_letters msg.status"]);
    }

    [Fact]
    public async Task Early_status_when_its_dead_letter_is_refused_too_is_one_without_a_value()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        _refuses = e => e.Topic != Topics.Outbound("whatsapp") && !IsAnnouncement(e) && e.Value.Length > 10;

        await ProcessAsync(message);

        var letter = Assert.Single(_log.Appended, e => e.Topic == Topics.DeadLetter(Topics.Status) && !_refuses(e));
        Assert.Equal((message.MessageId.ToString(), "null"), (letter.Key, Encoding.UTF8.GetString(letter.Value.Span)));
        Assert.Contains("append msg.status msg.out.whatsapp", _store.Calls);
    }

    [Fact]
    public async Task Message_when_the_store_or_the_log_refuses_it_is_thrown_on_at_once()
    {
        _refuses = e => e.Topic == Topics.Outbound("whatsapp");
        await Assert.ThrowsAsync<EngineRefusedException>(() => ProcessAsync(NewMessage(Organization)));
        Assert.Empty(_lines.GetSnapshot());
    }

    [Fact]
    public async Task Message_when_it_is_refused_alone_has_its_early_statuses_brought_back_all_the_same()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        _refuses = e => e.Topic == Topics.Outbound("whatsapp");

        await Assert.ThrowsAsync<EngineRefusedException>(() => ProcessAsync(message));

        Assert.Equal(["list parked 1", "append msg.status", "unpark 1"], Later());
    }

    [Fact]
    public async Task Batch_when_some_of_it_is_refused_brings_nothing_back_before_it_is_halved_and_is_over_once_the_look_is()
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        _refuses = e => e.Topic == Topics.Outbound("whatsapp");
        var answered = new TaskCompletionSource();
        _store.Answering = answered.Task;

        var processing = _processor.ProcessAsync(
            Partition, Topic, [Event(message), Event(NewMessage(Organization))], TestContext.Current.CancellationToken);
        Assert.False(processing.IsCompleted);
        answered.SetResult();

        await Assert.ThrowsAsync<EngineRefusedException>(() => processing);
        Assert.Equal(["list parked 2"], Later());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Processing_when_the_partition_is_revoked_ends_whichever_of_the_two_is_under_way(bool isLooking)
    {
        var message = NewMessage(Organization);
        Park(message, 7, StatusKind.Sent);
        var never = new TaskCompletionSource().Task;
        if (isLooking) _store.Answering = never;
        else _log.Acknowledging = never;
        using var revoked = new CancellationTokenSource();
        var processing = _processor.ProcessAsync(Partition, Topic, [Event(message)], revoked.Token);

        await revoked.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.Equal(["append msg.status msg.out.whatsapp", "list parked 1"], Later());
    }

    [Fact]
    public async Task Processing_when_the_partition_is_revoked_ends_without_an_append()
    {
        _store.Failures = int.MaxValue;
        using var revoked = new CancellationTokenSource();
        var processing = _processor.ProcessAsync(Partition, Topic, [Event(NewMessage(Organization))], revoked.Token);

        await revoked.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.DoesNotContain(_store.Calls, c => c.StartsWith("append", StringComparison.Ordinal));
    }

    private static string Names(IReadOnlyList<NewEvent> events) => string.Join(' ', events.Select(e => e.Topic));

    private static Message NewMessage(Guid organization) => new(
        Guid.CreateVersion7(Now),
        Conversation,
        organization,
        Guid.NewGuid(),
        "whatsapp",
        MessageDirection.Outbound,
        "text",
        "{}",
        null,
        Now);

    private static bool IsAnnouncement(NewEvent appended) =>
        StatusEventJson.TryRead(appended.Value.Span, out _) is { IsAnnouncement: true };

    private static LogEvent Event(Message message) => new(1, Conversation.ToString(), MessageEventJson.Write(message), Now, []);

    private void Park(Message message, long seq, StatusKind kind)
    {
        var status = new StatusEvent(message.MessageId, Conversation, Organization, "whatsapp", kind, null);
        _store.Parked.Add(new(message.MessageId.ToString(), seq, StatusEventJson.Write(status), Now));
    }

    /// <summary>What was asked for once the messages were stored.</summary>
    private List<string> Later() =>
        [.. _store.Calls.SkipWhile(c => !c.StartsWith("add ", StringComparison.Ordinal)).Skip(1)];

    /// <summary>Where one step fails twice.</summary>
    private async Task ProcessAfterTwoFailuresAsync(Message message)
    {
        var processing = ProcessAsync(message);
        Assert.False(processing.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(processing.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await processing;
    }

    private Task ProcessAsync(Message message) =>
        _processor.ProcessAsync(Partition, Topic, [Event(message)], TestContext.Current.CancellationToken);

    /// <summary>The three ports that the router uses, in memory; writes down what is asked of them.</summary>
    private sealed class RecordingStore : UnusedStore, IConversationStore
    {
        public List<string> Calls { get; } = [];

        public Dictionary<Guid, ConversationOwner> Owners { get; } = [];

        public List<ParkedStatus> Parked { get; } = [];

        /// <summary>How many of the next writes of messages fail.</summary>
        public int Failures { get; set; }

        /// <summary>How many of the next looks for parked statuses fail.</summary>
        public int FailingLooks { get; set; }

        public int FailingUnparks { get; set; }

        /// <summary>What a look for parked statuses waits for.</summary>
        public Task Answering { get; set; } = Task.CompletedTask;

        public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken)
        {
            Calls.Add("claim");
            Owners.TryAdd(claim.ConversationId, claim);
            return new(Owners[claim.ConversationId]);
        }

        public ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
            IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
        {
            Calls.Add($"find owners {conversationIds.Count}");
            return new(Owners.Where(o => conversationIds.Contains(o.Key)).ToDictionary());
        }

        public override ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken)
        {
            if (Failures-- > 0)
            {
                Calls.Add("add failed");
                throw new IOException("The store is down.");
            }
            Calls.Add($"add {messages.Count}");
            return ValueTask.CompletedTask;
        }

        public override async ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
            IReadOnlyCollection<string> subjects, CancellationToken cancellationToken)
        {
            if (FailingLooks-- > 0)
            {
                Calls.Add("look failed");
                throw new IOException("The store is down.");
            }
            Calls.Add($"list parked {subjects.Count}");
            await Answering.WaitAsync(cancellationToken);
            return [.. Parked.Where(p => subjects.Contains(p.Subject))];
        }

        public override ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
        {
            if (FailingUnparks-- > 0)
            {
                Calls.Add("unpark failed");
                throw new IOException("The store is down.");
            }
            Calls.Add($"unpark {statuses.Count}");
            return ValueTask.CompletedTask;
        }

        public ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
