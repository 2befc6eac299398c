namespace Chat.Api.Hub.Protocol;

/// <summary>
/// Frames of one conversation that go to the same sockets at the same time: their bytes are put together once for all of them.
/// </summary>
public sealed class OutgoingBatch
{
    /// <param name="frames">At least one.</param>
    public OutgoingBatch(IReadOnlyList<OutgoingFrame> frames)
    {
        Frames = frames;
        Wire = Join(frames);
        LeastSeq = long.MaxValue;
        foreach (var frame in frames)
        {
            if (frame.Seq != 0) LeastSeq = Math.Min(LeastSeq, frame.Seq);
        }
    }

    public IReadOnlyList<OutgoingFrame> Frames { get; }

    /// <summary>The least number among them; where none has one, larger than any.</summary>
    public long LeastSeq { get; }

    /// <summary>All of them, one after the other.</summary>
    public ReadOnlyMemory<byte> Wire { get; }

    private static ReadOnlyMemory<byte> Join(IReadOnlyList<OutgoingFrame> frames)
    {
        if (frames is [var only]) return only.Wire;
        var length = 0;
        foreach (var frame in frames) length += frame.Wire.Length;
        var joined = new byte[length];
        var at = 0;
        foreach (var frame in frames)
        {
            frame.Wire.CopyTo(joined.AsMemory(at));
            at += frame.Wire.Length;
        }
        return joined;
    }
}
