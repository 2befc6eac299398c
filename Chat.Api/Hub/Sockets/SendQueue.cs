using Chat.Api.Hub.Protocol;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// What waits for one slow reader, in bounded memory, without I/O: of two statuses of one message the older is dropped and the
/// newer keeps its own place. Not for use by several threads at once.
/// </summary>
/// <param name="conflateAbove">Bytes from which on older statuses are dropped.</param>
/// <param name="max">Bytes that are too many even so.</param>
public sealed class SendQueue(int conflateAbove, int max)
{
    // A look through the queue costs its length: only after it grew by this part of what is allowed since the last look.
    private const int ConflateSteps = 8;

    private List<OutgoingFrame>? _frames;
    private OutgoingFrame? _pong;
    private readonly int _conflateAbove = conflateAbove;
    private int _conflateNext = conflateAbove;

    public int Bytes { get; private set; }

    public int Count => _frames?.Count ?? 0;

    /// <summary>Statuses dropped for newer ones so far.</summary>
    public int Conflated { get; private set; }

    /// <summary>Adds a frame. False: the reader is too slow, close it.</summary>
    public bool TryAdd(OutgoingFrame frame)
    {
        (_frames ??= []).Add(frame);
        Bytes += frame.Wire.Length;
        if (frame.IsPong) Replace(_frames, frame);
        if (Bytes > _conflateNext || Bytes > max)
        {
            Conflate(_frames);
            _conflateNext = Math.Max(_conflateAbove, Bytes) + (max / ConflateSteps);
        }
        return Bytes <= max;
    }

    /// <summary>Takes all that waits; empty where nothing does.</summary>
    public IReadOnlyList<OutgoingFrame> TakeAll()
    {
        var frames = _frames;
        Clear();
        return frames ?? [];
    }

    /// <summary>Forgets all that waits, and its memory.</summary>
    public void Clear()
    {
        _frames = null;
        _pong = null;
        Bytes = 0;
        _conflateNext = _conflateAbove;
    }

    // The last of several answers is enough (RFC 6455, section 5.5.3). A client can ask for many that are larger here than on the wire.
    private void Replace(List<OutgoingFrame> frames, OutgoingFrame pong)
    {
        if (_pong is { } older && frames.Remove(older)) Bytes -= older.Wire.Length;
        _pong = pong;
    }

    private void Conflate(List<OutgoingFrame> frames)
    {
        // By number and not by place, should the two ever differ; at a tie the later place.
        var newest = new Dictionary<Guid, OutgoingFrame>();
        foreach (var frame in frames)
        {
            if (frame.MessageId is { } id && (!newest.TryGetValue(id, out var best) || best.Seq <= frame.Seq)) newest[id] = frame;
        }
        var dropped = frames.RemoveAll(f =>
        {
            if (f.MessageId is not { } id || newest[id] == f) return false;
            Bytes -= f.Wire.Length;
            return true;
        });
        Conflated += dropped;
    }
}
