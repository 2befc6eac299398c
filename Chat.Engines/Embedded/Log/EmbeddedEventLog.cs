using System.Collections.Concurrent;
using Chat.Core;
using Chat.Core.Log;
using Chat.Core.Telemetry;
using Chat.Core.Time;
using Chat.Engines.Embedded.Keys;
using Chat.Engines.Embedded.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded.Log;

/// <summary>
/// The event log on SQLite, in <c>log.db</c> of the data folder. One writer commits appends in groups; who reads along reads from
/// memory, and wakes as soon as a group is on disk. Groups and their members are within this process.
/// <para>
/// Retention: an event goes once it is older than <see cref="EmbeddedOptions.LogRetention"/> and every group that is known on its topic
/// has committed it. A group is known from its first member on, until it had no member for <see cref="EmbeddedOptions.GroupExpiry"/>;
/// of a topic that no group reads (dead letters), events go by age alone.
/// </para>
/// <para>
/// The idempotency keys of posts lie in the same file, so that one commit has a message and its key.
/// </para>
/// </summary>
public sealed class EmbeddedEventLog : IEventLog, IDisposable
{
    internal const string FileName = "log.db";
    private const string SystemName = "embedded";
    private const int TrimmedAtOnce = 2_000;

    private readonly EmbeddedOptions _options;
    private readonly TimeProvider _time;
    private readonly CautiousClock _clock;
    private readonly SqliteReaders _readers;
    private readonly GroupCommitWriter _writer;
    private readonly LogGroups _groups;
    private readonly IDisposable _lag;
    private readonly ConcurrentDictionary<string, LogTopic> _topics = new();

    // Partitions whose end is another since the last commit; the writer's thread alone.
    private readonly HashSet<LogPartition> _touched = [];

    /// <exception cref="StartUpException">The file can't be used, or a newer version of the program wrote it.</exception>
    public EmbeddedEventLog(DataFolder folder, IOptions<EmbeddedOptions> options, TimeProvider time, ILogger<EmbeddedEventLog> logger)
    {
        _options = options.Value;
        (_time, _clock) = (time, new(time));
        var path = folder.File(FileName);
        _readers = new(path);
        _groups = new(_readers, _options, time, logger);
        var claims = new KeyClaims((ids, key) => _readers.Read(session => KeyTable.Find(session, ids, key)));
        _writer = _groups.Writer = new(
            SqliteSchema.Open(path, LogSchema.Steps, session => Load(session, claims)),
            "log writer",
            new(claims.Write, SaveEnds, claims.Written, ForgetEnds));
        Keys = new(claims, _writer, _readers);
        _lag = ConsumerLag.Report(_groups.Lag);
    }

    public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
        _topics.TryGetValue(topic, out var known) ? new(known.Description) : DescribeNewAsync(topic, cancellationToken);

    public string MessagingSystem => SystemName;

    public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) =>
        AppendSpans.TraceAsync(MessagingSystem, events, AppendUntracedAsync, cancellationToken);

    private async ValueTask<IReadOnlyList<EventPosition>> AppendUntracedAsync(
        IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0) return [];
        string? last = null;
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Topic == last) continue;
            last = events[i].Topic;
            if (!_topics.ContainsKey(last)) await FindOrMakeAsync(last, cancellationToken);
        }
        var work = new AppendWork(events, topic => _topics[topic], _touched, _options.MaxRecordBytes, _time);
        using var append = new MeasuredAppend(SystemName, events, _time);
        _writer.Submit(work);
        var positions = await work.Done.WaitAsync(cancellationToken);
        append.Done();
        return positions;
    }

    public async Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken)
    {
        LogTopic topic;
        try
        {
            topic = await FindOrMakeAsync(group.Topic, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        await _groups.Join(group, topic).ConsumeAsync(process, cancellationToken);
    }

    /// <summary>
    /// Deletes what is past its retention; a little at a time, so that appends don't wait for it. Answers with how many events went.
    /// </summary>
    public async Task<long> TrimAsync(CancellationToken cancellationToken)
    {
        var now = _clock.UtcNow;
        var olderThan = now - _options.LogRetention;
        var needed = await _groups.SettleAsync(cancellationToken);
        long trimmed = 0;
        foreach (var partition in _topics.Values.SelectMany(t => t.Partitions))
        {
            var below = Math.Min(partition.End, needed.GetValueOrDefault(partition.Id, long.MaxValue));
            int went;
            do
            {
                went = await _writer.WriteAsync(
                    session => LogFile.Trim(session, partition, below, olderThan, now, TrimmedAtOnce), cancellationToken);
                trimmed += went;
            }
            while (went == TrimmedAtOnce);
        }
        return trimmed;
    }

    /// <summary>The idempotency keys in the log's file.</summary>
    internal KeyFile Keys { get; }

    /// <summary>The one writer of the log's file.</summary>
    internal GroupCommitWriter Writer => _writer;

    /// <summary>All partitions there are.</summary>
    internal IReadOnlyList<LogPartition> Partitions => [.. _topics.Values.SelectMany(t => t.Partitions)];

    /// <summary>Removes single events.</summary>
    internal async ValueTask RemoveAsync(LogPartition partition, IReadOnlyList<long> offsets, CancellationToken cancellationToken)
    {
        foreach (var some in offsets.Chunk(TrimmedAtOnce))
            await _writer.WriteAsync(session => LogFile.Remove(session, partition, some), cancellationToken);
        partition.DropTail();
    }

    /// <inheritdoc cref="GroupCommitWriter.CompactAsync"/>
    internal Task CompactAsync(CancellationToken cancellationToken) => _writer.CompactAsync(cancellationToken);

    /// <summary>A write that leaves nothing behind.</summary>
    internal Task ProbeWriteAsync(CancellationToken cancellationToken) => _writer.WriteAsync(LogFile.ProbeWrite, cancellationToken);

    internal async ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken)
    {
        var found = await FindOrMakeAsync(topic, cancellationToken);
        return [.. found.Partitions.Select(p =>
        {
            // The end first: what is appended or trimmed meanwhile makes the range no larger than it was.
            var end = p.End;
            var first = _readers.Read(session => LogFile.ReadEvents(session, p, 0, 1));
            return new PartitionRange(p.Name.Partition, first is [var e] ? Math.Min(e.Offset, end) : end, end);
        })];
    }

    internal async ValueTask<IReadOnlyList<LogEvent>> ReadStoredAsync(
        TopicPartition partition, long from, int max, CancellationToken cancellationToken)
    {
        var found = (await FindOrMakeAsync(partition.Topic, cancellationToken)).Partitions[partition.Partition];
        return _readers.Read(session => LogFile.ReadEvents(session, found, from, max));
    }

    internal async ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken)
    {
        var found = await FindOrMakeAsync(group.Topic, cancellationToken);
        return [.. found.Partitions.Select(p => _groups.Committed(group.Group, p))];
    }

    public void Dispose()
    {
        _lag.Dispose();
        Keys.Dispose();
        _writer.Dispose();
        _readers.Dispose();
    }

    private async ValueTask<TopicDescription> DescribeNewAsync(string topic, CancellationToken cancellationToken) =>
        (await FindOrMakeAsync(topic, cancellationToken)).Description;

    private async ValueTask<LogTopic> FindOrMakeAsync(string name, CancellationToken cancellationToken)
    {
        if (_topics.TryGetValue(name, out var known)) return known;
        // Of several who make it at once the later find it in the file; one object of it stays, before anything is appended.
        var made = await _writer.WriteAsync(
            session => LogFile.FindOrMakeTopic(session, name, _options.Partitions, _options.TailBytes), cancellationToken);
        return _topics.GetOrAdd(name, made);
    }

    private void Load(SqliteSession session, KeyClaims claims)
    {
        foreach (var topic in LogFile.LoadTopics(session, _options.TailBytes)) _topics[topic.Description.Topic] = topic;
        _groups.Load(session);
        claims.Load(session);
    }

    private void SaveEnds(SqliteSession session)
    {
        foreach (var partition in _touched) LogFile.SaveNextOffset(session, partition);
        _touched.Clear();
    }

    // Called too where it was the commit that failed, after the ends were saved: every partition then, since that is rare.
    private void ForgetEnds()
    {
        foreach (var partition in _topics.Values.SelectMany(t => t.Partitions)) partition.NextOffset = partition.End;
        _touched.Clear();
    }
}
