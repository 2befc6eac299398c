using System.Diagnostics;
using Chat.Connectors.Callbacks;
using Chat.Connectors.Providers;
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
/// before that repeats its statuses with the same times, which changes nothing.
/// </summary>
public sealed partial class OutboundConnector(
    IChannelProvider provider,
    IEventLog log,
    IHandOverLedger ledger,
    StatusCallbacks callbacks,
    ConnectorsOptions options,
    ConnectorMetrics metrics,
    TimeProvider time,
    ILogger<OutboundConnector> logger)
{
    private readonly RetryForever _retry = new(time);

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
                await ReportDueAsync(flow, revoked);
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
    private async Task WaitAsync(Task? reading, DateTimeOffset? due, CancellationToken cancellationToken)
    {
        if (due is not { } at)
        {
            // Nothing is planned, so there is room, and a read waits.
            await reading!;
            return;
        }
        var wait = at - time.GetUtcNow();
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
        var unusable = new List<InFlight>();
        var deadLetters = new List<NewEvent>();
        foreach (var source in events)
        {
            var inFlight = flow.Take(source.Offset);
            if (Read(source, out var error) is { } message)
            {
                taken.Add(new(inFlight, message, source.TraceParent));
                continue;
            }
            unusable.Add(inFlight);
            deadLetters.Add(DeadLetters.From(partition, source, error!));
            LogDeadLetter(partition, source.Offset, error!);
        }
        if (deadLetters.Count > 0)
        {
            await AppendAsync(deadLetters, cancellationToken);
            metrics.DeadLettersAdded(partition.Topic, deadLetters.Count);
            foreach (var inFlight in unusable) flow.Drop(inFlight);
        }
        if (taken.Count > 0) await SendAsync(flow, taken, cancellationToken);
    }

    private async Task SendAsync(OutboundFlow flow, List<Taken> taken, CancellationToken cancellationToken)
    {
        // As the log keeps times: whole milliseconds.
        var now = WireTime.TruncateToMilliseconds(time.GetUtcNow());
        // The router may have written a message twice.
        var proposed = taken
            .DistinctBy(t => t.Message.MessageId)
            .Select(t => new HandOver(t.Message.MessageId, provider.Channel, now, null))
            .ToArray();
        var handOvers = await _retry.RunAsync(
            logger, "record hand-overs of", provider.Channel, ct => ledger.RecordHandOversAsync(proposed, ct), cancellationToken);
        var recorded = handOvers.ToDictionary(h => h.MessageId);
        var seen = new HashSet<Guid>();
        var outgoing = taken.Select(t =>
        {
            var handOver = recorded[t.Message.MessageId];
            return new Outgoing(t.Message, handOver, handOver.At == now && seen.Add(handOver.MessageId));
        }).ToArray();
        var plans = await _retry.RunAsync(
            logger, "hand messages over to", provider.Channel, ct => provider.SendAsync(outgoing, ct), cancellationToken);
        for (var i = 0; i < outgoing.Length; i++)
        {
            var (inFlight, message, traceParent) = taken[i];
            using var span = ChatTelemetry.Continue($"send {provider.Channel}", ActivityKind.Consumer, traceParent);
            flow.Plan(inFlight, message, span?.Id ?? traceParent, outgoing[i].HandOver.At, plans[i]);
        }
        metrics.MessagesSent(provider.Channel, outgoing.Length);
    }

    private async Task ReportDueAsync(OutboundFlow flow, CancellationToken cancellationToken)
    {
        var due = flow.TakeDue(time.GetUtcNow(), options.BatchSize);
        if (due.Count == 0) return;
        var events = due.Select(ToEvent).ToArray();
        await AppendAsync(events, cancellationToken);
        flow.MarkAppended(due);
        for (var i = 0; i < events.Length; i++)
        {
            metrics.StatusAppended(provider.Channel, due[i].Status.Kind);
            callbacks.Offer(new(provider.Channel, due[i].Status.Kind, events[i].Value, due[i].TraceParent));
        }
    }

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

    private async Task AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) => await _retry.RunAsync(
        logger, "append events of", provider.Channel, ct => log.AppendAsync(events, ct), cancellationToken);

    private readonly record struct Taken(InFlight InFlight, Message Message, string? TraceParent);

    [LoggerMessage(
        EventId = LogEvents.DeadLettered,
        Level = LogLevel.Warning,
        Message = "{Partition} offset {Offset} goes to the dead letters: {Reason}")]
    private partial void LogDeadLetter(TopicPartition partition, long offset, string reason);
}
