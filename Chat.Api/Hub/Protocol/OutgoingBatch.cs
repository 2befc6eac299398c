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
        Wire = frames is [var only] ? only.Wire : Join(frames);
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

    internal static int LengthOf(IReadOnlyList<OutgoingFrame> frames) => frames.Sum(f => f.Wire.Length);

    /// <summary>Writes frames one after the other; there is room for all.</summary>
    internal static void Join(IReadOnlyList<OutgoingFrame> frames, Span<byte> into)
    {
        foreach (var frame in frames)
        {
            frame.Wire.Span.CopyTo(into);
            into = into[frame.Wire.Length..];
        }
    }

    private static byte[] Join(IReadOnlyList<OutgoingFrame> frames)
    {
        var joined = new byte[LengthOf(frames)];
        Join(frames, joined);
        return joined;
    }
}
