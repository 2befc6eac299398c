namespace Chat.Client.Protocol;

/// <summary>
/// The conversations that are watched: where each stands, who holds it, what is loaded to close its gaps, and what is shown of
/// their messages.
/// </summary>
internal sealed class SubscriptionTable(
    ClientProtocolOptions options, Random random, Action<ClientEffect> emit, ConnectionMachine connection)
{
    private readonly Dictionary<Guid, Entry> _entries = [];
    private readonly ShownStatuses _shown = new(options.MaxMessages);
    private readonly SeenMessages _seen = new(options.MaxMessages);
    private readonly ShownReport _report = new(connection);
    // How many ends of subscriptions the server has not answered yet: what it answers until then is to those.
    private readonly Dictionary<Guid, int> _leaving = [];
    private readonly Queue<PageLoad> _waiting = new();
    private readonly List<(TimeSpan Due, PageLoad Load)> _delayed = [];
    private readonly List<(TimeSpan Due, Guid ConversationId, ConversationCursor Cursor, int Generation)> _refused = [];
    private int _running;

    private sealed record Entry(ConversationCursor Cursor)
    {
        public HashSet<object> Holders { get; } = [];

        // One after another.
        public int Refusals { get; set; }
    }

    public IEnumerable<Guid> Conversations => _entries.Keys;

    public TimeSpan? NextDue
    {
        get
        {
            var next = _report.NextDue;
            foreach (var (due, _) in _delayed)
            {
                if (!(next <= due)) next = due;
            }
            foreach (var (due, _, _, _) in _refused)
            {
                if (!(next <= due)) next = due;
            }
            return next;
        }
    }

    public ConversationCursor? Find(Guid conversationId) => _entries.GetValueOrDefault(conversationId)?.Cursor;

    /// <summary>The frames that subscribe to all of them on a new connection.</summary>
    public IEnumerable<string> BeginAll()
    {
        _leaving.Clear();
        _refused.Clear();
        foreach (var entry in _entries.Values) entry.Refusals = 0;
        return _entries.Select(e => FrameOf(e.Key, e.Value.Cursor));
    }

    public void Subscribe(Guid conversationId, object holder, long? since)
    {
        var isNew = !_entries.TryGetValue(conversationId, out var entry);
        if (entry is null) _entries[conversationId] = entry = new(new(since));
        entry.Holders.Add(holder);
        // Whoever comes later may start from before where the conversation is by now, and needs what came in between.
        if (!isNew && !(since is { } start && entry.Cursor.Rewind(start))) return;
        if (entry.Cursor.AsksAgain) return;
        connection.Send(FrameOf(conversationId, entry.Cursor));
    }

    public void Unsubscribe(Guid conversationId, object holder)
    {
        if (!_entries.TryGetValue(conversationId, out var entry)) return;
        if (!entry.Holders.Remove(holder) || entry.Holders.Count > 0) return;
        _entries.Remove(conversationId);
        if (!connection.IsOpen) return;
        _leaving[conversationId] = _leaving.GetValueOrDefault(conversationId) + 1;
        connection.Send(ClientFrames.Unsubscribe(conversationId));
    }

    public void Unsubscribed(in ServerFrame frame)
    {
        if (frame.ConversationId is not { } id || !_leaving.TryGetValue(id, out var count)) return;
        if (count > 1) _leaving[id] = count - 1;
        else _leaving.Remove(id);
    }

    public void Subscribed(in ServerFrame frame)
    {
        if (frame.ConversationId is not { } id || _leaving.ContainsKey(id)) return;
        if (!_entries.TryGetValue(id, out var entry)) return;
        var cursor = entry.Cursor;
        entry.Refusals = 0;
        if (cursor.AsksAgain)
        {
            connection.Send(FrameOf(id, cursor));
            return;
        }
        emit(new ClientEffect.Raise(new SubscriptionStart(id, frame.Seq, frame.Recovered)));
        if (cursor.Subscribed(frame.Seq, frame.Recovered)) Enqueue(new(id, cursor));
    }

    /// <summary>
    /// A conversation that the server won't show is not asked for again, here or after a reconnect; one that it can't show now is asked for
    /// later.
    /// </summary>
    public void Refused(in ServerFrame frame, TimeSpan now)
    {
        if (frame.ConversationId is not { } id || _leaving.ContainsKey(id)) return;
        if (!_entries.TryGetValue(id, out var entry)) return;
        var cursor = entry.Cursor;
        if (frame.Retryable == false)
        {
            _entries.Remove(id);
        }
        else if (cursor.AsksAgain)
        {
            connection.Send(FrameOf(id, cursor));
        }
        else
        {
            cursor.Refused();
            _refused.Add((now + Backoff.NextDelay(entry.Refusals++, options, random), id, cursor, cursor.Generation));
        }
    }

    public void StatusReceived(in ServerFrame frame, TimeSpan now)
    {
        if (frame is not { ConversationId: { } conversation, MessageId: { } message }) return;
        if (Find(conversation) is not { } cursor) return;
        if (frame.Seq is { } seq && !cursor.Take(seq)) return;
        if (frame.Status is not { } status || !_shown.ShowFrame(message, status, frame.Reason, frame.Seq)) return;
        emit(new ClientEffect.Raise(new StatusChange(
            message, conversation, status, frame.Channel, frame.Timestamp, frame.Reason, frame.Seq, frame.TraceParent)));
        // What was missed and is caught up on nobody has waited for here.
        if (options.ReportShown && frame.Timestamp is { } timestamp && frame.Seq > (cursor.Head ?? -1))
            _report.Note(conversation, message, timestamp, frame.TraceParent, now);
    }

    /// <summary>
    /// What a frame brings is told as often as it passes the cursor: somebody who came later may have asked for it again.
    /// </summary>
    public void MessageReceived(in ServerFrame frame)
    {
        if (!options.WatchMessages || frame is not { ConversationId: { } conversation, Seq: { } seq }) return;
        if (Find(conversation) is not { } cursor || !cursor.Take(seq) || frame.Created is not { } message) return;
        _seen.Add(message.MessageId);
        var status = _shown.StatusOf(message.MessageId) ?? MessageStatus.Accepted;
        emit(new ClientEffect.Raise(new MessageCreated(message with { Status = status }, seq, frame.TraceParent)));
    }

    public bool Merge(MessageItem item, long? seq)
    {
        if (options.WatchMessages) _seen.Add(item.MessageId);
        return item.Status is { } status && _shown.ShowPage(item.MessageId, status, item.Reason, seq);
    }

    public void PageLoaded(PageLoad load, ConversationPage page, TimeSpan now)
    {
        if (!IsCurrent(load))
        {
            Finish();
            return;
        }
        if (load.Pages++ == 0) load.Seq = page.Seq; // read before its items: later pages can only hold more
        load.Messages += page.Items.Count;
        emit(new ClientEffect.Raise(new LoadedPage(load.ConversationId, page, load.Pages)));
        foreach (var item in page.Items) Show(load, item);
        if (page.Next is { } next && load.Pages < options.MaxPages)
        {
            load.Before = next;
            emit(new ClientEffect.LoadPage(load));
            return;
        }
        if (load.Cursor.Loaded(load.Seq))
        {
            emit(new ClientEffect.Raise(new Resynchronization(
                load.ConversationId, load.Cursor.Last ?? 0, load.Messages, IsComplete: page.Next is null)));
        }
        else
        {
            Delay(load, now);
        }
        Finish();
    }

    /// <summary>
    /// Asked for again, whatever was answered: the server has taken the subscription, and what was missed stays missing until a page
    /// shows it.
    /// </summary>
    public void PageFailed(PageLoad load, string why, TimeSpan now)
    {
        if (IsCurrent(load))
        {
            emit(new ClientEffect.Raise(new ClientError(
                "resync", $"The conversation could not be loaded: {why}", Retryable: true, load.ConversationId)));
            Delay(load, now);
        }
        Finish();
    }

    public void Tick(TimeSpan now)
    {
        for (var i = _delayed.Count - 1; i >= 0; i--)
        {
            if (_delayed[i].Due > now) continue;
            _waiting.Enqueue(_delayed[i].Load);
            _delayed.RemoveAt(i);
        }
        AskAgain(now);
        _report.Tick(now);
        Next();
    }

    private void AskAgain(TimeSpan now)
    {
        for (var i = _refused.Count - 1; i >= 0; i--)
        {
            var (due, id, cursor, generation) = _refused[i];
            if (due > now) continue;
            _refused.RemoveAt(i);
            // It may have been asked for since then, or be wanted no more.
            if (connection.IsOpen && Find(id) == cursor && cursor.Generation == generation) connection.Send(FrameOf(id, cursor));
        }
    }

    private string FrameOf(Guid conversationId, ConversationCursor cursor) =>
        ClientFrames.Subscribe(conversationId, cursor.Begin(), options.WatchMessages);

    private void Show(PageLoad load, MessageItem item)
    {
        if (options.WatchMessages && _seen.Add(item.MessageId))
            emit(new ClientEffect.Raise(new MessageCreated(item, load.Seq, FromPage: true)));
        if (item.Status is not { } status || status == MessageStatus.Accepted || !Merge(item, load.Seq)) return;
        emit(new ClientEffect.Raise(new StatusChange(
            item.MessageId, load.ConversationId, status, item.Channel, item.StatusAt, item.Reason, FromPage: true)));
    }

    private void Enqueue(PageLoad load)
    {
        _waiting.Enqueue(load);
        Next();
    }

    private void Delay(PageLoad load, TimeSpan now)
    {
        load.Restart();
        _delayed.Add((now + Backoff.NextDelay(load.Failures++, options, random), load));
    }

    private void Finish()
    {
        _running--;
        Next();
    }

    private void Next()
    {
        while (_running < options.ParallelLoads && _waiting.TryDequeue(out var load))
        {
            if (!IsCurrent(load)) continue;
            _running++;
            emit(new ClientEffect.LoadPage(load));
        }
    }

    private bool IsCurrent(PageLoad load) => connection.State != ConnectionState.Closed
        && Find(load.ConversationId) == load.Cursor
        && load.Cursor.Generation == load.Generation
        // Another load may have closed the gap.
        && !load.Cursor.IsLive;
}
