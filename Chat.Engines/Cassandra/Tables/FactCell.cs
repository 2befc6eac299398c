using Cassandra;
using Chat.Core.Log;
using Chat.Core.Statuses;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// A fact as one cell, <c>tuple&lt;bigint, timestamp, text&gt;</c>: rank, time, reason. Of two cells the one with the earlier
/// time stays by its write timestamp (<see cref="CellTimes.Earliest"/>). At a tie the server compares bytes and keeps the larger,
/// so the tuple begins with a rank that falls as the number rises: the lower number stays. One cell, since cells of a row are
/// merged one by one, and a time must not end up beside another event's number. A reason's column has the whole value that
/// brought it, in the same form.
/// </summary>
internal static class FactCell
{
    public static Tuple<long, DateTimeOffset, string?> Write(in Fact fact) =>
        // Between 0 and 2^53: positive, so that the order of the numbers is that of their bytes.
        new(SequenceNumber.Max - fact.Seq, fact.At, fact.Reason);

    /// <param name="column">The fact's.</param>
    /// <param name="reasonColumn">Empty where an earlier version wrote the fact: the reason is in the fact's own cell then.</param>
    public static Fact? Read(Row row, int column, int reasonColumn) => Read(row, column) is { } fact
        ? fact with { Why = FactReason.Merge(fact.Why, Read(row, reasonColumn)?.Why) }
        : null;

    /// <summary>Of a cell that has no reason beside it.</summary>
    public static Fact? Read(Row row, int column) =>
        row.GetValue<Tuple<long, DateTimeOffset, string?>?>(column) is { } cell
            ? new Fact(cell.Item2, cell.Item3, SequenceNumber.Max - cell.Item1)
            : null;
}
