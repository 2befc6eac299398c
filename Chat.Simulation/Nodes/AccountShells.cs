using Chat.Connectors;
using Chat.Connectors.Instagram.Sending;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Connectors.Webhooks;
using Chat.Connectors.WhatsApp.Sending;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Ids;
using Chat.Core.Providers;
using Chat.Simulation.Engines;
using Chat.Simulation.Meta;
using Chat.Simulation.Scheduling;
using MicrosoftOptions = Microsoft.Extensions.Options.Options;

namespace Chat.Simulation.Nodes;

/// <summary>What a connectors' process does for accounts: it sends from them, receives their webhooks, and sees to what waits.</summary>
internal sealed class AccountShells
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly World _world;
    private readonly SimProcess _process;
    private readonly SimMeta _meta;
    private readonly SimLog _log;
    private readonly SimStore _store;
    private readonly ConnectorsOptions _options;
    private readonly ConnectorMetrics _metrics;
    private readonly AccountDirectory _accounts;
    private readonly NotedProviderIds _noted;
    private readonly SettledTries _settled;
    private readonly SendLimits _limits = new();
    private readonly IdSource _ids;

    public AccountShells(
        World world,
        SimProcess process,
        SimMeta meta,
        SimLog log,
        SimStore store,
        ConnectorsOptions options,
        ConnectorMetrics metrics)
    {
        (_world, _process, _meta, _log, _store, _options, _metrics) = (world, process, meta, log, store, options, metrics);
        _accounts = world.AccountsOf(process, store, meta);
        _noted = new(store, store, world.ReleasedOf(process, log));
        _settled = new(log, store, _noted, store, metrics);
        _ids = new(process.Time, world.Random.Fork().Fill);
    }

    /// <summary>What a process of a run with accounts is set to: short enough for a run.</summary>
    public static ConnectorsOptions Options() => new()
    {
        MaxInFlight = 10,
        SendConcurrency = 4,
        LongestWait = TimeSpan.FromSeconds(2),
        UnknownAfter = TimeSpan.FromMinutes(3),
        UnknownInterval = TimeSpan.FromSeconds(10),
    };

    public IAccountOutbox OutboxOf(Channel channel)
    {
        var sender = new AccountSender(
            ProviderOf(channel),
            _accounts,
            _store,
            _store,
            _store,
            new ReferredMessages(_store, _store),
            _settled,
            World.RetryOf(_process),
            _options,
            _metrics,
            _process.Time,
            _world.LoggerOf<AccountSender>(_process));
        return new AccountOutbox(new(
            sender,
            _accounts,
            _store,
            _limits,
            _world.RefusedOf(_process, _log),
            World.RetryOf(_process),
            _ids,
            _options,
            _metrics,
            _process.Time,
            _world.LoggerOf<AccountOutbox>(_process)));
    }

    public Task RunAsync(CancellationToken stopping)
    {
        string[] channels = [.. ChannelCatalog.Names];
        var releaser = new HeldReleaser(
            channels,
            _accounts,
            _store,
            _store,
            _log,
            World.RetryOf(_process),
            _options,
            _metrics,
            _process.Time,
            _world.LoggerOf<HeldReleaser>(_process));
        var sweeper = new OpenTrySweeper(
            channels,
            _store,
            _store,
            _store,
            _settled,
            World.RetryOf(_process),
            _options,
            _metrics,
            _process.Time,
            _world.LoggerOf<OpenTrySweeper>(_process));
        return Task.WhenAll(
            _world.RefreshAsync(_process, _accounts, stopping),
            new AccountUpkeep(releaser, sweeper).RunAsync(stopping),
            WebhooksAsync(stopping));
    }

    private Task WebhooksAsync(CancellationToken stopping)
    {
        var processor = new WebhookProcessor(
            _log,
            _accounts,
            new(_store, _store, _store, _store, new(_store, _store)),
            new(_store, _store, _process.Time),
            _noted,
            _world.RefusedOf(_process, _log),
            World.RetryOf(_process),
            new(SharedMeters.Instance, new(SharedMeters.Instance)),
            _world.LoggerOf<WebhookProcessor>(_process));
        return new WebhookConsumer(
            _log, processor, _world.RefusedOf(_process, _log), MicrosoftOptions.Create(_options)).RunAsync(stopping);
    }

    private IAccountProvider ProviderOf(Channel channel)
    {
        var settings = new ProvidersOptions();
        (settings.WhatsApp.Timeout, settings.Instagram.Timeout) = (Patience, Patience);
        var graph = new SimGraph(_world, _process, _meta, channel.Name);
        var options = MicrosoftOptions.Create(settings);
        return channel.Name == ChannelCatalog.WhatsApp ? new WhatsAppProvider(graph, options) : new InstagramProvider(graph, options);
    }
}
