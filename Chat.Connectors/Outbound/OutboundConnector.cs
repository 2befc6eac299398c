using Chat.Connectors.Callbacks;
using Chat.Connectors.Providers;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;
using Chat.Core.Text;
using Chat.Core.Time;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Takes a channel's messages from <c>msg.out.{channel}</c> to its provider and their statuses to <c>msg.status</c>, as
/// <see cref="OutboundFlow"/> decides, many messages at a time. A message is committed once its last status is there; a crash
/// before that repeats its statuses with the same times, which changes nothing. A message that an engine refuses is put aside, as
/// <see cref="RefusedEvents"/> does it, and holds up nothing. What is sent from an account goes to the real provider, by
/// <see cref="AccountMessages"/>.
/// </summary>
/// <param name="provider">Of messages that are sent from no account: the simulated one.</param>
/// <param name="accounts">Null where there are no accounts: a message that is sent from one is a dead letter then.</param>
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
    ILogger<OutboundConnector> logger,
    IAccountOutbox? accounts = null)
{
    private readonly ConsumerGroup _group = ConsumerGroup.OfConnectors(provider.Channel);

    /// <summary>What statuses are due by: no clock that can be set.</summary>
    private TimeSpan Elapsed => time.GetElapsedTime(0);

    /// <summary>Runs as one member of the group until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        log.ConsumeAsync(_group, ProcessAsync, cancellationToken);

    private async Task ProcessAsync(IPartitionConsumer partition, CancellationToken revoked)
    {
        var flow = new OutboundFlow(options.MaxInFlight);
        await using var ofAccounts = accounts?.Open(partition.Partition, flow);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(revoked);
        Task<IReadOnlyList<LogEvent>>? reading = null;
        var counted = 0;
        try
        {
            while (true)
            {
                revoked.ThrowIfCancellationRequested();
                if (flow.Room > 0) reading ??= partition.ReadAsync(Math.Min(flow.Room, options.BatchSize), leaving.Token).AsTask();
                await WaitAsync(reading, ofAccounts?.Ended, Earlier(flow.NextDue, ofAccounts?.NextDue), revoked);
                if (reading is { IsCompleted: true })
                {
                    var events = await reading;
                    reading = null;
                    await ReadMessagesAsync(flow, ofAccounts, partition.Partition, events, revoked);
                }
                if (ofAccounts is not null) await ofAccounts.StepAsync(revoked);
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

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is { } a && other is { } b ? (a < b ? a : b) : one ?? other;

    /// <summary>Waits until events came, a message was sent or something is due.</summary>
    private async Task WaitAsync(Task? reading, Task? sent, TimeSpan? due, CancellationToken cancellationToken)
    {
        if (due is null && sent is null)
        {
            // Nothing is planned, so there is room, and a read waits.
            await reading!;
            return;
        }
        var wait = due - Elapsed;
        if (wait <= TimeSpan.Zero || reading is { IsCompleted: true } || sent is { IsCompleted: true }) return;
        // Timers cut to whole milliseconds: rounded up, the status is due when it fires.
        wait = wait is { } left ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : Timeout.InfiniteTimeSpan;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(wait.Value, time, done.Token);
        if (reading is null && sent is null)
        {
            await delay;
            return;
        }
        await Task.WhenAny(
            [delay.WaitQuietlyAsync(), .. new[] { reading, sent }.OfType<Task>().Select(task => task.WaitQuietlyAsync())]);
        done.Cancel();
    }

    private async Task ReadMessagesAsync(
        OutboundFlow flow,
        AccountMessages? ofAccounts,
        TopicPartition partition,
        IReadOnlyList<LogEvent> events,
        CancellationToken cancellationToken)
    {
        var inFlight = events.ToDictionary(source => source.Offset, source => flow.Take(source.Offset));
        // As the log keeps times: whole milliseconds. One time for all tries: what the ledger took in one is new in the next all the same.
        var read = new Reading(WireTime.TruncateToMilliseconds(time.GetUtcNow()), Elapsed, [], []);
        await refused.ProcessAsync(
            partition,
            events,
            (part, ct) => HandOverAsync(flow, partition, [.. part.Select(source => (inFlight[source.Offset], source))], read, ct),
            cancellationToken,
            putAside: source =>
            {
                read.OfAccounts.Remove(source.Offset);
                flow.Drop(inFlight[source.Offset]);
            });
        if (ofAccounts is not null && read.OfAccounts.Count > 0)
            await ofAccounts.AddAsync([.. read.OfAccounts.Values], cancellationToken);
    }

    private async Task HandOverAsync(
        OutboundFlow flow,
        TopicPartition partition,
        IReadOnlyList<(InFlight InFlight, LogEvent Source)> events,
        Reading read,
        CancellationToken cancellationToken)
    {
        var taken = new List<Taken>(events.Count);
        var unusable = new List<(InFlight InFlight, LogEvent Source, EventError Reason)>();
        foreach (var (inFlight, source) in events)
        {
            if (Read(source, out var error) is not { } message) unusable.Add((inFlight, source, error!));
            else if (message.AccountId is null) taken.Add(new(inFlight, message, source.TraceParent));
            else read.OfAccounts[source.Offset] = (inFlight, message, source);
        }
        var handedOver = await RecordHandOversAsync(taken, read, cancellationToken);
        if (unusable.Count > 0)
        {
            await AppendAsync([.. unusable.Select(u => DeadLetters.From(partition, u.Source, u.Reason.ToString()))], cancellationToken);
            metrics.DeadLettersAdded(partition.Topic, unusable.Count);
        }
        foreach (var (inFlight, source, reason) in unusable)
        {
            LogDeadLetter(partition, source.Offset, reason.Kind);
            flow.Drop(inFlight);
        }
        if (handedOver.Count > 0) await SendAsync(flow, partition, handedOver, cancellationToken);
        read.Sent.UnionWith(taken.Select(t => t.Message.MessageId));
    }

    /// <summary>Notes messages in the ledger, and answers with what the provider is given of each, in the order given.</summary>
    private async Task<IReadOnlyList<HandedOver>> RecordHandOversAsync(
        IReadOnlyList<Taken> taken, Reading read, CancellationToken cancellationToken)
    {
        if (taken.Count == 0) return [];
        // The router may have written a message twice.
        var proposed = taken
            .DistinctBy(t => t.Message.MessageId)
            .Select(t => new HandOver(t.Message.MessageId, provider.Channel, read.At, null))
            .ToArray();
        var handOvers = await retry.RunAsync(
            logger, "record hand-overs of", provider.Channel, ct => ledger.RecordHandOversAsync(proposed, ct), cancellationToken);
        var recorded = handOvers.ToDictionary(handOver => handOver.MessageId);
        var outgoing = new List<HandedOver>(taken.Count);
        var seen = read.Sent.ToHashSet();
        foreach (var one in taken)
        {
            var handOver = recorded[one.Message.MessageId];
            // One of an earlier process is as old as the wall clocks say, and no younger than this one.
            var age = read.At > handOver.At ? read.At - handOver.At : TimeSpan.Zero;
            var isFirst = handOver.At == read.At && seen.Add(handOver.MessageId);
            outgoing.Add(new(one, new(one.Message, handOver.At, isFirst), read.Elapsed - age));
        }
        return outgoing;
    }

    private async Task SendAsync(
        OutboundFlow flow, TopicPartition partition, IReadOnlyList<HandedOver> messages, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        Outgoing[] outgoing = [.. messages.Select(m => m.Outgoing)];
        var plans = new IReadOnlyList<PlannedStatus>[outgoing.Length];
        for (var i = 0; i < plans.Length; i++) plans[i] = await PlanAsync(outgoing[i], cancellationToken);
        // Made once it is known how they went: one that failed is kept.
        using var spans = new ProcessSpans(
            new(log.MessagingSystem, partition.Topic, _group.Group, partition.Partition),
            [.. messages.Select(m => m.Taken.TraceParent)],
            startedAt);
        for (var i = 0; i < outgoing.Length; i++)
        {
            var (inFlight, message, traceParent) = messages[i].Taken;
            var failed = plans[i].Any(p => p.Kind == StatusKind.Failed) ? StatusNames.Format(StatusKind.Failed) : null;
            var trace = spans.Continue(new(
                traceParent,
                inFlight.Offset,
                MessageIds.Format(message.ConversationId),
                message.ConversationId,
                message.MessageId,
                failed));
            flow.Plan(inFlight, message, trace, outgoing[i].At, messages[i].Since, plans[i]);
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
                callbacks.Offer(new(provider.Channel, due.Status.Kind, appended.Value, due.TraceParent, MessageScope.Of(due.Message)));
            }
        },
        async (one, refusal) =>
        {
            // Its message was handed over, and its other statuses are still reported.
            await refused.PutAsideAsync(partition, one.Due.InFlight.Offset, refusal, cancellationToken);
            flow.MarkAppended([one.Due]);
        });

    private static NewEvent ToEvent(DueStatus due) => StatusReport.Event(due.Message, due.Status, due.At, due.TraceParent);

    private async Task<IReadOnlyList<PlannedStatus>> PlanAsync(Outgoing outgoing, CancellationToken cancellationToken) =>
        await provider.SendAsync(outgoing, cancellationToken) switch
        {
            SendAnswer.Accepted accepted => accepted.Statuses,
            SendAnswer.Rejected rejected => [new(StatusKind.Failed, TimeSpan.Zero, rejected.Reason)],
            var answer => throw new InvalidOperationException($"{answer.GetType().Name} is no answer to a message without an account"),
        };

    private Message? Read(LogEvent source, out EventError? error)
    {
        var message = MessageEventJson.TryRead(source.Value.Span, out error);
        if (message is null) return null;
        if (message.Channel == provider.Channel)
        {
            if (message.AccountId is null || accounts is not null) return message;
            error = new(EventErrorKind.WrongChannel, "account_id", "nothing is sent from accounts here");
            return null;
        }
        var reason = $"'{Printable.Line(message.Channel)}' is not '{provider.Channel}'";
        error = new(EventErrorKind.WrongChannel, "channel", reason);
        return null;
    }

    private async Task AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) => await retry.RunAsync(
        logger, "append events of", provider.Channel, ct => log.AppendAsync(events, ct), cancellationToken);

    /// <summary>
    /// When events were read, by the wall clock and by <see cref="OutboundConnector.Elapsed"/>, which were sent, and by their offsets
    /// those that are sent from accounts.
    /// </summary>
    private sealed record Reading(
        DateTimeOffset At,
        TimeSpan Elapsed,
        HashSet<Guid> Sent,
        SortedDictionary<long, (InFlight InFlight, Message Message, LogEvent Source)> OfAccounts);

    private readonly record struct Taken(InFlight InFlight, Message Message, string? TraceParent);

    /// <param name="Since">When it was handed over, by <see cref="Elapsed"/>.</param>
    private readonly record struct HandedOver(Taken Taken, Outgoing Outgoing, TimeSpan Since);

    // Not the reason, which repeats what the event held: it is with the dead letter.
    [LoggerMessage(
        EventId = LogEvents.DeadLettered,
        Level = LogLevel.Warning,
        Message = "{Partition} offset {Offset} goes to the dead letters: {Kind}")]
    private partial void LogDeadLetter(TopicPartition partition, long offset, EventErrorKind kind);
}
