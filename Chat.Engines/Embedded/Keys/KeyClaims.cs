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

    /// <summary>
    /// To be asked again once what waits is on disk: an earlier record that waits has the key, and is too old for this claim; or the key is
    /// new, and too many wait.
    /// </summary>
    public sealed record Later : KeyAnswer;
}

/// <summary>
/// Claims that are decided in memory, and wait for the writer's next transaction, which begins with writing them. One that could not be
/// written waits for the one after. So a transaction that commits anything has every claim that was answered before its work was submitted.
/// </summary>
/// <param name="find">
/// Reads what rows of these ids say of a key: the one that has it, or null. A row says the same as long as it is there.
/// </param>
internal sealed class KeyClaims(Func<IReadOnlyList<long>, IdempotencyKey, (long Id, IdempotencyRecord Record)?> find)
{
    private const int LoadedAtOnce = 10_000;

    // Half a kilobyte each, and each transaction that fails writes all of them in vain.
    private const int MostWaiting = 2_000;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, 64).Select(_ => new Shard())];
    private readonly ConcurrentQueue<KeyRow> _next = new();

    // In a transaction that has not committed; the writer's thread alone.
    private readonly List<KeyRow> _writing = [];
    private KeyDigest _digest = null!;
    private int _waiting;
    private long _lastId;

    /// <summary>Learns of the rows that the file has, before anything is claimed.</summary>
    public void Load(SqliteSession session)
    {
        _digest = new(KeyTable.ReadSecret(session));
        List<KeyPlace> some;
        do
        {
            some = KeyTable.List(session, _lastId, LoadedAtOnce);
            foreach (var place in some) ShardOf(place.Digest).Map.Add(place);
            if (some.Count > 0) _lastId = some[^1].Id;
        }
        while (some.Count == LoadedAtOnce);
    }

    /// <summary>
    /// Insert-if-absent. Reads the file only where the key, or one of a similar digest, was there before; and with no gate held, since the
    /// writer's thread takes them too.
    /// </summary>
    public KeyAnswer Claim(IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime)
    {
        var digest = _digest.Of(key);
        var shard = ShardOf(digest);
        List<long> read = [];
        (long Id, IdempotencyRecord Record)? found = null;
        while (true)
        {
            List<long> ids;
            lock (shard.Gate)
            {
                if (shard.Waiting.TryGetValue(key, out var waiting))
                    return Holds(waiting.Record) ? new KeyAnswer.Earlier(waiting.Record, IsOnDisk: false) : new KeyAnswer.Later();
                ids = [.. shard.Map.Find(digest)];
                // Else there are rows that came while others were read.
                if (ids.TrueForAll(read.Contains)) return Decide(ids);
            }
            found = find(ids, key);
            read = ids;
        }

        KeyAnswer Decide(List<long> there)
        {
            // One that went while it was read has the key no more.
            var earlier = found is { } row && there.Contains(row.Id) ? found : null;
            if (earlier is { } holder && Holds(holder.Record)) return new KeyAnswer.Earlier(holder.Record, IsOnDisk: true);
            if (Volatile.Read(ref _waiting) >= MostWaiting) return new KeyAnswer.Later();
            // One that is too old makes room.
            Add(shard, new(Interlocked.Increment(ref _lastId), digest, key, record, record.CreatedAt + lifetime, earlier?.Id));
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

    private void Add(Shard shard, KeyRow row)
    {
        shard.Waiting.Add(row.Key, row);
        _next.Enqueue(row);
        Interlocked.Increment(ref _waiting);
    }

    // Several, so that few claims wait for one another.
    private sealed class Shard
    {
        public Lock Gate { get; } = new();

        public Dictionary<IdempotencyKey, KeyRow> Waiting { get; } = [];

        public KeyMap Map { get; } = new();
    }
}
