using Chat.Connectors;
using Chat.Connectors.Callbacks;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Time;
using Chat.Tests.Telemetry;
using Chat.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Chat.Tests.Connectors.Samples;

namespace Chat.Tests.Connectors.Sending;

/// <summary>A channel's connector that sends from an account, on one thread and a clock that the test moves.</summary>
public abstract class SendingHarness : IDisposable
{
    private protected static readonly AccountKey Key = new(ChannelCatalog.WhatsApp, "700800900");
    private protected static readonly Guid Organization = Guid.CreateVersion7(Start);

    private protected readonly FakeLog _log = new();
    private protected readonly SettableClock _time = new(Start);
    private protected readonly Pump _pump = new();
    private protected readonly SendingStore _store = new();
    private protected readonly FakeAccounts _accounts = new();
    private protected readonly ScriptedProvider _provider = new();
    private protected readonly TestMeters _meters = new();
    private protected readonly ConnectorsOptions _options = new();
    // One a millisecond: their order is that of their making.
    private protected readonly IdSource _ids = new(new FakeTimeProvider(Start) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) });
    private protected CancellationTokenSource _running = new();
    private protected string[] _channels = [Key.Channel];
    private protected HeldReleaser? _releaser;
    private protected OpenTrySweeper? _sweeper;

    protected SendingHarness() => _accounts.Connect(Key, Organization);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Stop();
        _running.Dispose();
        _meters.Dispose();
    }

    private protected Message Message(Guid? conversation = null)
    {
        var id = _ids.Next();
        return new(
            id,
            conversation ?? _ids.Next(),
            Organization,
            _ids.Next(),
            Key.Channel,
            MessageDirection.Outbound,
            MessageTypes.Text,
            """{"texto":"Olá"}""",
            "5511900000002",
            MessageIds.CreatedAt(id)!.Value,
            AccountId: Key.AccountId);
    }

    private protected void StartUp()
    {
        _running = new();
        var metrics = new ConnectorMetrics(_meters, new(_meters));
        var retry = new RetryForever(_time);
        var refused = new RefusedEvents(_log, retry, new(_meters), _time, NullLogger<RefusedEvents>.Instance);
        var released = new ReleasedStatuses(_log, new(_meters), NullLogger<ReleasedStatuses>.Instance);
        var settled = new SettledTries(_log, _store, new(_store, _store, released), _store, metrics);
        var sender = new AccountSender(
            _provider,
            _accounts,
            _store,
            _store,
            _store,
            new(_store, _store),
            settled,
            retry,
            _options,
            metrics,
            _time,
            NullLogger<AccountSender>.Instance);
        var parts = new AccountParts(
            sender, _accounts, _store, new(), refused, retry, _ids, _options, metrics, _time, NullLogger.Instance);
        _releaser = new(
            _channels, _accounts, _store, _store, _log, retry, _options, metrics, _time, NullLogger<HeldReleaser>.Instance);
        _sweeper = new(
            _channels, _store, _store, _store, settled, retry, _options, metrics, _time, NullLogger<OpenTrySweeper>.Instance);
        var connector = new OutboundConnector(
            new SimulatedProvider(ChannelCatalog.Default, new(), NullLogger<SimulatedProvider>.Instance),
            _log,
            new LedgerStore(),
            new StatusCallbacks(_options, metrics, _time, NullLogger<StatusCallbacks>.Instance),
            refused,
            retry,
            _options,
            metrics,
            _time,
            NullLogger<OutboundConnector>.Instance,
            new AccountOutbox(parts));
        _pump.Run(() => connector.RunAsync(_running.Token));
    }

    private protected void Stop() => _pump.Run(() => _running.Cancel());

    /// <summary>Another process gets the partition, and the one before has not heard of it: <see cref="Stop"/> ends both.</summary>
    private protected void TakeOver()
    {
        var before = _running;
        StartUp();
        _running.Token.Register(before.Cancel);
    }

    private protected void Restart()
    {
        Stop();
        StartUp();
    }

    private protected void Pass(int milliseconds) => _pump.Run(() => _time.Advance(TimeSpan.FromMilliseconds(milliseconds)));

    private protected void Release() => _pump.Run(() => _releaser!.ReleaseAsync(default).AsTask());

    private protected void Sweep() => _pump.Run(() => _sweeper!.SweepAsync(Key.Channel, default).AsTask());

    private protected Message Post()
    {
        var message = Message();
        Post(message);
        return message;
    }

    private protected Message Post(Message message)
    {
        Post([message]);
        return message;
    }

    private protected void Post(params Message[] messages) => _pump.Run(() => _log.AppendAsync(
        [
            .. messages.Select(m => new NewEvent(
                Topics.Outbound(m.Channel), m.ConversationId.ToString("D"), MessageEventJson.Write(m))),
        ],
        default).AsTask());

    private protected List<StatusEvent> Statuses() =>
        [.. _log.Events(Topics.Status).Select(e => StatusEventJson.TryRead(e.Value.Span, out _) ?? throw new InvalidOperationException())];
}
