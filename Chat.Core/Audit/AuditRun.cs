using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.Core.Audit;

/// <summary>
/// Compares what <c>msg.status</c> acknowledged with what the store has, up to where the status workers had committed when it
/// began: they write facts and changes before they commit, so what is missing below that is lost. Writes nothing; keeps a
/// thousand events at a time.
/// </summary>
/// <remarks>
/// Reads in the order in which an event moves (timeline, parked, dead letters, the end of the log), so that an event that moves
/// meanwhile is found in one place or the other. Dead letters must be kept at least as long as <c>msg.status</c>.
/// </remarks>
public sealed class AuditRun
{
    private const int ChunkSize = 1_000;
    private const int PageSize = 1_000;

    private readonly ILogReader _reader;
    private readonly AuditStores _stores;
    private readonly NumberedTopic _topic;
    private readonly IReadOnlyList<long> _committed;
    private readonly AuditWindow _window;
    private readonly DeadLetterIndex _deadLetters;

    private AuditRun(
        ILogReader reader,
        AuditStores stores,
        NumberedTopic topic,
        IReadOnlyList<long> committed,
        IReadOnlyList<PartitionRange> ranges,
        AuditWindow window)
    {
        (_reader, _stores, _topic, _committed, Ranges, _window) = (reader, stores, topic, committed, ranges, window);
        _deadLetters = new(reader, window.From - AuditWindow.Slack);
    }

    /// <summary>The offsets that the log has of each partition.</summary>
    public IReadOnlyList<PartitionRange> Ranges { get; }

    public static async ValueTask<AuditRun> StartAsync(
        IEventLog log, ILogReader reader, AuditStores stores, string group, AuditWindow window, CancellationToken cancellationToken)
    {
        var committed = await reader.GetCommittedAsync(new(group, Topics.Status), cancellationToken);
        var ranges = await reader.GetRangesAsync(Topics.Status, cancellationToken);
        var topic = await log.DescribeAsync(Topics.Status, cancellationToken);
        // Not claimed: only who numbers events claims an epoch. Where nobody has claimed one yet, nothing is committed either.
        var epoch = (await stores.Epochs.GetLatestEpochAsync(topic.Topic, cancellationToken))?.Number ?? 1;
        return new(reader, stores, new(topic, epoch), committed, ranges, window);
    }

    /// <summary>
    /// From when on the log still has every event, where that is later than the window's beginning; null where it has all of the
    /// window.
    /// </summary>
    public async ValueTask<DateTimeOffset?> FindCompleteFromAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? latest = null;
        foreach (var range in Ranges.Where(r => r.Start > 0))
        {
            var first = await _reader.FirstAsync(new(Topics.Status, range.Partition), range.Start, range.End, cancellationToken);
            if (first?.AppendedAt > _window.From && (latest is null || first.AppendedAt > latest)) latest = first.AppendedAt;
        }
        return latest;
    }

    /// <summary>Checks the window in one partition.</summary>
    public async ValueTask CheckAsync(PartitionRange range, AuditTally tally, CancellationToken cancellationToken)
    {
        var from = await _reader.SeekAsync(Topics.Status, range, _window.From - AuditWindow.Slack, cancellationToken);
        var chunk = new List<LogEvent>(ChunkSize);
        await foreach (var e in _reader.ReadAsync(new(Topics.Status, range.Partition), from, range.End, cancellationToken))
        {
            if (e.AppendedAt >= _window.To + AuditWindow.Slack) break;
            if (e.AppendedAt < _window.From || e.AppendedAt >= _window.To) continue;
            if (e.Offset >= CommittedUpTo(range.Partition) || e.AppendedAt >= _window.SettledBefore)
                tally.Add(AuditOutcome.InFlight);
            else
                await AddAsync(range.Partition, chunk, e, tally, cancellationToken);
        }
        await FlushAsync(range.Partition, chunk, tally, cancellationToken);
    }

    /// <summary>
    /// Checks a partition from an offset on, as far as it is committed and old enough. Answers with the offset to start from the
    /// next time.
    /// </summary>
    public async ValueTask<long> CheckCommittedAsync(
        int partition, long from, AuditTally tally, CancellationToken cancellationToken)
    {
        var chunk = new List<LogEvent>(ChunkSize);
        var end = CommittedUpTo(partition);
        await foreach (var e in _reader.ReadAsync(new(Topics.Status, partition), from, end, cancellationToken))
        {
            if (e.AppendedAt >= _window.SettledBefore) break;
            await AddAsync(partition, chunk, e, tally, cancellationToken);
            from = e.Offset + 1;
        }
        await FlushAsync(partition, chunk, tally, cancellationToken);
        return from;
    }

    private async ValueTask AddAsync(
        int partition, List<LogEvent> chunk, LogEvent e, AuditTally tally, CancellationToken cancellationToken)
    {
        chunk.Add(e);
        if (chunk.Count == ChunkSize) await FlushAsync(partition, chunk, tally, cancellationToken);
    }

    private async ValueTask FlushAsync(
        int partition, List<LogEvent> chunk, AuditTally tally, CancellationToken cancellationToken)
    {
        // What the store refuses to be asked about tells nothing of the others.
        await Bisection.RunAsync(
            chunk,
            part => CheckAsync(partition, part, tally, cancellationToken),
            (refused, _) => ExplainRefusedAsync(partition, refused, tally, cancellationToken));
        chunk.Clear();
    }

    /// <summary>What the store refuses to look for, it refused to record too: there has to be a pointer to it.</summary>
    private async Task ExplainRefusedAsync(int partition, LogEvent refused, AuditTally tally, CancellationToken cancellationToken)
    {
        await _deadLetters.RefreshAsync(cancellationToken);
        var item = ItemOf(partition, refused);
        item.Outcome = _deadLetters.Contains(partition, refused.Offset) ? AuditOutcome.DeadLetter : AuditOutcome.MissingDeadLetter;
        item.Count(tally);
    }

    private AuditItem ItemOf(int partition, LogEvent e) =>
        new(new(Topics.Status, partition), e, StatusEventJson.TryRead(e.Value.Span, out _), _topic.SeqAt(e.Offset));

    private long CommittedUpTo(int partition) => partition < _committed.Count ? _committed[partition] : 0;

    private async Task CheckAsync(
        int partition, IReadOnlyList<LogEvent> events, AuditTally tally, CancellationToken cancellationToken)
    {
        var items = events.Select(e => ItemOf(partition, e)).ToList();
        await ResolveAsync(partition, items, cancellationToken);
        await CheckFactsAsync(items, cancellationToken);
        foreach (var conversation in items.Where(i => i.NeedsChange).GroupBy(i => i.Key!.Value.ConversationId))
            await CheckChangesAsync(conversation.Key, [.. conversation], cancellationToken);
        await ExplainAsync(partition, [.. items.Where(i => i.Outcome is null)], cancellationToken);
        foreach (var item in items) item.Count(tally);
    }

    private async ValueTask ResolveAsync(int partition, List<AuditItem> items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            if (item.Status is not { } status) item.DefaultOutcome = AuditOutcome.MissingDeadLetter;
            else if (status is { MessageId: { } message, ConversationId: { } conversation }) item.Key = new(conversation, message);
        }
        var unresolved = items.Where(i => i is { Status: not null, Key: null }).ToList();
        var found = await _stores.Lookup.FindAsync([.. unresolved.Select(i => i.Status!)], cancellationToken);
        for (var i = 0; i < unresolved.Count; i++) (unresolved[i].Key, unresolved[i].IsRekeyed) = (found[i], found[i] is not null);
        foreach (var item in items)
        {
            if (item.Key is { } key && _topic.Description.PartitionOf(MessageIds.Format(key.ConversationId)) != partition)
                item.IsRekeyed = true;
        }
    }

    private async ValueTask CheckFactsAsync(List<AuditItem> items, CancellationToken cancellationToken)
    {
        var known = items.Where(i => i.Key is not null).ToList();
        if (known.Count == 0) return;
        var conversations = known.Select(i => i.Key!.Value.ConversationId).ToHashSet();
        var owners = await _stores.Conversations.FindOwnersAsync(conversations, cancellationToken);
        var admitted = new List<AuditItem>(known.Count);
        foreach (var item in known)
        {
            // An event of a conversation that nobody owns is parked and recorded nowhere.
            if (!owners.TryGetValue(item.Key!.Value.ConversationId, out var owner)) continue;
            if (item.Status!.OrganizationId is { } claimed && claimed != owner.OrganizationId)
                item.DefaultOutcome = AuditOutcome.MissingDeadLetter;
            else
                admitted.Add(item);
        }
        if (admitted.Count == 0) return;
        var states = await _stores.Messages.GetStatesAsync([.. admitted.Select(i => i.Key!.Value).Distinct()], cancellationToken);
        var byKey = states.ToDictionary(s => s.Key);
        foreach (var item in admitted) item.Evaluate(byKey[item.Key!.Value]);
    }

    private async ValueTask CheckChangesAsync(Guid conversation, List<AuditItem> items, CancellationToken cancellationToken)
    {
        var (since, last) = (items.Min(i => Math.Min(i.Seq, i.JoinedSeq ?? i.Seq)) - 1, items.Max(i => i.LatestSeq));
        var rows = new HashSet<(long Seq, Guid MessageId)>();
        while (true)
        {
            var page = await _stores.Changes.ListChangesAsync(conversation, since, PageSize, cancellationToken);
            foreach (var change in page.Changes.TakeWhile(c => c.Seq <= last)) rows.Add((change.Seq, change.MessageId));
            if (page.Changes.Count < PageSize || page.Changes[^1].Seq >= last) break;
            since = page.Changes[^1].Seq;
        }
        foreach (var item in items)
        {
            var message = item.Key!.Value.MessageId;
            if (rows.Contains((item.Seq, message)) || rows.Contains((item.LatestSeq, message)))
                item.Outcome = AuditOutcome.Changed;
            else if (item.JoinedSeq is { } joined && rows.Contains((joined, message)))
                item.Outcome = AuditOutcome.Repeated;
        }
    }

    private async ValueTask ExplainAsync(int partition, List<AuditItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0) return;
        foreach (var item in items.Where(i => i.Key is not null && i.DefaultOutcome != AuditOutcome.MissingDeadLetter))
        {
            var seq = item.Seq;
            item.Evaluate(await _stores.Statuses.ListTimelineAsync(item.Key!.Value, cancellationToken));
            if (item.Outcome is not null || !item.NeedsChange) continue;
            if (item.Seq != seq) await CheckChangesAsync(item.Key.Value.ConversationId, [item], cancellationToken);
            if (item.Outcome is null && await IsExpiredAsync(item, cancellationToken)) item.Outcome = AuditOutcome.Expired;
        }
        var open = items.Where(i => i.Outcome is null).ToList();
        if (open.Count == 0) return;

        var subjects = open.Where(i => i.Status is not null).Select(i => i.Subject).ToHashSet();
        var parked = subjects.Count == 0
            ? []
            : (await _stores.Parked.ListParkedAsync(subjects, cancellationToken))
                .Select(p => new ParkedKey(p.Subject, SequenceNumber.Offset(p.Seq), p.AppendedAt.ToUnixTimeMilliseconds()))
                .ToHashSet();
        await _deadLetters.RefreshAsync(cancellationToken);
        var erased = await _stores.Erasure.FindErasedAsync([.. open.Select(ConversationOf).OfType<Guid>().Distinct()], cancellationToken);
        foreach (var item in open) item.Outcome = Explain(partition, item, parked) ?? ExplainErased(item, erased);

        var left = open.Where(i => i is { Outcome: null, MessageId: not null, Status: not null }).ToList();
        if (left.Count == 0) return;
        var tail = await ReadTailAsync([.. left.Select(i => i.StatedFact)], cancellationToken);
        foreach (var item in left.Where(i => tail.Contains(i.StatedFact))) item.Outcome = AuditOutcome.InFlight;
    }

    private AuditOutcome? Explain(int partition, AuditItem item, HashSet<ParkedKey> parked)
    {
        if (_deadLetters.Contains(partition, item.Event.Offset)) return AuditOutcome.DeadLetter;
        if (item.Status is null) return null;
        if (parked.Contains(item.ParkedKey)) return AuditOutcome.Parked;
        if (_deadLetters.Contains(item.ParkedKey)) return AuditOutcome.GivenUp;
        if (item.Key is null && ParkedStatuses.IsOfAnotherSystem(item.Status)) return AuditOutcome.NotOurs;
        return item.MessageId is not null && _deadLetters.Contains(item.StatedFact) ? AuditOutcome.DeadLetter : null;
    }

    private static Guid? ConversationOf(AuditItem item) => item.Key?.ConversationId ?? item.Status?.ConversationId;

    private static AuditOutcome? ExplainErased(AuditItem item, IReadOnlyDictionary<Guid, DateTimeOffset> erased) =>
        ConversationOf(item) is { } id && erased.TryGetValue(id, out var at) && item.Event.AppendedAt <= at ? AuditOutcome.Erased : null;

    /// <summary>Whether changes as old as this one's are past their retention.</summary>
    private async ValueTask<bool> IsExpiredAsync(AuditItem item, CancellationToken cancellationToken) =>
        !(await _stores.Changes.ListChangesAsync(item.Key!.Value.ConversationId, item.Seq - 1, 1, cancellationToken)).Complete;

    /// <summary>
    /// Those of the sought facts that events beyond the committed ones state: copies that are not processed yet.
    /// </summary>
    private async ValueTask<HashSet<StatedFact>> ReadTailAsync(HashSet<StatedFact> sought, CancellationToken cancellationToken)
    {
        var found = new HashSet<StatedFact>();
        foreach (var range in await _reader.GetRangesAsync(Topics.Status, cancellationToken))
        {
            var from = Math.Max(range.Start, CommittedUpTo(range.Partition));
            await foreach (var e in _reader.ReadAsync(new(Topics.Status, range.Partition), from, range.End, cancellationToken))
            {
                if (StatusEventJson.TryRead(e.Value.Span, out _) is not { MessageId: { } message } status) continue;
                var at = FactTime.Effective(status.Timestamp, e.AppendedAt, message).ToUnixTimeMilliseconds();
                var fact = new StatedFact(message, status.Status, at);
                if (sought.Contains(fact)) found.Add(fact);
            }
        }
        return found;
    }
}
