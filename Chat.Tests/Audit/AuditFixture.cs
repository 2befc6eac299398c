using Chat.Core.Audit;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.Engines.Embedded;
using Chat.Engines.Embedded.Log;
using Chat.StatusWorker;
using Chat.StatusWorker.Parking;
using Chat.StatusWorker.Recording;
using Chat.Tests.Compliance;
using Chat.Tests.Compliance.Store;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Audit;

/// <summary>The status worker itself on the embedded engines, and an audit of what it did.</summary>
public sealed class AuditFixture : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);
    public static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");

    private readonly EmbeddedFolder _folder;
    private readonly ParkingMetrics _parking;

    public AuditFixture()
    {
        _folder = new(Time);
        Log = _folder.OpenLog();
        Reader = new(Log);
        _parking = new(Meters);
        Owned.Add(ParkedCounter.CountingPartition);
        Store = _folder.OpenStore();
    }

    public FakeTimeProvider Time { get; } = new(Now);

    internal TestMeters Meters { get; } = new();

    public EmbeddedEventLog Log { get; }

    public EmbeddedLogReader Reader { get; }

    public StorePorts Store { get; }

    public AuditStores Stores =>
        new(Store.Conversations, Store.Messages, Store.Statuses, Store.Changes, Store.Epochs, Store.Parked, Store.Lookup, Store.Erasure);

    public Task<long> TrimAsync() => _folder.Retention.TrimAsync(Cancellation);

    public AuditWindow Window { get; set; } = new(Now.AddHours(-1), Now.AddDays(30), Now.AddDays(30));

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        Meters.Dispose();
    }

    /// <summary>
    /// A message's key, of a conversation that belongs to <see cref="Organization"/>; the message itself comes later.
    /// </summary>
    public async Task<MessageKey> ClaimAsync()
    {
        var key = new MessageKey(Guid.NewGuid(), Guid.CreateVersion7(Now));
        await Store.Conversations.ClaimConversationAsync(new(key.ConversationId, Organization, Now), Cancellation);
        return key;
    }

    public async Task<MessageKey> PostAsync()
    {
        var key = await ClaimAsync();
        await StoreMessageAsync(key);
        return key;
    }

    public ValueTask StoreMessageAsync(MessageKey key) => Store.Messages.AddMessagesAsync(
        [new(key.MessageId, key.ConversationId, Organization, Guid.Empty, "whatsapp", "outbound", "text", "{}", null, Now)], Cancellation);

    /// <param name="under">Another key than the conversation's.</param>
    public async Task<EventPosition> ReportAsync(
        MessageKey key, StatusKind kind, int seconds = 0, Guid? organization = null, string? under = null, string? reason = null) =>
        await Log.AppendAsync(
        new NewEvent(
            Topics.Status,
            under ?? MessageIds.Format(key.ConversationId),
            StatusEventJson.Write(
                new(key.MessageId, key.ConversationId, organization ?? Organization, "whatsapp", kind, Now.AddSeconds(seconds), reason))),
        Cancellation);

    private ReleasedStatuses NewReleased(IEventLog? log = null) => new(log ?? Log, new(Meters), NullLogger<ReleasedStatuses>.Instance);

    /// <summary>Works off the log, or only what <paramref name="partition"/> has.</summary>
    public async Task WorkAsync(int? partition = null)
    {
        using var deadline = new Deadline();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        var group = new ConsumerGroup(ConsumerGroup.StatusWorker, Topics.Status);
        var topic = await Log.DescribeAsync(Topics.Status, deadline.Token);
        var epoch = await Store.Epochs.ClaimEpochAsync(topic.Topic, topic.Identity, deadline.Token);
        var numbered = new NumberedTopic(topic, epoch);
        var metrics = new StatusMetrics(Meters, new(Meters));
        var options = Options.Create(new StatusWorkerOptions());
        var processor = new StatusProcessor(
            Log,
            new StatusStores(
                Store.Conversations, Store.Messages, Store.Statuses, Store.Changes, Store.Parked, Store.Lookup),
            new StatusPublisher(
                new InProcessStatusBus(NullLogger<InProcessStatusBus>.Instance),
                metrics,
                Time,
                options,
                NullLogger<StatusPublisher>.Instance),
            NewReleased(),
            new RetryForever(Time),
            metrics,
            Time,
            options,
            NullLogger<StatusProcessor>.Instance);
        var consuming = Log.ConsumeAsync(
            group,
            async (p, revoked) =>
            {
                if (partition is not null && p.Partition.Partition != partition) await Task.Delay(Timeout.Infinite, revoked);
                var owned = new OwnedPartition(p.Partition, numbered, Time);
                while (true)
                {
                    var events = await p.ReadAsync(1000, revoked);
                    await processor.ProcessAsync(owned, events, revoked);
                    await p.CommitAsync(events[^1].Offset + 1, revoked);
                }
            },
            stop.Token);
        while (!await IsDoneAsync()) await Task.Delay(TimeSpan.FromMilliseconds(5), deadline.Token);
        await stop.CancelAsync();
        await consuming.ContinueWith(_ => { }, TaskScheduler.Default);

        async Task<bool> IsDoneAsync()
        {
            var committed = await Reader.GetCommittedAsync(group, deadline.Token);
            var ranges = await Reader.GetRangesAsync(Topics.Status, deadline.Token);
            return ranges.All(r => committed[r.Partition] >= r.End || (partition is not null && r.Partition != partition));
        }
    }

    /// <summary>What the router does with statuses that came before their message.</summary>
    public async Task ReleaseAsync(MessageKey key)
    {
        var parked = await Store.Parked.ListParkedAsync([ParkedStatuses.SubjectOf(key.MessageId)], Cancellation);
        await Log.AppendAsync([.. parked.Select(p => ParkedStatuses.Release(p, key))], Cancellation);
        await Store.Parked.UnparkAsync(parked, Cancellation);
    }

    /// <summary>Gives up what waits.</summary>
    /// <param name="log">Where what is released goes, instead of the real one.</param>
    public async Task SweepAsync(IEventLog? log = null)
    {
        var options = Options.Create(new StatusWorkerOptions { ParkedLifetime = TimeSpan.FromMinutes(1) });
        Time.Advance(TimeSpan.FromMinutes(2));
        var sweeper = new ParkedSweeper(
            Store.Parked,
            Store.Lookup,
            NewReleased(log),
            Time,
            new RetryForever(Time),
            _parking,
            options,
            NullLogger<ParkedSweeper>.Instance);
        await sweeper.SweepAsync(Cancellation);
    }

    /// <summary>The partitions of <c>msg.status</c> that the counting worker has; at first the one whose worker counts.</summary>
    public OwnedPartitions Owned { get; } = new();

    /// <summary>Counts what waits, and has the gauge read.</summary>
    public async Task CountParkedAsync(IParkedStore? parked = null)
    {
        using var counter = new ParkedCounter(
            parked ?? Store.Parked,
            Owned,
            Time,
            new RetryForever(Time),
            _parking,
            Options.Create(new StatusWorkerOptions()),
            NullLogger<ParkedCounter>.Instance);
        await counter.CountAsync(Cancellation);
        Meters.Observe();
    }

    public async Task<(AuditTally Tally, List<AuditFinding> Missing)> AuditAsync(AuditStores? stores = null, ILogReader? reader = null)
    {
        var missing = new List<AuditFinding>();
        var tally = new AuditTally(missing.Add);
        var run = await AuditRun.StartAsync(Log, reader ?? Reader, stores ?? Stores, ConsumerGroup.StatusWorker, Window, Cancellation);
        foreach (var range in run.Ranges) await run.CheckAsync(range, tally, Cancellation);
        Assert.Equal(missing.Count, tally.Missing);
        return (tally, missing);
    }

    /// <summary>Every outcome that was found, with its count.</summary>
    public static string Counts(AuditTally tally) => string.Join(
        ", ", Enum.GetValues<AuditOutcome>().Where(o => tally[o] > 0).Select(o => $"{o} {tally[o]}"));

    /// <summary>The store that lost something.</summary>
    public AuditStores Tampered(Func<MessageState, MessageState>? state = null, Func<StatusChange, bool>? keeps = null) => Stores with
    {
        Messages = state is null ? Store.Messages : new TamperedMessages(Store.Messages, state),
        Changes = keeps is null ? Store.Changes : new TamperedChanges(Store.Changes, keeps),
    };

    private sealed class TamperedMessages(IMessageStore inner, Func<MessageState, MessageState> state) : IMessageStore
    {
        public ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
            inner.AddMessagesAsync(messages, cancellationToken);

        public ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
            IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) =>
            inner.FindMessageKeysAsync(messageIds, cancellationToken);

        public async ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
            IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
            [.. (await inner.GetStatesAsync(keys, cancellationToken)).Select(state)];

        public ValueTask<MessagePage> ListMessagesAsync(
            Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken) =>
            inner.ListMessagesAsync(conversationId, before, limit, cancellationToken);
    }

    private sealed class TamperedChanges(IChangeStore inner, Func<StatusChange, bool> keeps) : IChangeStore
    {
        public async ValueTask<ChangePage> ListChangesAsync(
            Guid conversationId, long since, int limit, CancellationToken cancellationToken)
        {
            var page = await inner.ListChangesAsync(conversationId, since, limit, cancellationToken);
            return page with { Changes = [.. page.Changes.Where(keeps)] };
        }

        public ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
            IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
            inner.GetHeadsAsync(conversationIds, cancellationToken);
    }
}
