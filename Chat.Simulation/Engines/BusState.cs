using Chat.Core.Bus;
using Chat.Core.Frames;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>The bus itself: it remembers nothing, and knows who listens.</summary>
public sealed class BusState(SimScheduler scheduler, SimRandom random, TraceWriter trace)
{
    private readonly List<BusConnection> _connections = [];

    public SimScheduler Scheduler => scheduler;

    public SimRandom Random => random;

    public TraceWriter TraceWriter => trace;

    /// <summary>Share of deliveries that are lost, and nobody is told.</summary>
    public double DropSilently { get; set; }

    /// <summary>Share of deliveries that take up to two seconds, with all that come after them on the connection.</summary>
    public double Slow { get; set; }

    /// <summary>Called with everything that a worker tries to publish, whether or not the bus takes it.</summary>
    public Action<BusMessage>? Attempted { get; set; }

    public IReadOnlyList<BusConnection> Connections => _connections;

    /// <summary>The highest number that was published of each conversation.</summary>
    public Dictionary<Guid, long> LastPublished { get; } = [];

    public BusConnection Connect(SimProcess process)
    {
        var connection = new BusConnection(this, process);
        _connections.Add(connection);
        process.OnDeath(() => _connections.Remove(connection));
        return connection;
    }

    public void Publish(BusMessage message)
    {
        if (BusPayload.TryRead(message.Payload)?.Seq is { } seq)
            LastPublished[message.ConversationId] = Math.Max(seq, LastPublished.GetValueOrDefault(message.ConversationId));
        Offer(message);
    }

    /// <summary>What another system publishes on the same channels.</summary>
    public void Offer(BusMessage message)
    {
        foreach (var connection in _connections.ToArray()) connection.Offer(message);
    }
}

/// <summary>One process' connection to the bus, and what it listens to.</summary>
public sealed class BusConnection(BusState bus, SimProcess process)
{
    private readonly Queue<(BusSubscription To, byte[] Payload)> _underWay = new();
    private readonly List<BusSubscription> _subscriptions = [];
    private readonly List<Action> _waiting = [];
    private TimeSpan _lastArrival;
    private int _incarnation;

    public event Action? Restored;

    public SimProcess Process => process;

    /// <summary>Whether the process believes that it is connected.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>Whether the bus has it, too: it may lose a connection before the process notices.</summary>
    public bool IsAlive { get; private set; } = true;

    public IReadOnlyList<BusSubscription> Subscriptions => _subscriptions;

    public void Offer(BusMessage message)
    {
        if (!IsAlive) return;
        foreach (var subscription in _subscriptions)
        {
            if (!subscription.Stands || subscription.ConversationId != message.ConversationId) continue;
            if (bus.Random.Chance(bus.DropSilently))
            {
                bus.TraceWriter.Write(process, $"bus: a payload of {message.ConversationId} is lost");
                continue;
            }
            _underWay.Enqueue((subscription, message.Payload.ToArray()));
            var latency = bus.Random.Chance(bus.Slow) ? bus.Random.Milliseconds(10, 2000) : bus.Random.Milliseconds(0.05, 3);
            // A connection is a stream: nothing overtakes.
            var arrival = bus.Scheduler.Now + latency;
            if (arrival > _lastArrival) _lastArrival = arrival;
            var incarnation = _incarnation;
            bus.Scheduler.After(_lastArrival - bus.Scheduler.Now, process, () => Arrive(incarnation));
        }
    }

    /// <summary>Calls once the bus can be reached.</summary>
    public void WhenUp(Action action)
    {
        if (IsUp && IsAlive) action();
        else _waiting.Add(action);
    }

    public void Add(BusSubscription subscription) => _subscriptions.Add(subscription);

    public void Remove(BusSubscription subscription) => _subscriptions.Remove(subscription);

    /// <summary>The connection breaks; after a while the process notices, and some time later it is back.</summary>
    public void Break(TimeSpan unnoticed, TimeSpan away)
    {
        if (!IsAlive || process.IsDead) return;
        bus.TraceWriter.Write(
            process, $"bus: connection lost, noticed after {unnoticed.TotalSeconds:F2} s, back {away.TotalSeconds:F2} s later");
        IsAlive = false;
        _incarnation++;
        _underWay.Clear();
        foreach (var subscription in _subscriptions) subscription.Stands = false;
        bus.Scheduler.After(unnoticed, bus.Scheduler.World, () => IsUp = false);
        bus.Scheduler.After(unnoticed + away, bus.Scheduler.World, Reconnect);
    }

    private void Reconnect()
    {
        if (process.IsDead) return;
        IsAlive = true;
        // One after the other; what stands again hears at once.
        var next = _subscriptions.FirstOrDefault(s => !s.Stands && !s.IsNew);
        if (next is not null)
        {
            next.Stands = true;
            bus.Scheduler.After(bus.Random.Milliseconds(0.1, 5), bus.Scheduler.World, Reconnect);
            return;
        }
        if (IsUp) return;
        IsUp = true;
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        foreach (var action in waiting) action();
        bus.Scheduler.After(bus.Random.Milliseconds(0.1, 50), process, () =>
        {
            bus.TraceWriter.Write(process, $"bus: restored");
            Restored?.Invoke();
        });
    }

    private void Arrive(int incarnation)
    {
        if (incarnation != _incarnation || !_underWay.TryDequeue(out var next)) return;
        if (!next.To.IsDisposed) next.To.Handler(next.Payload);
    }
}

public sealed class BusSubscription(Guid conversationId, Action<ReadOnlyMemory<byte>> handler)
{
    public Guid ConversationId => conversationId;

    public Action<ReadOnlyMemory<byte>> Handler => handler;

    public bool Stands { get; set; }

    /// <summary>Asked for, and never stood yet: it is not among those that a reconnect brings back.</summary>
    public bool IsNew { get; set; } = true;

    public bool IsDisposed { get; set; }
}
