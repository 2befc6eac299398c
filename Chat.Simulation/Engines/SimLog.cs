using Chat.Core.Channels;
using Chat.Core.Log;

namespace Chat.Simulation.Engines;

/// <summary>A process' client of the log.</summary>
public sealed class SimLog(LogState state, Link link) : IEventLog
{
    private const double LongestLagMs = 5000;

    /// <summary>With <see cref="InjectedBug.PointerNotAwaited"/>.</summary>
    public bool AppendsPointersLater { get; init; }

    /// <summary>With <see cref="InjectedBug.AnsweredBeforeAppend"/>.</summary>
    public bool AppendsWebhooksLater { get; init; }

    /// <summary>Deliberate break: what becomes of an event before it is appended.</summary>
    public Func<NewEvent, NewEvent>? Rewrites { get; init; }

    // Who asks and who appends hear of more partitions each in its own time.
    private TimeSpan? _describesLate;
    private TimeSpan? _appendsLate;

    public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
        link.CallAsync("describe", () => See(topic, ref _describesLate), cancellationToken);

    public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        if (Rewrites is { } rewrites) events = [.. events.Select(rewrites)];
        var places = new EventPosition[events.Count];
        var seen = events.Select((e, i) => new Placed(e, i, See(e.Topic, ref _appendsLate))).ToList();
        if (AppendsPointersLater && events.All(e => e.Headers?.Any(h => h.Name == HeaderNames.DeadLetterPointer) is true))
            return Later(500);
        if (AppendsWebhooksLater && events.All(e => ChannelCatalog.Names.Any(c => e.Topic == Topics.Webhooks(c)))) return Later(5000);
        return link.CallAsync<Placed, IReadOnlyList<EventPosition>>(
            $"append of {events.Count} events",
            seen,
            one => link.FaultProfile.Refusals.Refuses(one.Event),
            Steps,
            () => places,
            cancellationToken);

        ValueTask<IReadOnlyList<EventPosition>> Later(double mostMs)
        {
            link.Caller.Scheduler.After(link.Random.Milliseconds(1, mostMs), link.Caller, () =>
            {
                foreach (var step in Steps(seen)) step();
            });
            return ValueTask.FromResult<IReadOnlyList<EventPosition>>(places);
        }

        // A request per partition: some may fail while others go through.
        IReadOnlyList<Action> Steps(IReadOnlyList<Placed> some) =>
        [
            .. some.GroupBy(one => (one.Event.Topic, one.Seen.PartitionOf(one.Event.Key))).Select(group => (Action)(() =>
            {
                foreach (var one in group) places[one.Index] = state.Append(one.Event, one.Seen);
            })),
        ];
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

    /// <param name="Index">Its place among the events of the call.</param>
    /// <param name="Seen">Its topic as who appends sees it.</param>
    private readonly record struct Placed(NewEvent Event, int Index, TopicDescription Seen);

    private void AtCoordinator(Action action) =>
        link.Caller.Scheduler.After(link.FaultProfile.Latency(), link.Caller.Scheduler.World, action);
}
