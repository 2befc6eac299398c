using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.Core.Telemetry;
using Chat.Core.Text;
using Chat.Core.Time;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// Takes a batch of <c>webhooks.{channel}</c> apart and carries out what its updates lead to: into the store first, then into the log;
/// only then may the caller commit. Every step may be repeated. An update that an engine refuses, or on which our own code throws, is put
/// aside as a pointer to its webhook, and harms no other.
/// </summary>
internal sealed partial class WebhookProcessor(
    IEventLog log,
    IAccounts accounts,
    WebhookStores stores,
    ContactConversations people,
    NotedProviderIds noted,
    RefusedEvents refused,
    RetryForever retry,
    WebhookMetrics metrics,
    ILogger<WebhookProcessor> logger)
{
    // Of a batch's updates, which may be a hundred thousand: what they lead to is in memory until it is appended.
    private const int UpdatesAtATime = 1000;

    public async Task ProcessAsync(
        ConsumerGroup group, string channel, TopicPartition partition, IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
    {
        var traces = new Dictionary<long, string?>();
        using var spans = StartSpans(group, partition, events, traces);
        var batch = WebhookBatch.Read(channel, partition, events);
        // What is in memory may be of before somebody connected an account, or moved it to another organization.
        var known = await StepAsync("find the accounts of", partition, ct => accounts.FindNowAsync(batch.Accounts, ct), cancellationToken);
        var told = new HashSet<(string?, string)>();
        var admitted = batch.Admit(known, source => traces[source.Offset], (received, kind) =>
        {
            metrics.Read(channel, kind);
            if (kind is UpdateKinds.UnknownAccount or UpdateKinds.ForeignAccount && told.Add((received.Addressed.AccountId, kind)))
                LogNotOurs(kind, channel, Printable.Line(received.Addressed.AccountId), received.Source.Offset);
        });
        foreach (var update in admitted) metrics.Read(channel, update.Update.Kind);

        var put = new HashSet<long>();
        foreach (var some in admitted.Chunk(UpdatesAtATime))
        {
            await Bisection.RunAsync(
                some,
                part => HandleAsync(partition, part, cancellationToken),
                exception => exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested,
                async (update, exception) =>
                {
                    if (put.Add(update.Source.Offset))
                        await refused.PutAsideAsync(partition, update.Source.Offset, exception, cancellationToken);
                });
        }
        if (batch.DeadLetters.Count > 0)
        {
            await AppendAsync(partition, batch.DeadLetters, cancellationToken);
            metrics.Unreadable(partition.Topic, batch.DeadLetters.Count);
        }
        LogHandled(admitted.Count, batch.Updates.Count, partition, events.Count);
    }

    private ProcessSpans StartSpans(
        ConsumerGroup group, TopicPartition partition, IReadOnlyList<LogEvent> events, Dictionary<long, string?> traces)
    {
        var spans = new ProcessSpans(
            new(log.MessagingSystem, partition.Topic, group.Group, partition.Partition), [.. events.Select(e => e.TraceParent)]);
        foreach (var source in events)
            traces[source.Offset] = spans.Continue(new(source.TraceParent, source.Offset, source.Key, null, null));
        spans.Enter();
        return spans;
    }

    private async Task HandleAsync(
        TopicPartition partition, IReadOnlyList<AdmittedUpdate> updates, CancellationToken cancellationToken)
    {
        var conversations = await StepAsync(
            "find the conversations of", partition, ct => people.FindAsync(updates, ct), cancellationToken);
        var ids = updates.SelectMany(UpdateEffects.IdsOf).Distinct().ToList();
        var known = await StepAsync("look up the messages of", partition, ct => FindIdsAsync(ids, ct), cancellationToken);
        var effects = new UpdateEffects(known);
        for (var i = 0; i < updates.Count; i++)
            await DecideAsync(partition, updates[i], conversations[i], effects, cancellationToken);
        await DecideReadsAsync(partition, updates, effects, cancellationToken);
        await DecideStatusesAsync(partition, updates, effects, cancellationToken);

        if (effects.Notes.Count > 0)
        {
            await StepAsync(
                "note the people of", partition, ct => stores.Contacts.NoteContactsAsync(effects.Notes, ct), cancellationToken);
        }
        await StepAsync("note the ids of", partition, ct => noted.NoteAsync(effects.Ids, effects.InboundIds, ct), cancellationToken);
        await StepAsync("prove the messages of", partition, ct => AcceptAsync(effects.Proofs, ct), cancellationToken);
        var appends = effects.Appends;
        if (appends.Count > 0) await AppendAsync(partition, appends, cancellationToken);
    }

    private async ValueTask<Dictionary<ProviderId, MessageKey>> FindIdsAsync(
        List<ProviderId> ids, CancellationToken cancellationToken) =>
        ids.Count == 0 ? [] : new(await stores.ProviderIds.FindByProviderIdsAsync(ids, cancellationToken));

    private async Task DecideAsync(
        TopicPartition partition, AdmittedUpdate update, Guid? conversation, UpdateEffects effects, CancellationToken cancellationToken)
    {
        switch (update.Update)
        {
            case WebhookUpdate.Inbound inbound when conversation is { } id:
                effects.AddInbound(update, inbound, id);
                break;
            case WebhookUpdate.Echo echo when conversation is { } id:
                await DecideEchoAsync(partition, update, echo, id, effects, cancellationToken);
                break;
            case WebhookUpdate.Moved moved when conversation is { } id:
                effects.AddMoved(update, moved, id);
                break;
            case WebhookUpdate.Trouble trouble:
                LogTrouble(update.Account.Key.Channel, update.Account.Key.AccountId, trouble.Code, trouble.Title);
                break;
        }
    }

    private async Task DecideEchoAsync(
        TopicPartition partition,
        AdmittedUpdate update,
        WebhookUpdate.Echo echo,
        Guid conversation,
        UpdateEffects effects,
        CancellationToken cancellationToken)
    {
        var key = effects.Find(update, echo.Message.ProviderMessageId);
        if (key is null && echo.Message.HasOwnId)
        {
            key = await StepAsync(
                "find the message of an echo in", partition, ct => JoinAsync(update, echo, conversation, effects, ct), cancellationToken);
        }
        // One that was kept before may have got no further than its id.
        if (key is { } ours && !UpdateEffects.IsElsewhere(update, echo.Message, ours)) effects.AddEcho(update, echo, ours);
        else effects.AddElsewhere(update, echo, conversation);
    }

    /// <summary>
    /// Looks for the echo's message among those that we are sending. A try is claimed before its request leaves, so that one that has come
    /// back is found here, or its id is.
    /// </summary>
    private async ValueTask<MessageKey?> JoinAsync(
        AdmittedUpdate update, WebhookUpdate.Echo echo, Guid conversation, UpdateEffects effects, CancellationToken cancellationToken)
    {
        const int newest = 50;
        var page = await stores.Messages.ListMessagesAsync(conversation, before: null, newest, cancellationToken);
        var sent = page.Items.Where(m => m.Message.AccountId == update.Account.Key.AccountId).Select(m => m.Message.MessageId).ToList();
        if (sent.Count == 0) return null;
        var tries = await stores.Ledger.FindLatestTriesAsync(sent, cancellationToken);
        return EchoMatch.Find(echo.Message, update.Account.Key, page.Items, tries, effects.IsProven) is { } message
            ? new(conversation, message)
            : null;
    }

    /// <summary>
    /// What was seen, conversation by conversation: a person who comes back to a chat may report each of its messages, and what one of
    /// these covers is covered by the ones before it too.
    /// </summary>
    private async Task DecideReadsAsync(
        TopicPartition partition, IReadOnlyList<AdmittedUpdate> updates, UpdateEffects effects, CancellationToken cancellationToken)
    {
        var marks = new List<SeenMark>();
        foreach (var update in updates)
        {
            if (update.Update is not WebhookUpdate.ReadUpTo read) continue;
            var key = effects.Find(update, read.ProviderMessageId);
            effects.AddRead(update, read.At, key, read.ProviderMessageId);
            if (key is { } marked) marks.Add(new(update, marked, read.At));
        }
        var distinct = marks.DistinctBy(m => (m.Update.Account.Key, m.Key, m.At));
        foreach (var seen in distinct.GroupBy(m => (m.Update.Account.Key, m.Key.ConversationId)))
            await AddCoveredAsync(partition, [.. seen.OrderByDescending(m => m.Key.MessageId)], effects, cancellationToken);
    }

    /// <param name="marks">Of one conversation, newest first.</param>
    private async Task AddCoveredAsync(
        TopicPartition partition, List<SeenMark> marks, UpdateEffects effects, CancellationToken cancellationToken)
    {
        ReadPage? page = null;
        for (var i = 0; i < marks.Count; i++)
        {
            var mark = marks[i];
            var before = page?.Before(mark.Key);
            // Of a page that ends within what a mark covers, the rest is left to the last of the marks that it has.
            var isLast = i + 1 == marks.Count || page?.Before(marks[i + 1].Key) is null;
            if (before is null || (page!.IsCut && page.Mark != mark.Key && isLast))
            {
                page = await StepAsync("find what was seen in", partition, ct => ReadPageAsync(mark, ct), cancellationToken);
                before = page.Messages;
            }
            foreach (var message in ReadMark.Covered(mark.Update.Account.Key, mark.At, before, page.Tries))
            {
                effects.AddRead(
                    mark.Update, mark.At, new MessageKey(message.ConversationId, message.MessageId), message.ProviderMessageId);
            }
        }
    }

    private async ValueTask<ReadPage> ReadPageAsync(SeenMark mark, CancellationToken cancellationToken)
    {
        var page = await stores.Messages.ListMessagesAsync(
            mark.Key.ConversationId, mark.Key.MessageId, ReadMark.MaxMessages, cancellationToken);
        var asked = ReadMark.MayBeSent(mark.Update.Account.Key, page.Items).ToList();
        var tries = asked.Count == 0
            ? new Dictionary<Guid, SendEntry>()
            : await stores.Ledger.FindLatestTriesAsync(asked, cancellationToken);
        return new(mark.Key, page.Items, tries);
    }

    private async Task DecideStatusesAsync(
        TopicPartition partition, IReadOnlyList<AdmittedUpdate> updates, UpdateEffects effects, CancellationToken cancellationToken)
    {
        var statuses = updates
            .Where(u => u.Update is WebhookUpdate.Status)
            .Select(u => (Update: u, Event: UpdateEffects.ToStatus(u, (WebhookUpdate.Status)u.Update)))
            .ToList();
        if (statuses.Count == 0) return;
        var keys = await StepAsync("look up the statuses of", partition, ct => LookUpAsync(statuses, ct), cancellationToken);
        for (var i = 0; i < statuses.Count; i++)
        {
            var (update, status) = statuses[i];
            if (keys[i] is not { } key)
            {
                effects.AddStatus(update, status);
                continue;
            }
            if (status.MessageId == key.MessageId) effects.AddProof(update, status.ProviderMessageId!, key);
            effects.AddStatus(update, status with { MessageId = key.MessageId, ConversationId = key.ConversationId });
        }
    }

    /// <summary>By our id where it came back, else by the provider's: what came back may be another system's that sends here too.</summary>
    private async ValueTask<MessageKey?[]> LookUpAsync(
        List<(AdmittedUpdate Update, StatusEvent Event)> statuses, CancellationToken cancellationToken)
    {
        var keys = (await stores.Lookup.FindAsync([.. statuses.Select(s => s.Event)], cancellationToken)).ToArray();
        var unknown = Enumerable.Range(0, keys.Length).Where(i => keys[i] is null && statuses[i].Event.MessageId is not null).ToList();
        if (unknown.Count == 0) return keys;
        var byProvider = await stores.Lookup.FindAsync(
            [.. unknown.Select(i => statuses[i].Event with { MessageId = null })], cancellationToken);
        for (var i = 0; i < unknown.Count; i++) keys[unknown[i]] = byProvider[i];
        return keys;
    }

    /// <summary>
    /// A status with our id, and an echo, prove that a message went where no answer said so. Of the tries that are still open the answer is
    /// noted now; but not of a message that goes in parts, of which others may be under way: its answer tells, or the sweeper, by its SENT.
    /// </summary>
    private async ValueTask AcceptAsync(IReadOnlyDictionary<Guid, Proof> proofs, CancellationToken cancellationToken)
    {
        if (proofs.Count == 0) return;
        var tries = await stores.Ledger.FindLatestTriesAsync(proofs.Keys.ToList(), cancellationToken);
        var open = tries.Values.Where(t => t.IsOpen && t.Try.Account == proofs[t.Try.MessageId].Account).ToList();
        if (open.Count == 0) return;
        var states = await stores.Messages.GetStatesAsync([.. open.Select(t => proofs[t.Try.MessageId].Key)], cancellationToken);
        var inParts = states.Where(s => s.Message is { } message && EchoMatch.HasParts(message)).Select(s => s.Key.MessageId).ToHashSet();
        open.RemoveAll(t => inParts.Contains(t.Try.MessageId));
        if (open.Count == 0) return;
        // The ids first: of a try that is closed nobody asks again.
        var ids = open
            .Select(t => proofs[t.Try.MessageId])
            .Select(p => KeyValuePair.Create(new ProviderId(p.Account.Channel, p.ProviderMessageId, p.Account.AccountId), p.Key));
        await noted.NoteAsync([.. ids], [], cancellationToken);
        await stores.Ledger.RecordAnswersAsync(
            [.. open.Select(t => t with { Outcome = SendOutcome.Accepted, ProviderMessageId = proofs[t.Try.MessageId].ProviderMessageId })],
            cancellationToken);
    }

    private async Task AppendAsync(TopicPartition partition, IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) =>
        await StepAsync("append the updates of", partition, ct => log.AppendAsync(events, ct), cancellationToken);

    private Task<T> StepAsync<T>(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    private Task StepAsync(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    [LoggerMessage(
        EventId = LogEvents.WebhooksHandled,
        Level = LogLevel.Information,
        Message = "Handled {Count} of {All} updates of {Partition}, from {Webhooks} webhooks")]
    private partial void LogHandled(int count, int all, TopicPartition partition, int webhooks);

    [LoggerMessage(
        EventId = LogEvents.WebhookNotOurs,
        Level = LogLevel.Warning,
        Message = "Updates are left ({Reason}): {Channel} account {AccountId}, in the webhook at offset {Offset}")]
    private partial void LogNotOurs(string reason, string channel, string accountId, long offset);

    [LoggerMessage(
        EventId = LogEvents.ProviderTrouble,
        Level = LogLevel.Warning,
        Message = "The provider reports trouble with {Channel} account {AccountId}: {Code} {Title}")]
    private partial void LogTrouble(string channel, string accountId, string code, string? title);
}
