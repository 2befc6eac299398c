namespace Chat.Core.Log;

/// <summary>
/// The number of a status event: epoch · 2^40 + its offset in its partition of <c>msg.status</c>. The log gives it, so a
/// redelivery and a second owner of the partition come to the same number. Numbers rise within a conversation and have holes.
/// Below 2^53, so that a browser reads it exactly.
/// </summary>
public static class SequenceNumber
{
    public const int OffsetBits = 40;

    /// <summary>The highest epoch whose numbers stay below 2^53.</summary>
    public const int MaxEpoch = (1 << (53 - OffsetBits)) - 1;

    /// <summary>The highest number there can be, 2^53 - 1.</summary>
    public const long Max = (1L << 53) - 1;

    /// <exception cref="ArgumentOutOfRangeException">The epoch or the offset does not fit: the number would collide.</exception>
    public static long Create(int epoch, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epoch, MaxEpoch);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, 1L << OffsetBits);
        return ((long)epoch << OffsetBits) + offset;
    }

    /// <summary>
    /// A number that no event of another partition has: a conversation's events share one, but what waits for the same message may lie
    /// in any. Above <see cref="Max"/>, so it is not mistaken for a change's; <see cref="Epoch"/> and <see cref="Offset"/> read it too.
    /// Tells 1023 partitions apart.
    /// </summary>
    public static long InPartition(int partition, long seq) => ((partition % 1023) + 1L << 53) | seq;

    /// <summary>The number itself, of one from <see cref="InPartition"/>.</summary>
    public static long WithoutPartition(long seq) => seq & Max;

    public static int Epoch(long seq) => (int)((seq & Max) >> OffsetBits);

    public static long Offset(long seq) => seq & ((1L << OffsetBits) - 1);
}
