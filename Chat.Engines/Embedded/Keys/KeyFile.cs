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
        if (claims.Waiting >= MostWaiting) await FlushAsync(cancellationToken);
        while (true)
        {
            var answer = claims.Claim(key, record, lifetime);
            var isOnDisk = answer switch
            {
                KeyAnswer.Own => isAppendedHere,
                KeyAnswer.Earlier earlier => earlier.IsOnDisk,
                _ => false,
            };
            if (!isOnDisk) await FlushAsync(cancellationToken);
            if (answer is not KeyAnswer.Later) return answer is KeyAnswer.Earlier { Record: var first } ? first : record;
        }
    }

    /// <summary>
    /// Deletes keys that have expired, from the first on until none of many has; a little at a time, so that appends don't wait for it.
    /// </summary>
    public async Task TrimAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        (List<KeyPlace> Gone, long Last) trimmed = ([], 0);
        do
        {
            var after = trimmed.Last;
            trimmed = await writer.WriteAsync(
                session => KeyTable.Trim(session, after, now, TrimmedAtOnce), t => claims.Forget(t.Gone), cancellationToken);
        }
        while (trimmed.Gone.Count > 0);
    }

    public async ValueTask<ErasedRows> EraseAsync(ErasureScope scope, bool dryRun, CancellationToken cancellationToken)
    {
        var erased = await writer.WriteAsync(
            session => KeyTable.Erase(session, scope, dryRun),
            gone =>
            {
                if (!dryRun) claims.Forget(gone);
            },
            cancellationToken);
        return new(KeyTable.Name, erased.Count);
    }

    /// <summary>Takes keys of another file, but those that are here already; they are on disk when it returns.</summary>
    public void Take(IEnumerable<(IdempotencyKey Key, IdempotencyRecord Record, TimeSpan Lifetime)> keys)
    {
        foreach (var (key, record, lifetime) in keys) claims.Claim(key, record, lifetime);
        FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

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
