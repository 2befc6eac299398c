using Chat.Core.Log;
using Chat.Core.Telemetry;
using Chat.Core.Time;
using Chat.Engines.Embedded.Sqlite;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Embedded.Log;

/// <summary>
/// All groups that are known, with members or without, and what they committed. Commits go to disk with the next appends or a
/// moment later: losing one repeats work.
/// </summary>
internal sealed partial class LogGroups(SqliteReaders readers, EmbeddedOptions options, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly CautiousClock _clock = new(time);
    private readonly Dictionary<ConsumerGroup, LogGroup> _joined = [];
    private readonly Dictionary<(string Group, long PartitionId), (long Committed, DateTimeOffset ActiveAt)> _known = [];
    private readonly HashSet<(string Group, long PartitionId)> _unsaved = [];
    private bool _saving;

    /// <summary>The writer that commits go to; set once, before the first member joins.</summary>
    public GroupCommitWriter Writer { get; set; } = null!;

    public void Load(SqliteSession session)
    {
        foreach (var (group, partition, committed, activeAt) in LogFile.LoadGroups(session))
            _known[(group, partition)] = (committed, activeAt);
    }

    /// <summary>The group on a topic; known from now on, so that nothing is trimmed under it.</summary>
    public LogGroup Join(ConsumerGroup group, LogTopic topic)
    {
        lock (_gate)
        {
            if (_joined.TryGetValue(group, out var known)) return known;
            var joined = new LogGroup(
                group.Group, topic, partition => Partition(group.Group, partition), options.ConsumerPause, time, logger);
            foreach (var partition in joined.Partitions) Note(group.Group, partition.Log.Id, partition.Committed);
            return _joined[group] = joined;
        }
    }

    /// <summary>
    /// Forgets groups that have had no member for too long, and says of each partition what the others still need: nothing from
    /// the offset on may go. Partitions that no group reads are missing.
    /// </summary>
    public async Task<IReadOnlyDictionary<long, long>> SettleAsync(CancellationToken cancellationToken)
    {
        var now = _clock.UtcNow;
        var needed = new Dictionary<long, long>();
        var expired = new List<(string Group, long PartitionId)>();
        lock (_gate)
        {
            foreach (var group in _joined.Values.Where(g => g.HasMembers))
            {
                foreach (var partition in group.Partitions) Note(group.Name, partition.Log.Id, partition.Committed);
            }
            foreach (var (key, (committed, activeAt)) in _known)
            {
                if (activeAt < now - options.GroupExpiry) expired.Add(key);
                else needed[key.PartitionId] = Math.Min(committed, needed.GetValueOrDefault(key.PartitionId, long.MaxValue));
            }
            foreach (var key in expired)
            {
                _known.Remove(key);
                _unsaved.Remove(key);
            }
        }
        if (expired.Count > 0)
        {
            await Writer.WriteAsync(
                session =>
                {
                    foreach (var (group, partition) in expired) LogFile.ForgetGroup(session, group, partition);
                },
                cancellationToken);
            foreach (var group in expired.Select(e => e.Group).Distinct()) LogForgotten(group, options.GroupExpiry);
        }
        return needed;
    }

    /// <summary>How far each group with members is behind.</summary>
    public IEnumerable<PartitionLag> Lag()
    {
        LogGroup[] groups;
        lock (_gate) groups = [.. _joined.Values.Where(g => g.HasMembers)];
        return
            from g in groups
            from p in g.Partitions
            select new PartitionLag(g.Name, p.Log.Name.Topic, p.Log.Name.Partition, Math.Max(0, p.Log.End - p.Committed));
    }

    /// <summary>What a group has committed of a partition; 0 where it is not known. Makes it no more known than it was.</summary>
    public long Committed(string group, LogPartition partition)
    {
        lock (_gate) return _known.GetValueOrDefault((group, partition.Id)).Committed;
    }

    private GroupPartition Partition(string group, LogPartition partition) => new(
        partition,
        readers,
        _known.TryGetValue((group, partition.Id), out var known) ? known.Committed : null,
        p =>
        {
            lock (_gate) Note(group, p.Log.Id, p.Committed);
        },
        (p, count, from) => LogLoss.Report(logger, group, p.Log.Name, count, from));

    private void Note(string group, long partitionId, long committed)
    {
        _known[(group, partitionId)] = (committed, time.GetUtcNow());
        _unsaved.Add((group, partitionId));
        if (_saving) return;
        _saving = true;
        Writer.SubmitLazily(new SaveWork(this));
    }

    private sealed class SaveWork(LogGroups groups) : WriterWork
    {
        private readonly Dictionary<(string Group, long PartitionId), (long Committed, DateTimeOffset ActiveAt)> _rows = [];

        public override void Execute(SqliteSession session)
        {
            lock (groups._gate)
            {
                // What is noted from here on is the next work's.
                groups._saving = false;
                foreach (var key in groups._unsaved) _rows[key] = groups._known[key];
                groups._unsaved.Clear();
            }
            foreach (var (key, (committed, activeAt)) in _rows) LogFile.SaveGroup(session, key.Group, key.PartitionId, committed, activeAt);
        }

        public override void Committed()
        {
        }

        public override void Failed(Exception exception)
        {
            groups.LogNotSaved(exception);
            lock (groups._gate) groups._unsaved.UnionWith(_rows.Keys.Where(groups._known.ContainsKey));
        }
    }

    [LoggerMessage(
        EventId = LogEvents.CommitsNotSaved,
        Level = LogLevel.Warning,
        Message = "Could not save committed offsets; they are saved with the next ones, and a crash before that repeats some events")]
    private partial void LogNotSaved(Exception exception);

    [LoggerMessage(
        EventId = LogEvents.GroupExpired,
        Level = LogLevel.Information,
        Message = "Consumer group {Group} had no member for {Expiry} and was forgotten: retention no longer waits for it")]
    private partial void LogForgotten(string group, TimeSpan expiry);
}
