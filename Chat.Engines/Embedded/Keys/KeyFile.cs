using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Keys;

/// <summary>The idempotency keys in the log's file, through the one writer of it.</summary>
internal sealed class KeyFile(KeyClaims claims, GroupCommitWriter writer) : IDisposable
{
    private const int TrimmedAtOnce = 2_000;

    // Where nothing can be written they are no longer answered; half a kilobyte each.
    private const int MostWaiting = 10_000;

    /// <summary>
    /// Claims a key: insert-if-absent. An answer that is another claim's record is on disk.
    /// </summary>
    /// <param name="isAppendedHere">
    /// What the key is claimed for is appended to this log after it: the answer does not wait for the disk then, since that append does.
    /// </param>
    public async ValueTask<IdempotencyRecord> ClaimAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, bool isAppendedHere, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (claims.Count >= MostWaiting) await FlushAsync(cancellationToken);
        var answer = claims.Claim(key, record, lifetime);
        if (!answer.IsOnDisk && !(answer.IsOwn && isAppendedHere)) await FlushAsync(cancellationToken);
        return answer.Record;
    }

    /// <summary>Deletes keys that have expired; a little at a time, so that appends don't wait for it.</summary>
    public async Task TrimAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (await writer.WriteAsync(session => KeyTable.Trim(session, now, TrimmedAtOnce), cancellationToken) == TrimmedAtOnce) { }
    }

    public Task<ErasedRows> EraseAsync(ErasureScope scope, bool dryRun, CancellationToken cancellationToken) =>
        writer.WriteAsync(session => KeyTable.Erase(session, scope, dryRun), cancellationToken);

    /// <summary>Takes keys of another file, but those that are here already; they are on disk when it returns.</summary>
    public void Take(IReadOnlyList<KeyRow> rows) => writer.WriteAsync(
        session =>
        {
            foreach (var row in rows)
            {
                if (KeyTable.Find(session, row.Digest, row.Key) is null) KeyTable.Write(session, row);
            }
        },
        CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc cref="GroupCommitWriter.CompactAsync"/>
    public Task CompactAsync(CancellationToken cancellationToken) => writer.CompactAsync(cancellationToken);

    /// <summary>What nothing was appended after is written with the last transaction, before the writer stops.</summary>
    public void Dispose() => writer.SubmitLazily(new NoWork());

    // A transaction that has nothing but the claims.
    private Task FlushAsync(CancellationToken cancellationToken) => writer.WriteAsync(static _ => { }, cancellationToken);

    private sealed class NoWork : WriterWork
    {
        public override void Execute(SqliteSession session)
        {
        }

        public override void Committed()
        {
        }

        public override void Failed(Exception exception)
        {
        }
    }
}
