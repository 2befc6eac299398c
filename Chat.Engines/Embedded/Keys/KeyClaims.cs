using System.Collections.Concurrent;
using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Keys;

/// <summary>How a claim ended.</summary>
internal abstract record KeyAnswer
{
    /// <summary>The key is the claim's own. It is written with the next transaction.</summary>
    public sealed record Own : KeyAnswer;

    /// <summary>An earlier record has the key.</summary>
    public sealed record Earlier(IdempotencyRecord Record, bool IsOnDisk) : KeyAnswer;

    /// <summary>One that is not on disk yet has it, and is too old for this claim: to be asked again once it is.</summary>
    public sealed record Later : KeyAnswer;
}

/// <summary>
/// Claims that are decided in memory, and wait for the writer's next transaction, which begins with writing them. One that could not be
/// written waits for the one after. So a transaction that commits anything has every claim that was answered before its work was submitted.
/// </summary>
internal sealed class KeyClaims
{
    private const int LoadedAtOnce = 10_000;

    private readonly SqliteReaders _readers;
    private readonly Shard[] _shards = [.. Enumerable.Range(0, 64).Select(_ => new Shard())];
    private readonly ConcurrentQueue<KeyRow> _next = new();

    // In a transaction that has not committed; the writer's thread alone.
    private readonly List<KeyRow> _writing = [];
    private int _waiting;
    private long _lastId;

    public KeyClaims(SqliteReaders readers) => _readers = readers;

    /// <summary>How many are not on disk yet.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Learns of the rows that the file has, before anything is claimed.</summary>
    public void Load(SqliteSession session)
    {
        List<KeyPlace> some;
        do
        {
            some = KeyTable.List(session, _lastId, LoadedAtOnce);
            foreach (var place in some) ShardOf(place.Digest).Map.Add(place);
            if (some.Count > 0) _lastId = some[^1].Id;
        }
        while (some.Count == LoadedAtOnce);
    }

    /// <summary>Insert-if-absent. Reads the file only where the key, or one of a similar digest, was there before.</summary>
    public KeyAnswer Claim(IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime)
    {
        var digest = KeyTable.DigestOf(key);
        var shard = ShardOf(digest);
        lock (shard.Gate)
        {
            if (shard.Waiting.TryGetValue(key, out var waiting))
                return Holds(waiting.Record) ? new KeyAnswer.Earlier(waiting.Record, IsOnDisk: false) : new KeyAnswer.Later();
            var found = Find(shard, digest, key);
            if (found is { } earlier && Holds(earlier.Record)) return new KeyAnswer.Earlier(earlier.Record, IsOnDisk: true);
            // One that is too old makes room.
            var row = new KeyRow(Interlocked.Increment(ref _lastId), digest, key, record, record.CreatedAt + lifetime, found?.Id);
            shard.Waiting.Add(key, row);
            _next.Enqueue(row);
            Interlocked.Increment(ref _waiting);
            return new KeyAnswer.Own();
        }

        bool Holds(IdempotencyRecord earlier) => earlier.CreatedAt >= record.CreatedAt - lifetime;
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
        foreach (var row in _writing)
        {
            var shard = ShardOf(row.Digest);
            lock (shard.Gate)
            {
                if (row.Replaces is { } earlier) shard.Map.Remove(new(earlier, row.Digest));
                shard.Map.Add(new(row.Id, row.Digest));
                shard.Waiting.Remove(row.Key);
            }
        }
        Interlocked.Add(ref _waiting, -_writing.Count);
        _writing.Clear();
    }

    /// <summary>Rows are gone from the file.</summary>
    public void Forget(IReadOnlyList<KeyPlace> places)
    {
        foreach (var place in places)
        {
            var shard = ShardOf(place.Digest);
            lock (shard.Gate) shard.Map.Remove(place);
        }
    }

    private Shard ShardOf(long digest) => _shards[digest & (_shards.Length - 1)];

    private (long Id, IdempotencyRecord Record)? Find(Shard shard, long digest, IdempotencyKey key)
    {
        foreach (var id in shard.Map.Find(digest))
        {
            if (_readers.Read(session => KeyTable.Find(session, id, key)) is { } record) return (id, record);
        }
        return null;
    }

    // Several, so that one claim's read holds up few others.
    private sealed class Shard
    {
        public Lock Gate { get; } = new();

        public Dictionary<IdempotencyKey, KeyRow> Waiting { get; } = [];

        public KeyMap Map { get; } = new();
    }
}
