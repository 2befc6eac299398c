using Cassandra;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Reads a range in one piece, and in halves where the server gives up: it reads through what was deleted or has expired for as long as
/// it keeps the marks of it (<c>gc_grace_seconds</c>), but through a hundred thousand of them in no request.
/// </summary>
internal static class Halves
{
    /// <summary>READ_TOO_MANY_TOMBSTONES of the protocol, from version 5 on; before it no reason is told.</summary>
    private const int TooManyTombstones = 1;

    /// <summary>Piece by piece, in order; the next piece is read once the rows of the one before were taken.</summary>
    /// <param name="read">Reads everything from a number through another. Asked again for less where it fails.</param>
    /// <exception cref="ReadFailureException">It fails for a single number, or not for tombstones.</exception>
    public static async IAsyncEnumerable<T> ReadAsync<T>(long first, long last, Func<long, long, Task<List<T>>> read)
    {
        var left = new Stack<(long First, long Last)>([(first, last)]);
        while (left.TryPop(out var piece))
        {
            List<T> rows;
            try
            {
                rows = await read(piece.First, piece.Last);
            }
            catch (ReadFailureException exception) when (piece.First < piece.Last && MayBeForTombstones(exception))
            {
                // Half of the difference, which may be more than a long.
                var middle = piece.First + (long)(unchecked((ulong)piece.Last - (ulong)piece.First) / 2);
                left.Push((middle + 1, piece.Last));
                left.Push((piece.First, middle));
                continue;
            }
            foreach (var row in rows) yield return row;
        }
    }

    private static bool MayBeForTombstones(ReadFailureException exception) =>
        exception.Reasons is not { Count: > 0 } reasons || reasons.Values.Contains(TooManyTombstones);
}
