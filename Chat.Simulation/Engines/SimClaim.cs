using Chat.Core.Log;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>One partition in the hands of one member.</summary>
internal sealed class SimClaim(LogState log, SimGroup group, SimMember member, int number) : IPartitionConsumer
{
    private readonly CancellationTokenSource _revoked = new();
    private long _position;
    private int _shift;

    public SimMember Member => member;

    public int Number => number;

    public bool IsRevoking { get; set; }

    public TopicPartition Partition { get; } = new(group.Topic.Name, number);

    private SimProcess Process => member.Process;

    private SimPartition Events => group.Topic.Partitions[number];

    public void Revoke() => _revoked.Cancel();

    public async Task RunAsync()
    {
        member.Losses?.Assigned([number]);
        while (!_revoked.IsCancellationRequested)
        {
            _position = group.CommittedOf(number);
            member.Losses?.Rewound(number, _position);
            if (log.RenumbersRedelivery && _position > 0) _shift++;
            try
            {
                await member.Processor(this, _revoked.Token);
            }
            catch (OperationCanceledException) when (_revoked.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The log does not care why.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                log.Scheduler.Report($"{Process.Name}: a call for {Partition} threw {exception}");
            }
            await Task.Delay(TimeSpan.FromSeconds(1), Process.Time);
        }
        member.Losses?.Revoked([number]);
        log.Scheduler.After(log.Random.Milliseconds(0.1, 20), log.Scheduler.World, () => group.Ended(this));
    }

    public async ValueTask<IReadOnlyList<LogEvent>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = Events.IndexOf(Math.Max(_position, Events.Start));
            if (from == Events.Events.Count)
            {
                var appended = Events.WaitAsync();
                await appended.WaitAsync(cancellationToken);
                await Task.Delay(log.Random.Milliseconds(1, 20), Process.Time, cancellationToken);
                continue;
            }
            var count = Math.Min(log.Random.Between(1, Math.Min(max, 12)), Events.Events.Count - from);
            var read = Events.Events.GetRange(from, count);
            _position = read[^1].Offset + 1;
            log.TraceWriter.Write(Process, $"{Partition}: read {read[0].Offset} to {read[^1].Offset}");
            if (log.CommitsOnRead) Commit(_position);
            foreach (var one in read)
            {
                NoteFetched(one.Offset);
                Events.Delivered.Add(one.Offset);
            }
            if (read.Exists(IsDefective)) read = [.. read.Select(one => IsDefective(one) ? Defective(one) : one)];
            return _shift == 0 ? read : [.. read.Select(e => e with { Offset = e.Offset + _shift })];
        }
    }

    private void NoteFetched(long offset)
    {
        if (member.Losses is not { } losses) return;
        losses.Fetched(number, offset);
        if (!losses.IsUndecided(number)) return;
        // As the polling of a partition that nothing more comes from.
        log.Scheduler.After(TimeSpan.FromSeconds(1.01), Process, losses.Look);
        // A process that dies before takes what it jumped over with it: its commits may be beyond that.
        var jumped = Events.Lost.Where(o => o < offset).ToList();
        Process.OnDeath(() =>
        {
            if (losses.IsUndecided(number)) Events.Unaskable.UnionWith(jumped);
        });
    }

    private bool IsDefective(LogEvent one) => log.IsDefective(Partition, one);

    private LogEvent Defective(LogEvent one) => one with
    {
        Value = new DefectiveValue(
            one.Value.Length,
            () => log.Looks[(Partition, one.Offset)] = log.Looks.GetValueOrDefault((Partition, one.Offset)) + 1).Memory,
    };

    public ValueTask CommitAsync(long nextOffset, CancellationToken cancellationToken)
    {
        Commit(nextOffset - _shift);
        return ValueTask.CompletedTask;
    }

    private void Commit(long next) =>
        log.Scheduler.After(log.Random.Milliseconds(0.1, 20), log.Scheduler.World, () => group.Commit(this, next));
}
