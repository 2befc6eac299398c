using System.Collections.Concurrent;
using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Keys;

/// <param name="Record">The one that has the key.</param>
/// <param name="IsOwn">Whether it is the claim's own.</param>
/// <param name="IsOnDisk">Whether it is on disk, and not only in memory until the next transaction.</param>
internal readonly record struct KeyAnswer(IdempotencyRecord Record, bool IsOwn, bool IsOnDisk);

/// <summary>
/// Claims that are decided, by what is in memory and in the file, and wait for the writer's next transaction, which begins with writing
/// them. One that could not be written waits for the one after. So a transaction that commits anything has every claim that was answered
/// before its work was submitted.
/// </summary>
internal sealed class KeyClaims
{
    private const int Gates = 64;

    private readonly SqliteReaders _readers;

    // A key is looked for in memory and then in the file, and added, under its gate; a few, so that one claim's read holds up few others.
    private readonly Lock[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new Lock())];
    private readonly ConcurrentDictionary<IdempotencyKey, KeyRow> _waiting = new();
    private readonly ConcurrentQueue<KeyRow> _next = new();

    // In a transaction that has not committed; the writer's thread alone.
    private readonly List<KeyRow> _writing = [];
    private int _count;

    public KeyClaims(SqliteReaders readers) => _readers = readers;

    /// <summary>How many are not on disk yet.</summary>
    public int Count => Volatile.Read(ref _count);

    public KeyAnswer Claim(IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime)
    {
        var digest = KeyTable.DigestOf(key);
        lock (_gates[digest & (Gates - 1)])
        {
            // In this order: it leaves memory once the file has it.
            var waiting = _waiting.GetValueOrDefault(key)?.Record;
            var earlier = waiting ?? _readers.Read(session => KeyTable.Find(session, digest, key));
            if (earlier is not null && earlier.CreatedAt >= record.CreatedAt - lifetime)
                return new(earlier, IsOwn: false, IsOnDisk: waiting is null);
            // One that is too old makes room.
            var row = new KeyRow(digest, key, record, record.CreatedAt + lifetime, IsRepeat: earlier is not null);
            _waiting[key] = row;
            _next.Enqueue(row);
            Interlocked.Increment(ref _count);
            return new(record, IsOwn: true, IsOnDisk: false);
        }
    }

    /// <summary>Writes what waits; on the writer's thread.</summary>
    public void Write(SqliteSession session)
    {
        while (_next.TryDequeue(out var row)) _writing.Add(row);
        foreach (var row in _writing) KeyTable.Write(session, row);
    }

    /// <summary>What was written is on disk.</summary>
    public void Written()
    {
        foreach (var row in _writing) _waiting.TryRemove(KeyValuePair.Create(row.Key, row));
        Interlocked.Add(ref _count, -_writing.Count);
        _writing.Clear();
    }
}
