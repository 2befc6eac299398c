using System.Buffers.Binary;
using Chat.Core.Statuses;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>
/// What a record or a publish of the floor says: binary, at its beginning. The rest, up to the size that the services' has, means nothing,
/// so that no JSON is written or read.
/// </summary>
/// <param name="PostedAt">A timestamp of <see cref="System.Diagnostics.Stopwatch"/>: the same clock in all processes of a machine.</param>
/// <param name="Status">ACCEPTED of a message and of what says that it is stored.</param>
internal readonly record struct FloorRecord(Guid MessageId, Guid ConversationId, long PostedAt, MessageStatus Status)
{
    private const int GuidLength = 16;
    private const int PostedAtAt = 2 * GuidLength;
    private const int StatusAt = PostedAtAt + sizeof(long);

    /// <param name="size">In bytes.</param>
    public byte[] Write(int size)
    {
        var bytes = new byte[size];
        MessageId.TryWriteBytes(bytes, bigEndian: true, out _);
        ConversationId.TryWriteBytes(bytes.AsSpan(GuidLength), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(PostedAtAt), PostedAt);
        bytes[StatusAt] = (byte)Status;
        return bytes;
    }

    public static FloorRecord Read(ReadOnlySpan<byte> bytes) => new(
        new(bytes[..GuidLength], bigEndian: true),
        new(bytes[GuidLength..PostedAtAt], bigEndian: true),
        BinaryPrimitives.ReadInt64BigEndian(bytes[PostedAtAt..]),
        (MessageStatus)bytes[StatusAt]);
}
