using Chat.Core.Log;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Embedded.Log;

/// <summary>
/// A consumer group on one topic: its committed offsets, its members, and who has which partition. A partition goes to another member
/// only once the call that had it ended.
/// </summary>
internal sealed partial class LogGroup
{
    private readonly Lock _gate = new();
    private readonly LogTopic _topic;
    private readonly IReadOnlyList<GroupPartition> _partitions;
    private readonly List<GroupMembership> _members = [];
    private readonly TimeProvider _time;
    private readonly TimeSpan _pause;
    private readonly ILogger _logger;

    public LogGroup(
        string name, LogTopic topic, Func<LogPartition, GroupPartition> partitions, TimeSpan pause, TimeProvider time, ILogger logger)
    {
        Name = name;
        _topic = topic;
        _partitions = [.. topic.Partitions.Select(partitions)];
        _pause = pause;
        _time = time;
        _logger = logger;
    }

    public string Name { get; }

    public LogTopic Topic => _topic;

    public IReadOnlyList<GroupPartition> Partitions => _partitions;

    public bool HasMembers
    {
        get
        {
            lock (_gate) return _members.Count > 0;
        }
    }

    /// <summary>A member from now until cancelled, and then until its last call ended.</summary>
    public async Task ConsumeAsync(PartitionProcessor process, CancellationToken cancellationToken)
    {
        var member = new GroupMembership(process);
        lock (_gate)
        {
            _members.Add(member);
            Rebalance();
        }
        await using (cancellationToken.UnsafeRegister(
            static state =>
            {
                var (group, leaving) = ((LogGroup, GroupMembership))state!;
                group.Leave(leaving);
            },
            (this, member)))
        {
            await member.Left.Task;
        }
    }

    private void Leave(GroupMembership member)
    {
        lock (_gate)
        {
            _members.Remove(member);
            member.Leaving = true;
            Rebalance();
            if (member.Calls == 0) member.Left.TrySetResult();
        }
    }

    /// <summary>
    /// Gives each partition to a member, so that their numbers differ by one at most and as few as can be change hands; takes back those
    /// that are with another, and starts those that are with nobody.
    /// </summary>
    private void Rebalance()
    {
        if (_members.Count == 0)
        {
            foreach (var partition in _partitions) partition.Target = null;
        }
        else
        {
            var (least, more) = Math.DivRem(_partitions.Count, _members.Count);
            var loose = new Queue<GroupPartition>(_partitions.Where(p => p.Target is null || p.Target.Leaving));
            var quotas = new List<(GroupMembership Member, int Quota, int Has)>();
            foreach (var member in _members.OrderByDescending(m => _partitions.Count(p => p.Target == m)))
            {
                var quota = least + (more-- > 0 ? 1 : 0);
                var has = _partitions.Where(p => p.Target == member).ToArray();
                foreach (var partition in has.Skip(quota)) loose.Enqueue(partition);
                quotas.Add((member, quota, Math.Min(has.Length, quota)));
            }
            foreach (var (member, quota, has) in quotas)
            {
                for (var i = has; i < quota; i++) loose.Dequeue().Target = member;
            }
        }
        foreach (var partition in _partitions)
        {
            if (partition.Owner is null) Start(partition);
            // Its registrations run elsewhere: they are the processor's code, and we hold the lock.
            else if (partition.Owner != partition.Target) _ = partition.Revocation!.CancelAsync();
        }
    }

    private void Start(GroupPartition partition)
    {
        if (partition.Target is not { } member) return;
        partition.Owner = member;
        partition.Revocation = new CancellationTokenSource();
        member.Calls++;
        var revoked = partition.Revocation.Token;
        _ = Task.Run(() => OwnAsync(partition, member, revoked), CancellationToken.None);
    }

    private async Task OwnAsync(GroupPartition partition, GroupMembership member, CancellationToken revoked)
    {
        while (!revoked.IsCancellationRequested)
        {
            var consumer = partition.Open();
            try
            {
                await member.Process(consumer, revoked);
                if (!revoked.IsCancellationRequested) LogReturned(Name, partition.Log.Name);
            }
            catch (OperationCanceledException) when (revoked.IsCancellationRequested)
            {
            }
#pragma warning disable CA1031 // Whatever the processor throws, its partition is tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogThrew(exception, Name, partition.Log.Name, partition.Committed);
            }
            finally
            {
                partition.Close();
            }
            try
            {
                if (!revoked.IsCancellationRequested) await Task.Delay(_pause, _time, revoked);
            }
            catch (OperationCanceledException)
            {
            }
        }
        lock (_gate)
        {
            partition.Owner = null;
            partition.Revocation!.Dispose();
            partition.Revocation = null;
            Start(partition);
            member.Calls--;
            if (member.Leaving && member.Calls == 0) member.Left.TrySetResult();
        }
    }

    [LoggerMessage(
        EventId = LogEvents.ConsumerFailed,
        Level = LogLevel.Error,
        Message = "Consumer group {Group} failed on {Partition}; restarting it at offset {Committed} after a pause")]
    private partial void LogThrew(Exception exception, string group, TopicPartition partition, long committed);

    [LoggerMessage(
        EventId = LogEvents.ConsumerReturned,
        Level = LogLevel.Warning,
        Message = "Consumer group {Group} stopped reading {Partition} without being asked to; restarting it after a pause")]
    private partial void LogReturned(string group, TopicPartition partition);
}
