using System.Collections.Concurrent;
using System.Diagnostics;
using Chat.Client;

namespace Chat.LoadTest.Deployment;

/// <summary>A message of the run, and when each socket of its conversation showed each of its statuses.</summary>
internal sealed class TickedMessage(Guid id, int sockets)
{
    /// <summary>A tick each, in the order in which a message gets them; and what it may end with in their stead.</summary>
    public static readonly IReadOnlyList<MessageStatus> Ticks = [MessageStatus.Sent, MessageStatus.Delivered, MessageStatus.Read];

    // By socket: a time for each tick, and one for FAILED.
    private const int Times = 4;
    private const int Failed = 3;

    private readonly long[] _shownAt = new long[sockets * Times];
    private long _acknowledgedAt;
    private int _uncounted;

    public Guid Id { get; } = id;

    public int Sockets { get; } = sockets;

    public int Conversation { get; set; }

    public bool IsMeasured { get; set; }

    /// <summary>When its post was due, a timestamp of <see cref="Stopwatch"/> as the others here.</summary>
    public long DueAt { get; set; }

    /// <summary>When its 202 came; 0 where none did.</summary>
    public long AcknowledgedAt
    {
        get => Volatile.Read(ref _acknowledgedAt);
        set => Volatile.Write(ref _acknowledgedAt, value);
    }

    /// <summary>A message that failed gets no more ticks; one that was delivered all the same does.</summary>
    public bool IsFailed
    {
        get
        {
            var failed = false;
            for (var socket = 0; socket < Sockets; socket++)
            {
                if (ShownAt(socket, 1) > 0) return false;
                failed |= ShownAt(socket, Failed) > 0;
            }
            return failed;
        }
    }

    /// <summary>The ticks that each socket should show in the end: all three, or FAILED.</summary>
    public IReadOnlyList<MessageStatus> Expected => IsFailed ? [MessageStatus.Failed] : Ticks;

    /// <summary>When a socket showed a tick, or one that stands for it as READ does for DELIVERED; 0 where it did not.</summary>
    public long ShownAt(int socket, MessageStatus status) => ShownAt(socket, status switch
    {
        MessageStatus.Sent => 0,
        MessageStatus.Delivered => 1,
        MessageStatus.Read => 2,
        _ => Failed,
    });

    /// <summary>Notes what a socket shows now. Each socket has one thread at a time.</summary>
    public void Show(int socket, MessageStatus status)
    {
        var now = Stopwatch.GetTimestamp();
        if (status == MessageStatus.Failed)
        {
            Note(socket, Failed, now);
            return;
        }
        var shown = 0;
        for (var tick = 0; tick < Ticks.Count; tick++)
        {
            if (Ticks[tick] <= status) shown += Note(socket, tick, now);
        }
        Interlocked.Add(ref _uncounted, shown);
    }

    /// <summary>The ticks that were shown since this was asked last.</summary>
    public int TakeUncounted() => Interlocked.Exchange(ref _uncounted, 0);

    public bool IsComplete()
    {
        foreach (var status in Expected)
        {
            for (var socket = 0; socket < Sockets; socket++)
            {
                if (ShownAt(socket, status) == 0) return false;
            }
        }
        return true;
    }

    private long ShownAt(int socket, int tick) => Volatile.Read(ref _shownAt[(socket * Times) + tick]);

    private int Note(int socket, int tick, long now)
    {
        ref var at = ref _shownAt[(socket * Times) + tick];
        if (at != 0) return 0;
        Volatile.Write(ref at, now);
        return 1;
    }
}

/// <summary>Every message of the run. A tick may come before its post's answer does.</summary>
/// <param name="plan">Which sockets watch a conversation.</param>
internal sealed class TickLedger(WatchPlan plan)
{
    private readonly ConcurrentDictionary<Guid, TickedMessage> _messages = new();
    private readonly ConcurrentQueue<TickedMessage> _open = new();
    private long _acknowledged;
    private long _expected;
    private long _shown;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Ticks that should come for what was acknowledged so far, where nothing fails; for the progress.</summary>
    public long Expected => Interlocked.Read(ref _expected);

    /// <summary>Of those, the ones that a socket shows. Not above <see cref="Expected"/> where it is asked first.</summary>
    public long Shown => Interlocked.Read(ref _shown);

    /// <summary>The messages with a 202.</summary>
    public IEnumerable<TickedMessage> Messages => _messages.Values.Where(m => m.AcknowledgedAt != 0);

    /// <summary>Messages that sockets showed, though their posts had no 202.</summary>
    public long NeverAcknowledged => _messages.Values.LongCount(m => m.AcknowledgedAt == 0);

    /// <returns>False where the message had a 202 already: two posts became one message.</returns>
    public bool Acknowledge(Guid id, int conversation, long dueAt, bool isMeasured)
    {
        var message = Get(id, conversation);
        if (message.AcknowledgedAt != 0) return false;
        (message.Conversation, message.DueAt, message.IsMeasured) = (conversation, dueAt, isMeasured);
        message.AcknowledgedAt = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _acknowledged);
        Interlocked.Add(ref _expected, message.Sockets * TickedMessage.Ticks.Count);
        CountShown(message);
        _open.Enqueue(message);
        return true;
    }

    /// <param name="slot">Of the sockets that watch the conversation, which.</param>
    public void Show(Guid id, int conversation, int slot, MessageStatus status)
    {
        var message = Get(id, conversation);
        message.Show(slot, status);
        // What came before the 202 is counted with it: whichever of the two is later sees the other.
        if (message.AcknowledgedAt != 0) CountShown(message);
    }

    /// <summary>Whether every socket shows all of every message that has a 202. One caller.</summary>
    public bool IsComplete()
    {
        while (_open.TryPeek(out var oldest))
        {
            if (!oldest.IsComplete()) return false;
            _open.TryDequeue(out _);
        }
        return true;
    }

    private void CountShown(TickedMessage message) => Interlocked.Add(ref _shown, message.TakeUncounted());

    private TickedMessage Get(Guid id, int conversation) =>
        _messages.GetOrAdd(id, static (key, sockets) => new(key, sockets), plan.SocketsOf(conversation).Count);
}
