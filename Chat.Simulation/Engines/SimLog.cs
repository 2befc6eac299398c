using Chat.Core.Log;

namespace Chat.Simulation.Engines;

/// <summary>A process' client of the log.</summary>
public sealed class SimLog(LogState state, Link link) : IEventLog
{
    private const double LongestLagMs = 5000;

    // Who asks and who appends hear of more partitions each in its own time.
    private TimeSpan? _describesLate;
    private TimeSpan? _appendsLate;

    public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
        link.CallAsync("describe", () => See(topic, ref _describesLate), cancellationToken);

    public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        var places = new EventPosition[events.Count];
        // A request per partition: some may fail while others go through.
        var steps = events
            .Select((e, i) => (Event: e, Index: i))
            .Select(e => (e.Event, e.Index, Seen: See(e.Event.Topic, ref _appendsLate)))
            .GroupBy(e => (e.Event.Topic, e.Seen.PartitionOf(e.Event.Key)))
            .Select(group => (Action)(() =>
            {
                foreach (var (appended, index, seen) in group) places[index] = state.Append(appended, seen);
            }))
            .ToList();
        return link.CallAsync<IReadOnlyList<EventPosition>>($"append of {events.Count} events", steps, () => places, cancellationToken);
    }

    public async Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken)
    {
        var coordinator = state.Group(group);
        var stopped = new TaskCompletionSource();
        using var registration = cancellationToken.Register(() => stopped.TrySetResult());
        while (!cancellationToken.IsCancellationRequested)
        {
            var member = new SimMember(state, coordinator, link.Caller, process);
            AtCoordinator(() => coordinator.Join(member));
            await Task.WhenAny(stopped.Task, member.WhenExpelled);
            var leaving = member.LeaveAsync();
            AtCoordinator(() => coordinator.Leave(member));
            await leaving;
            if (!cancellationToken.IsCancellationRequested)
                await Task.Delay(link.FaultProfile.Latency(), link.Caller.Time, CancellationToken.None);
        }
    }

    private TopicDescription See(string name, ref TimeSpan? late)
    {
        var topic = state.Topic(name);
        if (!topic.HasGrown) return topic.Description;
        late ??= link.Random.Chance(0.5) ? TimeSpan.Zero : link.Random.Milliseconds(0, LongestLagMs);
        return topic.DescriptionAt(link.Caller.Scheduler.Now - late.Value);
    }

    private void AtCoordinator(Action action) =>
        link.Caller.Scheduler.After(link.FaultProfile.Latency(), link.Caller.Scheduler.World, action);
}
