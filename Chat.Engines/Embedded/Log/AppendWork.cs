using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Time;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Log;

/// <summary>
/// One call's events on their way to disk. Made on the caller's thread, where keys are hashed, headers encoded and values copied
/// (the tail keeps them, and the caller may use its buffers again), so that the writer's thread only numbers and inserts.
/// </summary>
internal sealed class AppendWork : WriterWork
{
    private const string Insert = "INSERT INTO events (id, at, key, headers, value) VALUES (?1, ?2, ?3, ?4, ?5)";

    // Well below what the runtime keeps among its large objects: every few megabytes of those cost a collection of all.
    private const int ChunkBytes = 32 * 1024;

    private readonly TaskCompletionSource<IReadOnlyList<EventPosition>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly Item[] _items;
    private readonly LogEvent[] _events;
    private readonly HashSet<LogPartition> _touched;

    /// <param name="touched">The writer's thread notes here which partitions end elsewhere now.</param>
    /// <exception cref="EngineRefusedException">One of the events is larger than its topic takes; none is appended then.</exception>
    public AppendWork(
        IReadOnlyList<NewEvent> events,
        Func<string, LogTopic> topics,
        HashSet<LogPartition> touched,
        int maxRecordBytes,
        TimeProvider time)
    {
        _time = time;
        _touched = touched;
        _items = new Item[events.Count];
        _events = new LogEvent[events.Count];
        ArrayBufferWriter<byte>? headers = null;
        Memory<byte> room = default;
        string? name = null;
        LogTopic topic = null!;
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            // A batch is mostly of one topic.
            if (e.Topic != name) topic = topics(name = e.Topic);
            headers?.ResetWrittenCount();
            if (e.Headers is { Count: > 0 }) LogHeaders.Write(headers ??= new(256), e.Headers);
            var keyLength = Encoding.UTF8.GetByteCount(e.Key);
            var headersLength = headers?.WrittenCount ?? 0;
            var length = keyLength + headersLength + e.Value.Length;
            RefuseLarge(e.Topic, length, maxRecordBytes);
            if (room.Length < length) room = new byte[Math.Max(length, Math.Min(ChunkBytes, (events.Count - i) * (long)length))];
            var bytes = room[..length];
            room = room[length..];
            Encoding.UTF8.GetBytes(e.Key, bytes.Span);
            headers?.WrittenSpan.CopyTo(bytes.Span[keyLength..]);
            e.Value.CopyTo(bytes[(keyLength + headersLength)..]);
            var hash = Murmur2Partitioner.Hash(bytes.Span[..keyLength]);
            _items[i] = new(
                topic.Partitions[(int)(hash & 0x7fffffff) % topic.Partitions.Count],
                e,
                bytes[..keyLength],
                bytes[keyLength..(keyLength + headersLength)],
                bytes[(keyLength + headersLength)..]);
        }
    }

    public Task<IReadOnlyList<EventPosition>> Done => _done.Task;

    public override void Execute(SqliteSession session)
    {
        var at = WireTime.TruncateToMilliseconds(_time.GetUtcNow());
        var insert = session[Insert];
        for (var i = 0; i < _items.Length; i++)
        {
            ref readonly var item = ref _items[i];
            var partition = item.Partition;
            _touched.Add(partition);
            var offset = partition.NextOffset++;
            insert.Bind(1, LogSchema.EventId(partition.Id, offset)).Bind(2, at).BindText(3, item.Key.Span);
            if (item.Headers.IsEmpty) insert.BindNull(4);
            else insert.BindText(4, item.Headers.Span);
            insert.BindBlob(5, item.Value.Span).Run();
            var source = item.Source;
            EventHeader[] headers = source.Headers is { Count: > 0 } given ? [.. given] : [];
            _events[i] = new(offset, source.Key, item.Value, at, headers);
        }
    }

    public override void Committed()
    {
        var positions = new EventPosition[_items.Length];
        var byPartition = new Dictionary<LogPartition, List<LogEvent>>();
        for (var i = 0; i < positions.Length; i++)
        {
            var partition = _items[i].Partition;
            positions[i] = new(partition.Name.Partition, _events[i].Offset);
            if (!byPartition.TryGetValue(partition, out var events)) byPartition[partition] = events = [];
            events.Add(_events[i]);
        }
        foreach (var (partition, events) in byPartition) partition.Publish(CollectionsMarshal.AsSpan(events));
        _done.SetResult(positions);
    }

    public override void Failed(Exception exception) => _done.SetException(exception);

    private static void RefuseLarge(string topic, int bytes, int maxRecordBytes)
    {
        var most = Topics.IsDeadLetter(topic) ? maxRecordBytes + DeadLetters.Room : maxRecordBytes;
        if (bytes > most) throw new EngineRefusedException($"The record has {bytes} bytes, and {topic} takes {most}");
    }

    private readonly record struct Item(
        LogPartition Partition,
        NewEvent Source,
        ReadOnlyMemory<byte> Key,
        ReadOnlyMemory<byte> Headers,
        ReadOnlyMemory<byte> Value);
}
