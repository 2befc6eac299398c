using Chat.Core.Messages;

namespace Chat.LoadTest.Outages;

/// <summary>A message on its way to the sockets of its conversation; one step at a time, SENT, DELIVERED, READ.</summary>
internal sealed class WatchedMessage(Message message)
{
    private readonly long[] _acknowledged = new long[3];

    // By socket of the conversation: the highest status shown, as an index of the three, plus one.
    private readonly byte[] _shown = new byte[OutageOptions.SocketsPerConversation];

    public Message Message { get; } = message;

    /// <summary>How many of the three the log has acknowledged.</summary>
    public int Steps { get; private set; }

    public void Acknowledge(long timestamp) => _acknowledged[Steps++] = timestamp;

    /// <summary>When the log acknowledged a step; 0 where it came to the socket before the answer did.</summary>
    public long AcknowledgedAt(int step) => Volatile.Read(ref _acknowledged[step]);

    /// <summary>Notes what a socket shows, and returns the first step that it had not shown yet.</summary>
    public int Show(int socket, int step)
    {
        var before = _shown[socket];
        if (step + 1 > before) _shown[socket] = (byte)(step + 1);
        return before;
    }

    public int MissingReads() => _shown.Count(s => s < 3);
}
