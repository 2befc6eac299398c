using System.Globalization;
using System.Text;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.Tests.Compliance.Store;

/// <summary>How a store is opened that the compliance suites run against.</summary>
public interface IStoreEngine : IAsyncDisposable
{
    /// <summary>Opens the store; skips the test, saying why, where its server is not there.</summary>
    ValueTask<StorePorts> OpenAsync();
}

/// <summary>
/// What the suites of the store's ports share; a suite for each port, and a class for each engine that runs it. All ids are new in each
/// test, so that one server serves many runs.
/// </summary>
public abstract class StoreCompliance(IStoreEngine engine) : IAsyncLifetime
{
    protected StorePorts Store { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Goes on with another store, as after a restart.</summary>
    protected void Replace(StorePorts store) => Store = store;

    /// <summary>A conversation that no other test knows.</summary>
    protected Guid Conversation { get; } = Guid.NewGuid();

    protected IdSource Ids { get; } = new(TimeProvider.System);

    /// <summary>The present, in the precision that the store keeps.</summary>
    protected static DateTimeOffset Now { get; } = Milliseconds(DateTimeOffset.UtcNow);

    public async ValueTask InitializeAsync() => Store = await engine.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await engine.DisposeAsync();
    }

    protected static DateTimeOffset Milliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    protected static DateTimeOffset Utc(string time) =>
        DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>An id as it would have been made at a time.</summary>
    protected static Guid IdAt(DateTimeOffset time) => Guid.CreateVersion7(time);

    protected MessageKey NewKey() => new(Conversation, Ids.Next());

    protected Message NewMessage(Guid? id = null, Guid? conversation = null, string? recipient = null)
    {
        var messageId = id ?? Ids.Next();
        return new(
            messageId,
            conversation ?? Conversation,
            Guid.NewGuid(),
            Guid.NewGuid(),
            "whatsapp",
            "outbound",
            "text",
            "{\"texto\":\"Olá, mundo! ✓\"}",
            recipient,
            MessageIds.CreatedAt(messageId) ?? Now);
    }

    protected static MessageKey KeyOf(Message message) => new(message.ConversationId, message.MessageId);

    protected static StatusRecord Record(MessageKey key, StatusKind? kind, Fact fact) =>
        new(key, kind, fact, "whatsapp", fact.At, Now, null);

    protected ValueTask RecordAsync(params StatusRecord[] records) => Store.Statuses.RecordStatusesAsync(records, Cancellation);

    protected async Task<StatusFacts> FactsAsync(MessageKey key) => (await Store.Messages.GetStatesAsync([key], Cancellation))[0].Facts;

    protected StatusChange Change(long seq, Guid? message = null, MessageStatus status = MessageStatus.Sent, string? reason = null) =>
        new(Conversation, seq, message ?? Ids.Next(), status, "whatsapp", Now.AddMilliseconds(seq % 1000), reason, Now);

    /// <summary>The same call by several callers at once.</summary>
    protected static Task<T[]> TogetherAsync<T>(int callers, Func<int, ValueTask<T>> call)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            await start.Task;
            return await call(i);
        })).ToArray();
        start.SetResult();
        return Task.WhenAll(all);
    }

    protected static ParkedStatus Parked(string subject, long seq) =>
        new(subject, seq, Encoding.UTF8.GetBytes($"{{\"status\":\"SENT\",\"n\":{seq}}}"), Now.AddMilliseconds(seq));

    protected static void AssertParked(IEnumerable<ParkedStatus> expected, IEnumerable<ParkedStatus> actual)
    {
        static (string, long, string, DateTimeOffset) Shown(ParkedStatus p) =>
            (p.Subject, p.Seq, Encoding.UTF8.GetString(p.Value.Span), p.AppendedAt);
        Assert.Equal(expected.Select(Shown), actual.Select(Shown));
    }
}
