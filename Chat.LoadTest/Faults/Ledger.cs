using System.Collections.Concurrent;
using System.Diagnostics;
using Chat.Client;

namespace Chat.LoadTest.Faults;

/// <summary>The client's statuses in a byte, so that a message takes few of them; 0 is nothing shown.</summary>
internal static class Rank
{
    public const byte None = 0;
    public const byte Sent = (byte)MessageStatus.Sent + 1;
    public const byte Delivered = (byte)MessageStatus.Delivered + 1;
    public const byte Read = (byte)MessageStatus.Read + 1;

    public static byte From(MessageStatus? status) => status is { } known ? (byte)(known + 1) : None;

    /// <summary>How many of SENT, DELIVERED, READ a shown status stands for.</summary>
    public static int Facts(byte rank) => rank switch { Read => 3, Delivered => 2, Sent => 1, _ => 0 };
}

/// <summary>What is known of a message: that its post was answered, and what each client shows of it.</summary>
internal sealed class Tracked(Guid id, int clients)
{
    private readonly byte[] _shown = new byte[clients];
    private readonly byte[] _frames = new byte[clients];
    private readonly long[] _firstShownAt = new long[clients];
    private readonly long[] _readAt = new long[clients];

    public Guid Id { get; } = id;

    public Guid Conversation { get; set; }

    /// <summary>When its post was first tried, a timestamp of <see cref="Stopwatch"/> as the others here.</summary>
    public long PostedAt { get; set; }

    /// <summary>When its 202 came; 0 where none did.</summary>
    public long AcknowledgedAt { get; set; }

    public byte Shown(int client) => Volatile.Read(ref _shown[client]);

    /// <summary>When the client showed its first status, SENT where none was overtaken; 0 where it shows none.</summary>
    public long FirstShownAt(int client) => Volatile.Read(ref _firstShownAt[client]);

    /// <summary>When the client showed READ; 0 where it does not.</summary>
    public long ReadAt(int client) => Volatile.Read(ref _readAt[client]);

    /// <summary>How many of SENT, DELIVERED, READ came to the client as a frame of their own.</summary>
    public int Frames(int client) => int.PopCount(_frames[client]);

    /// <summary>
    /// As the client in the browser: nothing is shown after something higher. Each client has one thread at a time.
    /// </summary>
    public void Show(int client, byte rank, bool isFrame)
    {
        var before = _shown[client];
        if (rank < before) return;
        // The times first: who sees the status may read them.
        if (rank > before) NoteTime(client, before, rank);
        Volatile.Write(ref _shown[client], rank);
        if (isFrame) _frames[client] |= (byte)(1 << rank);
    }

    public bool IsReadByAll()
    {
        for (var i = 0; i < _shown.Length; i++)
        {
            if (Shown(i) != Rank.Read) return false;
        }
        return true;
    }

    private void NoteTime(int client, byte before, byte rank)
    {
        var now = Stopwatch.GetTimestamp();
        if (before == Rank.None) Volatile.Write(ref _firstShownAt[client], now);
        if (rank == Rank.Read) Volatile.Write(ref _readAt[client], now);
    }
}

/// <summary>Every message of the run. Answers how far what the clients show is behind what was acknowledged.</summary>
internal sealed class Ledger(int clients)
{
    private readonly ConcurrentDictionary<Guid, Tracked> _messages = new();
    private readonly ConcurrentQueue<Tracked> _open = new();
    private long _acknowledged;

    public int Clients { get; } = clients;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>The messages with a 202.</summary>
    public IEnumerable<Tracked> Messages => _messages.Values.Where(m => m.AcknowledgedAt != 0);

    public Tracked Get(Guid id) => _messages.GetOrAdd(id, static (key, count) => new(key, count), Clients);

    /// <summary>Notes a 202. False where the message had one already: two posts became one message.</summary>
    /// <param name="postedAt">When its post was first tried.</param>
    public bool Acknowledge(Guid id, Guid conversation, long postedAt)
    {
        var message = Get(id);
        if (message.AcknowledgedAt != 0) return false;
        message.Conversation = conversation;
        message.PostedAt = postedAt;
        message.AcknowledgedAt = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _acknowledged);
        _open.Enqueue(message);
        return true;
    }

    /// <summary>
    /// The age of the oldest 202 whose message not every client shows as READ yet; zero where there is none. One caller.
    /// </summary>
    public TimeSpan Behind()
    {
        while (_open.TryPeek(out var oldest))
        {
            if (!oldest.IsReadByAll()) return Stopwatch.GetElapsedTime(oldest.AcknowledgedAt);
            _open.TryDequeue(out _);
        }
        return TimeSpan.Zero;
    }
}
