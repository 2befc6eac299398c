using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using Chat.Api.Hub.Sockets;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>What a client gets to hear of its line.</summary>
public interface ILineEnd
{
    void OnBytes(byte[] bytes);

    /// <summary>The connection is gone, without a word.</summary>
    void OnBroken();
}

/// <summary>One connection between a client and an API instance: two streams, of which nothing overtakes anything.</summary>
public sealed class SocketLine
{
    private readonly SimScheduler _scheduler;
    private readonly SimRandom _random;
    private readonly Queue<byte[]> _down = new();
    private readonly Queue<(WebSocketMessageType Type, byte[] Bytes)> _up = new();
    private readonly Queue<(WebSocketMessageType Type, byte[] Bytes)> _inbox = new();
    private readonly List<(TaskCompletionSource Done, int Length)> _writers = [];
    private readonly CancellationTokenSource _aborted = new();
    private TaskCompletionSource? _arrived;
    private TimeSpan _lastDown, _lastUp;
    private int _buffered;

    public SocketLine(SimScheduler scheduler, SimRandom random, SimProcess client, ILineEnd end, SimProcess server)
    {
        (_scheduler, _random, Client, End, Server) = (scheduler, random, client, end, server);
        Wire = new(this);
        client.OnDeath(() => BreakLater(server: true, client: false));
        server.OnDeath(() => BreakLater(server: false, client: true));
    }

    public SimProcess Client { get; }

    public SimProcess Server { get; }

    public SimWire Wire { get; }

    /// <summary>Bytes that the network takes before a write waits.</summary>
    public int Capacity { get; init; } = 2000;

    /// <summary>Bytes per second that the client reads; 0: it sleeps.</summary>
    public int Rate { get; set; } = 1_000_000;

    public bool IsBroken { get; private set; }

    /// <summary>For the server's code: the connection is cut.</summary>
    public CancellationToken Aborted => _aborted.Token;

    private ILineEnd End { get; }

    // --- The client's side ---

    public void ClientSends(WebSocketMessageType type, string text)
    {
        if (IsBroken) return;
        _up.Enqueue((type, Encoding.UTF8.GetBytes(text)));
        var arrival = Later(ref _lastUp, _random.Milliseconds(0.1, 20));
        _scheduler.After(arrival, Server, () =>
        {
            if (IsBroken || !_up.TryDequeue(out var message)) return;
            _inbox.Enqueue(message);
            _arrived?.TrySetResult();
            _arrived = null;
        });
    }

    /// <summary>Either side, or the network, ends it; both hear of it in their own time.</summary>
    public void Break()
    {
        if (IsBroken) return;
        IsBroken = true;
        _scheduler.After(_random.Milliseconds(0.1, 50), Server, CutServer);
        _scheduler.After(_random.Milliseconds(0.1, 50), Client, End.OnBroken);
    }

    /// <summary>The client is gone and nobody says so: the server finds out by its pings.</summary>
    public void Vanish()
    {
        Rate = 0;
        _scheduler.After(_random.Span(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(50)), Server, () =>
        {
            IsBroken = true;
            CutServer();
        });
    }

    private void BreakLater(bool server, bool client)
    {
        if (IsBroken) return;
        IsBroken = true;
        if (server) _scheduler.After(_random.Milliseconds(0.1, 2000), Server, CutServer);
        if (client) _scheduler.After(_random.Milliseconds(0.1, 2000), Client, End.OnBroken);
    }

    // --- The server's side ---

    internal async ValueTask<(WebSocketMessageType Type, byte[] Bytes)> PeekAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_aborted.IsCancellationRequested) throw new IOException("The connection is gone.");
            if (_inbox.TryPeek(out var message)) return message;
            _arrived ??= new();
            await _arrived.Task.WaitAsync(cancellationToken);
        }
    }

    internal void Taken() => _inbox.Dequeue();

    internal ValueTask WriteAsync(byte[] bytes)
    {
        if (_aborted.IsCancellationRequested) return ValueTask.FromException(new IOException("The connection is gone."));
        _down.Enqueue(bytes);
        _buffered += bytes.Length;
        if (_down.Count == 1) Pump();
        if (_buffered <= Capacity) return ValueTask.CompletedTask;
        var done = new TaskCompletionSource();
        _writers.Add((done, bytes.Length));
        return new(done.Task);
    }

    private void Pump()
    {
        if (IsBroken || _down.Count == 0) return;
        if (Rate == 0)
        {
            // Asleep; somebody looks again once it may have woken.
            _scheduler.After(TimeSpan.FromMilliseconds(200), _scheduler.World, Pump);
            return;
        }
        var length = _down.Peek().Length;
        var arrival = Later(ref _lastDown, _random.Milliseconds(0.05, 5) + TimeSpan.FromSeconds(length / (double)Rate));
        _scheduler.After(arrival, _scheduler.World, () =>
        {
            if (IsBroken || !_down.TryDequeue(out var bytes)) return;
            _buffered -= bytes.Length;
            _scheduler.Post(Client, static s => ((Action)s!)(), (Action)DeliverNext);
            _delivered.Enqueue(bytes);
            if (_buffered <= Capacity && _writers.Count > 0)
            {
                var woken = _writers.ToArray();
                _writers.Clear();
                foreach (var (done, _) in woken) done.TrySetResult();
            }
            Pump();
        });
    }

    private readonly Queue<byte[]> _delivered = new();

    private void DeliverNext()
    {
        if (_delivered.TryDequeue(out var bytes)) End.OnBytes(bytes);
    }

    private void CutServer()
    {
        if (_aborted.IsCancellationRequested) return;
        _aborted.Cancel();
        _arrived?.TrySetResult();
        _arrived = null;
        foreach (var (done, _) in _writers) done.TrySetException(new IOException("The connection is gone."));
        _writers.Clear();
    }

    private TimeSpan Later(ref TimeSpan last, TimeSpan latency)
    {
        var arrival = _scheduler.Now + latency;
        if (arrival < last) arrival = last;
        last = arrival;
        return arrival - _scheduler.Now;
    }
}

/// <summary>The connection as the hub sees it.</summary>
public sealed class SimWire(SocketLine line) : IWire
{
    public PipeReader Input { get; } = new SimReader(line);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => line.WriteAsync(bytes.ToArray());

    public void EndOutput()
    {
    }

    public void Abort() => line.Break();

    /// <summary>A frame a read, as the client sent it, without a thread pool.</summary>
    private sealed class SimReader(SocketLine line) : PipeReader
    {
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var (type, bytes) = await line.PeekAsync(cancellationToken);
            return new(new(FrameOf(type, bytes)), isCanceled: false, isCompleted: false);
        }

        public override void AdvanceTo(SequencePosition consumed) => line.Taken();

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw new NotSupportedException();

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

        public override void CancelPendingRead() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }

        // The mask's zeros change nothing.
        private static byte[] FrameOf(WebSocketMessageType type, byte[] payload)
        {
            var first = type switch
            {
                WebSocketMessageType.Text => (byte)0x81,
                WebSocketMessageType.Binary => (byte)0x82,
                _ => (byte)0x88,
            };
            if (payload.Length <= 125) return [first, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload];
            return [first, 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length, 0, 0, 0, 0, .. payload];
        }
    }
}
