using System.Diagnostics;
using Chat.Connectors.Callbacks;
using Chat.Connectors.Providers;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Telemetry;
using Chat.Core.Text;
using Chat.Core.Time;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Takes a channel's messages from <c>msg.out.{channel}</c> to its provider and their statuses to <c>msg.status</c>, as
/// <see cref="OutboundFlow"/> decides, many messages at a time. A message is committed once its last status is there; a crash
/// before that repeats its statuses with the same times, which changes nothing. A message that an engine refuses is put aside, as
/// <see cref="RefusedEvents"/> does it, and holds up nothing.
/// </summary>
public sealed partial class OutboundConnector(
    IChannelProvider provider,
    IEventLog log,
    IHandOverLedger ledger,
    StatusCallbacks callbacks,
    RefusedEvents refused,
    RetryForever retry,
    ConnectorsOptions options,
    ConnectorMetrics metrics,
    TimeProvider time,
    ILogger<OutboundConnector> logger)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>What statuses are due by: no clock that can be set.</summary>
    private TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Runs as one member of the group until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        log.ConsumeAsync(new($"connector-{provider.Channel}", Topics.Outbound(provider.Channel)), ProcessAsync, cancellationToken);

    private async Task ProcessAsync(IPartitionConsumer partition, CancellationToken revoked)
    {
        var flow = new OutboundFlow(options.MaxInFlight);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(revoked);
        Task<IReadOnlyList<LogEvent>>? reading = null;
        var counted = 0;
        try
        {
            while (true)
            {
                revoked.ThrowIfCancellationRequested();
                if (flow.Room > 0) reading ??= partition.ReadAsync(Math.Min(flow.Room, options.BatchSize), leaving.Token).AsTask();
                await WaitAsync(reading, flow.NextDue, revoked);
                if (reading is { IsCompleted: true })
                {
                    var events = await reading;
                    reading = null;
                    await ReadMessagesAsync(flow, partition.Partition, events, revoked);
                }
                await ReportDueAsync(flow, partition.Partition, revoked);
                if (flow.TakeCommit() is { } next) await partition.CommitAsync(next, revoked);
                metrics.InFlightChanged(provider.Channel, flow.Count - counted);
                counted = flow.Count;
            }
        }
        finally
        {
            metrics.InFlightChanged(provider.Channel, -counted);
            // The next call for this partition must not find a read of this one still waiting.
            leaving.Cancel();
            if (reading is not null) await reading.WaitQuietlyAsync();
        }
    }

    /// <summary>Waits until events came or a status is due.</summary>
    private async Task WaitAsync(Task? reading, TimeSpan? due, CancellationToken cancellationToken)
    {
        if (due is not { } at)
        {
            // Nothing is planned, so there is room, and a read waits.
            await reading!;
            return;
        }
        var wait = at - Elapsed;
        if (wait <= TimeSpan.Zero || reading is { IsCompleted: true }) return;
        // Timers cut to whole milliseconds: rounded up, the status is due when it fires.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(wait, time, done.Token);
        await (reading is null ? delay : Task.WhenAny(reading.WaitQuietlyAsync(), delay.WaitQuietlyAsync()));
        done.Cancel();
    }

    private async Task ReadMessagesAsync(
        OutboundFlow flow, TopicPartition partition, IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
    {
        var taken = new List<Taken>(events.Count);
        var unusable = new List<(InFlight InFlight, NewEvent DeadLetter)>();
        foreach (var source in events)
        {
            var inFlight = flow.Take(source.Offset);
            if (Read(source, out var error) is { } message)
            {
                taken.Add(new(inFlight, message, source.TraceParent));
                continue;
            }
            unusable.Add((inFlight, DeadLetters.From(partition, source, error!)));
            LogDeadLetter(partition, source.Offset, error!);
        }
        await Bisection.RunAsync(
            unusable,
            async part =>
            {
                await AppendAsync([.. part.Select(u => u.DeadLetter)], cancellationToken);
                metrics.DeadLettersAdded(partition.Topic, part.Count);
                foreach (var (inFlight, _) in part) flow.Drop(inFlight);
            },
            (one, refusal) => PutAsideAsync(flow, partition, one.InFlight, refusal, cancellationToken));
        var handOvers = await RecordHandOversAsync(flow, partition, taken, cancellationToken);
        await Bisection.RunAsync(
            handOvers,
            part => SendAsync(flow, part, cancellationToken),
            (one, refusal) => PutAsideAsync(flow, partition, one.Taken.InFlight, refusal, cancellationToken));
    }

    private async Task PutAsideAsync(
        OutboundFlow flow, TopicPartition partition, InFlight inFlight, Exception refusal, CancellationToken cancellationToken)
    {
        await refused.PutAsideAsync(partition, inFlight.Offset, refusal, cancellationToken);
        flow.Drop(inFlight);
    }

    /// <summary>Answers with the messages that the ledger took, in the order given.</summary>
    private async Task<IReadOnlyList<HandedOver>> RecordHandOversAsync(
        OutboundFlow flow, TopicPartition partition, IReadOnlyList<Taken> taken, CancellationToken cancellationToken)
    {
        // As the log keeps times: whole milliseconds.
        var (now, elapsed) = (WireTime.TruncateToMilliseconds(time.GetUtcNow()), Elapsed);
        // The router may have written a message twice.
        var proposed = taken
            .DistinctBy(t => t.Message.MessageId)
            .Select(t => new HandOver(t.Message.MessageId, provider.Channel, now, null))
            .ToArray();
        var recorded = new Dictionary<Guid, HandOver>();
        var refusals = new Dictionary<Guid, Exception>();
        await Bisection.RunAsync(
            proposed,
            async part =>
            {
                var handOvers = await retry.RunAsync(
                    logger, "record hand-overs of", provider.Channel, ct => ledger.RecordHandOversAsync(part, ct), cancellationToken);
                foreach (var handOver in handOvers) recorded[handOver.MessageId] = handOver;
            },
            (handOver, refusal) => refusals[handOver.MessageId] = refusal);
        var outgoing = new List<HandedOver>(taken.Count);
        var seen = new HashSet<Guid>();
        foreach (var one in taken)
        {
            if (refusals.TryGetValue(one.Message.MessageId, out var refusal))
            {
                await PutAsideAsync(flow, partition, one.InFlight, refusal, cancellationToken);
                continue;
            }
            var handOver = recorded[one.Message.MessageId];
            // One of an earlier process is as old as the wall clocks say, and no younger than this one.
            var age = now > handOver.At ? now - handOver.At : TimeSpan.Zero;
            var isFirst = handOver.At == now && seen.Add(handOver.MessageId);
            outgoing.Add(new(one, new(one.Message, handOver, isFirst), elapsed - age));
        }
        return outgoing;
    }

    private async Task SendAsync(
        OutboundFlow flow, IReadOnlyList<HandedOver> messages, CancellationToken cancellationToken)
    {
        Outgoing[] outgoing = [.. messages.Select(m => m.Outgoing)];
        var plans = await retry.RunAsync(
            logger, "hand messages over to", provider.Channel, ct => provider.SendAsync(outgoing, ct), cancellationToken);
        for (var i = 0; i < outgoing.Length; i++)
        {
            var (inFlight, message, traceParent) = messages[i].Taken;
            using var span = ChatTelemetry.Continue($"send {provider.Channel}", ActivityKind.Consumer, traceParent);
            flow.Plan(inFlight, message, span?.Id ?? traceParent, outgoing[i].HandOver.At, messages[i].Since, plans[i]);
        }
        metrics.MessagesSent(provider.Channel, outgoing.Length);
    }

    private Task ReportDueAsync(OutboundFlow flow, TopicPartition partition, CancellationToken cancellationToken) => Bisection.RunAsync(
        [.. flow.TakeDue(Elapsed, options.BatchSize).Select(due => (Due: due, Event: ToEvent(due)))],
        async part =>
        {
            await AppendAsync([.. part.Select(p => p.Event)], cancellationToken);
            flow.MarkAppended([.. part.Select(p => p.Due)]);
            foreach (var (due, appended) in part)
            {
                metrics.StatusAppended(provider.Channel, due.Status.Kind);
                callbacks.Offer(new(provider.Channel, due.Status.Kind, appended.Value, due.TraceParent));
            }
        },
        async (one, refusal) =>
        {
            // Its message was handed over, and its other statuses are still reported.
            await refused.PutAsideAsync(partition, one.Due.InFlight.Offset, refusal, cancellationToken);
            flow.MarkAppended([one.Due]);
        });

    private NewEvent ToEvent(DueStatus due) => new(
        Topics.Status,
        MessageIds.Format(due.Message.ConversationId),
        StatusEventJson.Write(new(
            due.Message.MessageId,
            due.Message.ConversationId,
            due.Message.OrganizationId,
            provider.Channel,
            due.Status.Kind,
            due.At,
            due.Status.Reason)),
        due.TraceParent is { } traceParent ? [new(HeaderNames.TraceParent, traceParent)] : null);

    private Message? Read(LogEvent source, out string? error)
    {
        var message = MessageEventJson.TryRead(source.Value.Span, out var unreadable);
        error = message is null ? unreadable!.ToString()
            : message.Channel != provider.Channel ? $"channel: '{Printable.Line(message.Channel)}' is not '{provider.Channel}'"
            : null;
        return error is null ? message : null;
    }

    private async Task AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) => await retry.RunAsync(
        logger, "append events of", provider.Channel, ct => log.AppendAsync(events, ct), cancellationToken);

    private readonly record struct Taken(InFlight InFlight, Message Message, string? TraceParent);

    /// <param name="Since">When it was handed over, by <see cref="Elapsed"/>.</param>
    private readonly record struct HandedOver(Taken Taken, Outgoing Outgoing, TimeSpan Since);

    [LoggerMessage(
        EventId = LogEvents.DeadLettered,
        Level = LogLevel.Warning,
        Message = "{Partition} offset {Offset} goes to the dead letters: {Reason}")]
    private partial void LogDeadLetter(TopicPartition partition, long offset, string reason);
}
