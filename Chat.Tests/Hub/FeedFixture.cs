using System.Text.Json;
using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Api.Hub;
using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Core.Bus;
using Chat.Core.Conversations;
using Chat.Core.Engines;
using Chat.Core.Frames;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.Tests.Stores;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Hub;

/// <summary>
/// One conversation's feed on a bus and a store that answer when a test says so, and at once on the caller's thread: what happens, and
/// in which order, is the test's alone.
/// </summary>
internal sealed class FeedFixture
{
    public static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    public static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    public static readonly Guid Stranger = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");

    /// <param name="change">Room and pages are small unless a test says otherwise.</param>
    /// <param name="time">A clock of the test's own.</param>
    public FeedFixture(Action<HubOptions>? change = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new(new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero));
        var options = new HubOptions { ReadPage = 3, MaxHeldPayloads = 2, HeadCheckBatch = 2 };
        change?.Invoke(options);
        Options = Microsoft.Extensions.Options.Options.Create(options);
        Retry = new(Time);
        Metrics = new(Meters);
        Reader = new(Store, Store, Retry, Options, Metrics, NullLogger<ChangeReader>.Instance);
        var owners = new OwnerCache(Store);
        HubAccess = new(owners, new(owners, Store), Retry, NullLogger<HubAccess>.Instance);
        Feeds = new(Bus, Reader, HubAccess, Retry, Time, new Middle(), Options, Metrics, NullLogger<Feed>.Instance);
    }

    public FakeTimeProvider Time { get; }

    public IOptions<HubOptions> Options { get; }

    public HandBus Bus { get; } = new();

    public HandStore Store { get; } = new();

    public RetryForever Retry { get; }

    public TestMeters Meters { get; } = new();

    public HubMetrics Metrics { get; }

    public HubAccess HubAccess { get; }

    public ChangeReader Reader { get; }

    public FeedRegistry Feeds { get; }

    public static StatusChange Change(long seq) =>
        new(Conversation, seq, new Guid((int)seq, 0, 0, new byte[8]), MessageStatus.Sent, "whatsapp", default, null, default);

    public static Message MessageOf(MessageKey key) => new(
        key.MessageId, key.ConversationId, Organization, Stranger, "whatsapp", "inbound", "text", "{\"texto\":\"Oi\"}", null, default, 7);

    /// <summary>The sessions of an instance whose tokens nobody refreshes.</summary>
    public HubSessions Sessions(ITokenReader? tokens = null, ILogger<HubSession>? logger = null) =>
        new(Feeds, HubAccess, tokens ?? new NoTokens(), Time, Options, Metrics, logger ?? NullLogger<HubSession>.Instance);

    /// <summary>What the status worker does: into the store, then out.</summary>
    public void Publish(long seq, long? prev, Guid? organization = null)
    {
        Store.Changes.Add(seq);
        Announce(seq, prev, organization);
    }

    /// <summary>The same for a message that was taken in.</summary>
    public void PublishMessage(long seq, long? prev)
    {
        Store.Changes.Add(seq);
        Store.Announcements.Add(seq);
        var change = Store.ChangeOf(seq);
        Bus.Bring(Conversation, MessageFrame.EncodeForBus(change, MessageOf(change.Key), prev, null));
    }

    private sealed class NoTokens : ITokenReader
    {
        public ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken) => ValueTask.FromResult<ChatUser?>(null);
    }

    private sealed class Middle : Random
    {
        public override double NextDouble() => 0.5;
    }

    /// <summary>The bus alone.</summary>
    public void Announce(long seq, long? prev, Guid? organization = null) =>
        Bus.Bring(Conversation, StatusFrame.EncodeForBus(Change(seq), organization ?? Organization, prev, null));

    public static Task<bool> SubscribeAsync(Feed feed, Subscription subscription, long? since, Access access = Access.Granted) =>
        feed.SubscribeAsync(subscription, since, _ => ValueTask.FromResult(access), TestContext.Current.CancellationToken);

    /// <summary>A subscriber that counts from the head, as somebody does who has the page.</summary>
    public static async Task<SentFrames> WatchAsync(
        Feed feed, Guid? organization = null, WatchedEvents events = WatchedEvents.Status)
    {
        var sink = new SentFrames();
        await SubscribeAsync(feed, new(sink, organization ?? Organization, new(1), events), since: null);
        sink.Shown.Clear();
        return sink;
    }
}

/// <summary>A bus that brings what a test gives it.</summary>
internal sealed class HandBus : IStatusBus
{
    private readonly Dictionary<Guid, IBusListener> _listeners = [];

    public event Action? Restored;

    public bool HasListeners => Restored is not null;

    public int Subscriptions => _listeners.Count;

    public void Bring(Guid conversation, params IReadOnlyList<byte[]> payloads)
    {
        foreach (var payload in payloads) _listeners[conversation].OnPayload(payload);
        _listeners[conversation].OnSettled();
    }

    /// <summary>Subscriptions are given back in vain.</summary>
    public bool FailsToUnsubscribe { get; set; }

    /// <summary>What a subscription does first, on its caller's thread.</summary>
    public Action? Subscribing { get; set; }

    /// <summary>What subscriptions wait for.</summary>
    public Task SubscribeGate { get; set; } = Task.CompletedTask;

    public void Restore() => Restored!.Invoke();

    public ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public async ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, IBusListener listener, CancellationToken cancellationToken)
    {
        Subscribing?.Invoke();
        await SubscribeGate.WaitAsync(cancellationToken);
        _listeners.Add(conversationId, listener);
        return new Ending(() =>
        {
            _listeners.Remove(conversationId);
            if (FailsToUnsubscribe) throw new IOException("The bus is away.");
        });
    }

    private sealed class Ending(Action end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            end();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>The part of a store that the hub's repair uses, for any number of conversations with the same numbers.</summary>
internal sealed class HandStore : UnusedStore, IChangeStore, IConversationStore
{
    /// <summary>The numbers of the changes that it has.</summary>
    public SortedSet<long> Changes { get; } = [];

    /// <summary>Those of them that announce their message.</summary>
    public HashSet<long> Announcements { get; } = [];

    /// <summary>Whether it has the messages that were announced.</summary>
    public bool HasMessages { get; set; } = true;

    /// <summary>How many messages each read of them asked for, in order.</summary>
    public List<int> MessageReads { get; } = [];

    /// <summary>Changes up to here are gone.</summary>
    public long GoneUpTo { get; set; }

    public bool IsOwned { get; set; } = true;

    /// <summary>What each read of changes asked for, in order.</summary>
    public List<long> Reads { get; } = [];

    /// <summary>The conversations of each read of heads, in order.</summary>
    public List<int> HeadReads { get; } = [];

    /// <summary>What the next reads wait for after they looked; empty: nothing.</summary>
    public Queue<Task> Pauses { get; } = new();

    /// <summary>What reads of heads wait for before they look.</summary>
    public Task HeadGate { get; set; } = Task.CompletedTask;

    /// <summary>Conversations that can't be read, alone or with others.</summary>
    public HashSet<Guid> Unreadable { get; } = [];

    /// <summary>The store refuses instead of failing.</summary>
    public bool Refuses { get; set; }

    /// <summary>Reads see nothing above this: they are behind.</summary>
    public long Behind { get; set; } = long.MaxValue;

    private void FailAt(Guid conversation)
    {
        if (!Unreadable.Contains(conversation)) return;
        throw Refuses ? new EngineRefusedException("no") : new IOException("no quorum");
    }

    /// <summary>Holds the next read back, which has looked already, until the answer is set.</summary>
    public TaskCompletionSource HoldNextRead()
    {
        var answer = new TaskCompletionSource();
        Pauses.Enqueue(answer.Task);
        return answer;
    }

    public async ValueTask<ChangePage> ListChangesAsync(Guid conversationId, long since, int limit, CancellationToken cancellationToken)
    {
        FailAt(conversationId);
        Reads.Add(since);
        var shown = Changes.Where(c => c <= Behind).ToList();
        var page = new ChangePage(
            shown.LastOrDefault(),
            since >= GoneUpTo,
            [.. shown.Where(c => c > since && c > GoneUpTo).Take(limit).Select(ChangeOf)]);
        if (Pauses.TryDequeue(out var pause)) await pause;
        return page;
    }

    public StatusChange ChangeOf(long seq) =>
        FeedFixture.Change(seq) with { Status = Announcements.Contains(seq) ? MessageStatus.Accepted : MessageStatus.Sent };

    public override ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
        IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        MessageReads.Add(keys.Count);
        return new([.. keys.Select(k => new MessageState(k, HasMessages ? FeedFixture.MessageOf(k) : null, StatusFacts.None))]);
    }

    public async ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        HeadReads.Add(conversationIds.Count);
        await HeadGate;
        foreach (var conversation in conversationIds) FailAt(conversation);
        return Changes.Count == 0 ? new Dictionary<Guid, long>() : conversationIds.ToDictionary(c => c, _ => Changes.Max);
    }

    public ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) => new(
        IsOwned ? conversationIds.ToDictionary(c => c, c => new ConversationOwner(c, FeedFixture.Organization, default)) : []);

    public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}

/// <summary>What a socket was given, in words: numbers of statuses, and <c>subscribed</c> with what it says.</summary>
internal sealed class SentFrames : IFrameSink
{
    public List<string> Shown { get; } = [];

    /// <summary>What messages came, whole.</summary>
    public List<JsonElement> Messages { get; } = [];

    /// <summary>What had been sent at each wait for room.</summary>
    public List<int> Waits { get; } = [];

    /// <summary>How many frames came in each piece, of what came in pieces.</summary>
    public List<int> Pieces { get; } = [];

    public string Text => string.Join(", ", Shown);

    public void Send(OutgoingBatch batch)
    {
        Pieces.Add(batch.Frames.Count);
        foreach (var frame in batch.Frames) Send(frame);
    }

    public void Send(OutgoingFrame frame)
    {
        using var json = JsonDocument.Parse(frame.Payload.ToArray());
        var root = json.RootElement;
        var isAnswer = root.TryGetProperty("type", out var type) && type.ValueEquals("subscribed");
        var recovered = root.TryGetProperty("recovered", out var r) ? r.GetBoolean() ? " recovered" : " lost" : "";
        if (root.TryGetProperty("message", out var message)) Messages.Add(message.Clone());
        Shown.Add(isAnswer ? $"subscribed {root.GetProperty("seq").GetInt64()}{recovered}" : $"{frame.Seq}");
    }

    public void Close(CloseCode code, string reason) => Shown.Add($"closed {code}");

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        Waits.Add(Shown.Count);
        return ValueTask.CompletedTask;
    }
}
