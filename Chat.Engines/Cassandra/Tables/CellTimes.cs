namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// The write timestamps that decide, in place of a read before the write, which of two values of a cell stays: Cassandra keeps
/// the one with the higher timestamp, at a tie the one whose bytes are larger.
/// <list type="bullet">
/// <item>The earliest stays: a timestamp that falls as the value's own time rises (<see cref="Earliest"/>).</item>
/// <item>The first written stays: one that falls as the clock rises (<see cref="FirstStays"/>).</item>
/// <item>The highest stays: the value itself.</item>
/// </list>
/// All of them lie far below the clock's microseconds, so that an operator's DELETE still removes what they wrote. Cells that
/// carry them take no part in lightweight transactions, which write by the clock.
/// </summary>
internal static class CellTimes
{
    /// <summary>
    /// 2^50 as microseconds is in the year 2005; as milliseconds, and as ten microseconds, beyond any date to be met here.
    /// </summary>
    public const long Top = 1L << 50;

    /// <summary>For a cell whose earliest value stays.</summary>
    /// <param name="at">By whole milliseconds: values at the same one are ordered by their bytes.</param>
    public static long Earliest(DateTimeOffset at) => Top - at.ToUnixTimeMilliseconds();

    /// <summary>Microseconds, as ordinary writes have them.</summary>
    public static long Ordinary(DateTimeOffset at) => at.ToUnixTimeMilliseconds() * 1000;
}
