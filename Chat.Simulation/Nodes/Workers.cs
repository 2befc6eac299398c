using Chat.Connectors;
using Chat.Connectors.Callbacks;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Channels;
using Chat.Core.Parking;
using Chat.RouterWorker;
using Chat.RouterWorker.Routing;
using Chat.Simulation.Engines;
using Chat.StatusWorker;
using Chat.StatusWorker.Parking;
using Chat.StatusWorker.Recording;
using Microsoft.Extensions.Options;

namespace Chat.Simulation.Nodes;

/// <summary>The router worker.</summary>
public sealed class RouterNode(World world) : Node(world, world.NewProcess("router"))
{
    public override Node Again() => new RouterNode(World);

    protected override Task RunAsync()
    {
        var log = World.LogOf(Process);
        var withBug = World.InjectedBug
            is InjectedBug.NoLookForParked or InjectedBug.OwnMessagePutAside or InjectedBug.ForeignMessageRouted;
        var store = World.StoreOf(Process, withBug);
        var metrics = new RouterMetrics(SharedMeters.Instance, new(SharedMeters.Instance));
        var processor = new RouteProcessor(
            log,
            store,
            store,
            store,
            World.ReleasedOf(Process, log),
            World.RetryOf(Process),
            metrics,
            Options.Create(new RouterWorkerOptions()),
            World.LoggerOf<RouteProcessor>(Process));
        var consumer = new MessageConsumer(
            log,
            new MessageEpochs(log, store, Process.Time, World.LoggerOf<MessageEpochs>(Process)),
            processor,
            World.RefusedOf(Process, log),
            World.RetryOf(Process),
            Options.Create(new RouterWorkerOptions()),
            World.LoggerOf<MessageConsumer>(Process)).RunAsync(Stopping);
        if (World.Meta is null) return consumer;
        var inbound = new InboundConsumer(
            log,
            World.RefusedOf(Process, log),
            World.RetryOf(Process),
            metrics,
            Options.Create(new RouterWorkerOptions()),
            World.LoggerOf<InboundConsumer>(Process));
        return Task.WhenAll(consumer, inbound.RunAsync(Stopping));
    }
}

/// <summary>The status worker.</summary>
public sealed class StatusNode(World world) : Node(world, world.NewProcess("status"))
{
    // Where nothing else is planned, far beyond what a run lasts: what waits for a message that never comes is still there at the end,
    // but for some runs' very early ones.
    private static readonly TimeSpan ParkedLifetime = TimeSpan.FromMinutes(2);

    // Beyond the run: the sweeper brings back what waits under a provider's id that is known by then, and hides that nobody did before.
    private static readonly TimeSpan ParkedLifetimeWithAccounts = TimeSpan.FromMinutes(10);

    public override Node Again() => new StatusNode(World);

    public static TimeSpan ParkedLifetimeOf(World world) =>
        world.Meta is not null ? ParkedLifetimeWithAccounts : world.Plan.ParkedFor ?? ParkedLifetime;

    protected override Task RunAsync()
    {
        var log = World.LogOf(Process);
        var withBug = World.InjectedBug is InjectedBug.NoLookAfterParking or InjectedBug.PublishBeforePersist;
        var store = World.StoreOf(Process, withBug);
        var bus = new SimBus(World.Bus, World.LinkOf(Process, World.BusFaults), new(World.Bus, Process), InjectedBug.None);
        var retry = World.RetryOf(Process);
        var options = Options.Create(new StatusWorkerOptions
        {
            ParkedLifetime = ParkedLifetimeOf(World),
            ParkedSweepInterval = TimeSpan.FromSeconds(World.Plan.ParkedFor is null ? 20 : 3),
            // A frame that was given up is found by the check of the heads alone: where that is off, none is given up.
            PublishPatience = World.Plan.HeadChecks ? TimeSpan.FromSeconds(2) : TimeSpan.FromMinutes(1),
        });
        var epochs = new StatusEpochs(log, store, Process.Time, World.LoggerOf<StatusEpochs>(Process));
        var lookup = new MessageLookup(store, store);
        var stores = new StatusStores(store, store, store, store, store, lookup);
        var metrics = new StatusMetrics(SharedMeters.Instance, new(SharedMeters.Instance));
        var publisher = new StatusPublisher(bus, metrics, Process.Time, options, World.LoggerOf<StatusPublisher>(Process));
        var processor = new StatusProcessor(
            log,
            stores,
            publisher,
            World.ReleasedOf(Process, log),
            retry,
            metrics,
            Process.Time,
            options,
            World.LoggerOf<StatusProcessor>(Process));
        var refused = World.RefusedOf(Process, log);
        var consumer = new StatusConsumer(
            log, epochs, processor, refused, retry, new(), metrics, Process.Time, options, World.LoggerOf<StatusConsumer>(Process));
        var sweeper = new ParkedSweeper(
            store,
            lookup,
            World.ReleasedOf(Process, log),
            Process.Time,
            retry,
            new(SharedMeters.Instance),
            options,
            World.LoggerOf<ParkedSweeper>(Process));
        return Task.WhenAll(consumer.RunAsync(Stopping), sweeper.RunAsync(Stopping));
    }
}

/// <summary>The connectors of all channels: on the simulated provider, and from accounts on the simulated Meta.</summary>
public sealed class ConnectorNode(World world) : Node(world, world.NewProcess("connector"))
{
    public override Node Again() => new ConnectorNode(World);

    protected override Task RunAsync()
    {
        var log = World.LogOf(Process);
        var withBug = World.InjectedBug is InjectedBug.TryNotClaimed or InjectedBug.HoldNotKept or InjectedBug.NoLookForParkedIds;
        var store = World.StoreOf(Process, withBug);
        var options = World.Meta is null ? new ConnectorsOptions { MaxInFlight = 3 } : AccountShells.Options();
        var settings = new SimulatedChannelOptions
        {
            DeliveredAfter = TimeSpan.FromMilliseconds(400),
            ReadAfter = TimeSpan.FromMilliseconds(800),
            FailureShare = 0.2,
        };
        var metrics = new ConnectorMetrics(SharedMeters.Instance, new(SharedMeters.Instance));
        var callbacks = new StatusCallbacks(options, metrics, Process.Time, World.LoggerOf<StatusCallbacks>(Process));
        var accounts = World.Meta is { } meta ? new AccountShells(World, Process, meta, log, store, options, metrics) : null;
        var sending = ChannelCatalog.All.Select(channel => new OutboundConnector(
            new WatchedProvider(World, new SimulatedProvider(channel, settings, World.LoggerOf<SimulatedProvider>(Process))),
            log,
            store,
            callbacks,
            World.RefusedOf(Process, log),
            new(Process.Time),
            options,
            metrics,
            Process.Time,
            World.LoggerOf<OutboundConnector>(Process),
            accounts?.OutboxOf(channel)).RunAsync(Stopping)).ToList();
        return Task.WhenAll(accounts is null ? sending : [.. sending, accounts.RunAsync(Stopping)]);
    }

    private sealed class WatchedProvider(World world, SimulatedProvider provider) : IChannelProvider
    {
        public string Channel => provider.Channel;

        public ValueTask<SendAnswer> SendAsync(Outgoing outgoing, CancellationToken cancellationToken)
        {
            world.Checker.HandedOver(outgoing.Message.MessageId, provider.Plan(outgoing.Message.MessageId).Select(p => p.Kind));
            return provider.SendAsync(outgoing, cancellationToken);
        }
    }
}
