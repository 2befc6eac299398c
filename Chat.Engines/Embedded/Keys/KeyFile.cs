using Chat.Core;
using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Keys;

/// <summary>The idempotency keys in the log's file, through the one writer of it.</summary>
internal sealed class KeyFile(KeyClaims claims, GroupCommitWriter writer, SqliteReaders readers) : IDisposable
{
    private const int TrimmedAtOnce = 2_000;

    /// <summary>
    /// Claims a key: insert-if-absent. An answer that is another claim's record is on disk.
    /// </summary>
    /// <param name="isMessageLog">
    /// What the key is claimed for is appended to this log after it: the answer does not wait for the disk then, since that append does;
    /// but where too many wait, because nothing can be written.
    /// </param>
    public async ValueTask<IdempotencyRecord> ClaimAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, bool isMessageLog, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var answer = claims.Claim(key, record, lifetime);
            var isOnDisk = answer switch
            {
                KeyAnswer.Own => isMessageLog,
                KeyAnswer.Earlier earlier => earlier.IsOnDisk,
                _ => false,
            };
            if (!isOnDisk) await FlushAsync(cancellationToken);
            if (answer is not KeyAnswer.Later) return answer is KeyAnswer.Earlier { Record: var first } ? first : record;
        }
    }

    /// <summary>
    /// Deletes keys that have expired. Looks at all of them, since lifetimes change; beside the writer, which is given only what goes, a
    /// little at a time.
    /// </summary>
    public async Task TrimAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        long? after = 0;
        while (after is { } last)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (var expired, after) = readers.Read(session => KeyTable.FindExpired(session, last, now, TrimmedAtOnce));
            if (expired.Count == 0) continue;
            await writer.WriteAsync(
                session =>
                {
                    KeyTable.Delete(session, expired);
                    return expired;
                },
                claims.Forget,
                cancellationToken);
        }
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
    /// <exception cref="StartUpException">This file can't be used.</exception>
    public void Take(IEnumerable<(IdempotencyKey Key, IdempotencyRecord Record, TimeSpan Lifetime)> keys)
    {
        try
        {
            foreach (var (key, record, lifetime) in keys)
            {
                while (claims.Claim(key, record, lifetime) is KeyAnswer.Later) Flush();
            }
            Flush();
        }
        catch (Exception exception) when (FileFault.IsOne(exception))
        {
            throw FileFault.Of(exception).At(readers.Path, exception);
        }

        void Flush() => FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
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
