using System.Buffers;

namespace Chat.Simulation.Engines;

/// <summary>
/// An event's value on which our own code throws whenever it looks at it: a defect of ours that one event brings out, and no engine's
/// exception.
/// </summary>
/// <param name="tried">Called at each look.</param>
internal sealed class DefectiveValue(int length, Action tried) : MemoryManager<byte>
{
    public const string Message = "a defect of ours";

    public override Memory<byte> Memory => CreateMemory(length);

    public override Span<byte> GetSpan()
    {
        tried();
        throw new InvalidOperationException(Message);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin()
    {
        // Nothing is ever pinned.
    }

    protected override void Dispose(bool disposing)
    {
        // It holds nothing.
    }
}
