using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using Chat.Api.Auth;
using Chat.Client;
using Chat.Client.Protocol;
using Chat.Simulation.Engines;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Clients;

/// <summary>
/// One page in one browser: Chat.Client's protocol on a simulated connection, and what it shows. It watches the server while it
/// is at it: numbers that rise, no frame of another organization.
/// </summary>
public sealed class StatusClient : ILineEnd
{
    private static readonly TimeSpan LongestLoadPause = TimeSpan.FromSeconds(2);

    private readonly World _world;
    private readonly ChatUser _user;
    private readonly ClientKind _kind;
    private readonly bool _withMessages;
    private readonly ClientProtocol _protocol;
    private readonly Dictionary<(ConversationCursor Cursor, int Generation), long> _rising = [];
    private readonly Dictionary<Guid, MessageStatus> _lastFrame = [];
    private readonly Dictionary<Guid, long> _heads = [];
    private readonly List<byte> _partial = [];
    private TimeSpan? _armed;
    private SocketLine? _line;
    private int _attempt;
    private int? _closeCode;

    public StatusClient(World world, SimProcess process, ChatUser user, ClientKind kind, bool withMessages)
    {
        (_world, Process, _user, _kind, _withMessages) = (world, process, user, kind, withMessages);
        var options = new ClientProtocolOptions { MaxPages = int.MaxValue, WatchMessages = withMessages };
        _protocol = new(options, tokenIsRenewable: false, new SimSystemRandom(world.Random));
    }

    public SimProcess Process { get; }

    /// <summary>What is shown of each message.</summary>
    public Dictionary<Guid, (MessageStatus Status, string? Reason)> Shown { get; } = [];

    /// <summary>The messages that it shows, each with its place.</summary>
    public Dictionary<Guid, long?> Messages { get; } = [];

    /// <summary>Where a client that only watches began.</summary>
    public Dictionary<Guid, long> Began { get; } = [];

    /// <summary>
    /// Conversations that nobody owned when this client was let in. A user without an organization gets nothing of such a one,
    /// not even once it posted there, until it subscribes again: the one thing that a client has to know.
    /// </summary>
    public HashSet<Guid> BeganUnowned { get; } = [];

    public HashSet<Guid> Refused { get; } = [];

    /// <summary>Frames that would have taken a client that shows the last one backwards.</summary>
    public int StepsBack { get; private set; }

    public int Frames { get; private set; }

    /// <summary>Bytes a second; 0 while it sleeps.</summary>
    public int Rate { get; private set; } = 1_000_000;

    private TimeSpan Now => _world.Scheduler.Now;

    /// <summary>Up to where it knows everything of a conversation.</summary>
    public long? Last(Guid conversationId) => _protocol.FindCursor(conversationId)?.Last;

    public void Connect() => Process.Post(() => Do(_protocol.Connect));

    public void Subscribe(Guid conversationId)
    {
        if (Watches(conversationId)) return;
        if (_kind == ClientKind.LoadsThenSubscribes) _ = LoadFirstAsync(conversationId);
        else Subscribe(conversationId, null);
    }

    public void Unsubscribe(Guid conversationId)
    {
        if (!Watches(conversationId)) return;
        Began.Remove(conversationId);
        Do(() => _protocol.Unsubscribe(conversationId, this));
    }

    /// <summary>The network goes, and both sides hear of it.</summary>
    public void Disconnect() => _line?.Break();

    /// <summary>The machine sleeps: nobody hears anything of it, and it wakes with a dead socket.</summary>
    public void Sleep(TimeSpan length)
    {
        _line?.Vanish();
        Process.Pause(length);
        Process.Post(() =>
        {
            if (_line is not null) Do(() => _protocol.Closed(_attempt, null, "asleep", Now));
        });
    }

    public void ReadAt(int bytesPerSecond)
    {
        Rate = bytesPerSecond;
        if (_line is { } line) line.Rate = bytesPerSecond;
    }

    public void OnBytes(byte[] bytes)
    {
        _partial.AddRange(bytes);
        while (TryTakeFrame(out var opcode, out var payload))
        {
            if (opcode == 1) Read(payload);
            else if (opcode == 8)
            {
                _closeCode = BinaryPrimitives.ReadUInt16BigEndian(payload);
                _world.TraceWriter.Write(Process, $"is closed with {_closeCode}");
                _line?.ClientSends(WebSocketMessageType.Close, "");
                if (CloseCodes.IsFinal(_closeCode)) _world.Violation($"{Process.Name} was closed for good with {_closeCode}");
            }
        }
    }

    public void OnBroken()
    {
        if (_line is null) return;
        _line = null;
        Do(() => _protocol.Closed(_attempt, _closeCode, null, Now));
    }

    // --- The protocol ---

    /// <summary>Something happens, and what the protocol makes of it is done.</summary>
    private void Do(Action input)
    {
        input();
        while (_protocol.TryTakeEffect(out var effect)) CarryOut(effect);
        Arm();
    }

    private void Arm()
    {
        if (_protocol.NextDue is not { } due || due >= _armed) return;
        _armed = due;
        _world.Scheduler.After(due > Now ? due - Now : TimeSpan.Zero, Process, () =>
        {
            if (_armed != due) return;
            _armed = null;
            Do(() => _protocol.Tick(Now));
        });
    }

    private void CarryOut(ClientEffect effect)
    {
        switch (effect)
        {
            case ClientEffect.FetchToken fetch:
                _protocol.TokenFetched(fetch.Attempt, "a token", null, Now);
                break;
            case ClientEffect.OpenSocket open:
                Open(open.Attempt);
                break;
            case ClientEffect.SendFrame frame:
                _world.TraceWriter.Write(Process, $"-> {frame.Json}");
                _line?.ClientSends(WebSocketMessageType.Text, frame.Json);
                break;
            case ClientEffect.EndAttempt:
                _line?.Break();
                _line = null;
                break;
            case ClientEffect.LoadPage { Load: var load } when _world.InjectedBug == InjectedBug.ClientSkipsPage:
                _protocol.PageLoaded(load, new([], null, _heads[load.ConversationId]), Now);
                break;
            case ClientEffect.LoadPage load:
                _ = LoadAsync(load.Load);
                break;
            case ClientEffect.Raise { Event: StatusChange change }:
                Shown[change.MessageId] = (change.Status, change.Reason);
                break;
            case ClientEffect.Raise { Event: MessageCreated created }:
                Show(created.Message);
                break;
        }
    }

    private void Show(MessageItem message)
    {
        Messages[message.MessageId] = message.Position;
        // What it has no status of is accepted.
        Shown.TryAdd(message.MessageId, (message.Status ?? MessageStatus.Accepted, message.Reason));
    }

    private void Open(int attempt)
    {
        _attempt = attempt;
        Rate = Math.Max(Rate, 1);
        var apis = _world.Apis.ToList();
        if (apis.Count == 0)
        {
            _protocol.ConnectFailed(attempt, null, "nobody is there", null, Now);
            return;
        }
        var api = _world.Random.Pick(apis);
        SocketLine line = null!;
        var end = new CurrentEnd(this, () => line);
        line = new(_world.Scheduler, _world.Random.Fork(), Process, end, api.Process) { Rate = Rate };
        _line = line;
        _closeCode = null;
        _partial.Clear();
        // The upgrade, which may find nobody there.
        _world.Scheduler.After(_world.Random.Milliseconds(0.5, 20), api.Process, () =>
        {
            api.Accept(line, _user);
            _world.Scheduler.After(_world.Random.Milliseconds(0.1, 20), Process, () =>
            {
                if (_line == line) Do(() => OnOpen(line, attempt));
                else line.Break();
            });
        });
    }

    private void OnOpen(SocketLine line, int attempt)
    {
        _world.TraceWriter.Write(Process, $"is connected to {line.Server}");
        foreach (var conversation in _protocol.Conversations.ToList())
        {
            if (_world.InjectedBug == InjectedBug.ClientForgetsSince)
            {
                _protocol.Unsubscribe(conversation, this);
                _protocol.Subscribe(conversation, this);
            }
            NoteBegin(conversation);
        }
        _protocol.Opened(attempt, Now);
    }

    private void Subscribe(Guid conversationId, long? since)
    {
        NoteBegin(conversationId);
        Do(() => _protocol.Subscribe(conversationId, this, _world.InjectedBug == InjectedBug.ClientForgetsSince ? null : since));
    }

    private void NoteBegin(Guid conversationId)
    {
        if (MaySee(conversationId)) BeganUnowned.Remove(conversationId);
        else BeganUnowned.Add(conversationId);
    }

    private bool Watches(Guid conversationId) => _protocol.FindCursor(conversationId) is not null;

    // --- Frames ---

    private bool TryTakeFrame(out int opcode, out byte[] payload)
    {
        (opcode, payload) = (0, []);
        if (_partial.Count < 2) return false;
        int length = _partial[1], header = 2;
        if (length == 126)
        {
            if (_partial.Count < 4) return false;
            (length, header) = ((_partial[2] << 8) | _partial[3], 4);
        }
        if (_partial.Count < header + length) return false;
        opcode = _partial[0] & 0x0F;
        payload = [.. _partial.GetRange(header, length)];
        _partial.RemoveRange(0, header + length);
        return true;
    }

    private void Read(byte[] payload)
    {
        _world.TraceWriter.Write(Process, $"<- {new ReadOnlyMemory<byte>(payload)}");
        if (!ServerFrame.TryRead(payload, out var frame))
        {
            _world.Violation($"{Process.Name} got {Encoding.UTF8.GetString(payload)}");
            return;
        }
        switch (frame.Type)
        {
            case ServerFrameType.Subscribed:
                OnSubscribed(frame);
                break;
            case ServerFrameType.Unsubscribed:
                // What came until now was of the subscription before, even where the next one was asked for meanwhile.
                var cursor = _protocol.FindCursor(frame.ConversationId!.Value);
                foreach (var ended in _rising.Keys.Where(k => k.Cursor == cursor).ToList()) _rising.Remove(ended);
                Receive(frame);
                break;
            case ServerFrameType.MessageStatus:
                OnStatus(frame);
                break;
            case ServerFrameType.MessageCreated:
                OnMessage(frame);
                break;
            case ServerFrameType.Error:
                if (frame.Code != "forbidden") _world.Violation($"{Process.Name} got {Encoding.UTF8.GetString(payload)}");
                else OnForbidden(frame.ConversationId!.Value);
                Receive(frame);
                break;
            default:
                Receive(frame);
                break;
        }
    }

    private void Receive(ServerFrame frame) => Do(() => _protocol.FrameReceived(_attempt, frame, Now));

    private void OnForbidden(Guid conversation)
    {
        Refused.Add(conversation);
        // What it had is over: should it be let in later, it begins anew, and loads the page.
        Began.Remove(conversation);
        if (MaySee(conversation) && !BeganUnowned.Contains(conversation))
            _world.Violation($"{Process.Name} was refused its own conversation {conversation}");
    }

    private void OnSubscribed(ServerFrame frame)
    {
        var conversation = frame.ConversationId!.Value;
        if (_protocol.FindCursor(conversation) is not { } cursor) return;
        _heads[conversation] = frame.Seq!.Value;
        Receive(frame);
        // It was to an earlier subscription.
        if (cursor.IsAsked) return;
        var first = Began.TryAdd(conversation, frame.Seq.Value);
        if (first && cursor.IsLive && _kind == ClientKind.SubscribesThenLoads) _ = LoadLaterAsync(conversation, cursor);
    }

    private void OnMessage(ServerFrame frame)
    {
        if (!_withMessages) _world.Violation($"{Process.Name} got a message that it did not ask for: {frame}");
        if (frame.Created is null) _world.Violation($"{Process.Name} got a message that it can't read: {frame}");
        OnChange(frame);
    }

    private void OnStatus(ServerFrame frame)
    {
        if (OnChange(frame) is not { } cursor || !cursor.IsLive) return;
        var (message, status) = (frame.MessageId!.Value, frame.Status!.Value);
        if (_lastFrame.TryGetValue(message, out var last) && status < last) StepsBack++;
        _lastFrame[message] = status;
    }

    /// <returns>Where the client is in the conversation; null where the frame was nothing new.</returns>
    private ConversationCursor? OnChange(ServerFrame frame)
    {
        Frames++;
        var (conversation, seq) = (frame.ConversationId!.Value, frame.Seq!.Value);
        _world.Scheduler.Note((ulong)seq);
        if (!MaySee(conversation))
            _world.Violation($"{Process.Name} got a frame of another organization's conversation {conversation}: {frame}");
        if (_protocol.FindCursor(conversation) is not { } cursor) return null;
        // Within one subscription: what comes again in another one was asked for.
        var generation = (cursor, cursor.Generation);
        if (cursor.IsLive && _rising.TryGetValue(generation, out var before) && seq <= before)
            _world.Violation($"{Process.Name} got {seq} of {conversation} after {before}");
        if (cursor.IsLive) _rising[generation] = seq;
        var known = cursor.Last;
        Receive(frame);
        return cursor.Last == known ? null : cursor;
    }

    private bool MaySee(Guid conversation) => _world.Store.Owners.TryGetValue(conversation, out var owner)
        && (_user.OrganizationId is { } mine ? mine == owner.OrganizationId : _world.Store.HasPosted(conversation, _user.UserId));

    // --- Pages ---

    /// <summary>Loads a page that the protocol wants.</summary>
    private async Task LoadAsync(PageLoad load)
    {
        var page = await TryLoadPageAsync(load.ConversationId, load.Before);
        if (page is not null) Do(() => _protocol.PageLoaded(load, page, Now));
        else Do(() => _protocol.PageFailed(load, "no answer", Now));
    }

    /// <summary>Loads a conversation, and subscribes from where its page ends.</summary>
    private async Task LoadFirstAsync(Guid conversation)
    {
        while (true)
        {
            var seq = await TryLoadAllAsync(conversation);
            if (Watches(conversation)) return;
            if (seq is not null)
            {
                Subscribe(conversation, seq);
                return;
            }
            var longest = Refused.Contains(conversation) ? LongestLoadPause * 10 : LongestLoadPause;
            await Task.Delay(_world.Random.Span(TimeSpan.Zero, longest), Process.Time);
        }
    }

    /// <summary>Loads a conversation that it is subscribed to already, where nothing is missing: for its items alone.</summary>
    private async Task LoadLaterAsync(Guid conversation, ConversationCursor cursor)
    {
        while (_protocol.FindCursor(conversation) == cursor && await TryLoadAllAsync(conversation) is null)
            await Task.Delay(_world.Random.Span(TimeSpan.Zero, LongestLoadPause), Process.Time);
    }

    /// <summary>Loads all pages; answers with the number of the first, null where it failed.</summary>
    private async Task<long?> TryLoadAllAsync(Guid conversation)
    {
        long? seq = null;
        string? before = null;
        var messages = new List<Guid>();
        do
        {
            if (await TryLoadPageAsync(conversation, before) is not { } page) return null;
            messages.AddRange(page.Items.Select(i => i.MessageId));
            seq ??= page.Seq;
            before = page.Next;
            foreach (var item in page.Items)
            {
                if (_protocol.Merge(item, seq)) Shown[item.MessageId] = (item.Status!.Value, item.Reason);
                Messages[item.MessageId] = item.Position;
            }
        }
        while (before is not null);
        _world.Checker.CheckOrder(conversation, messages);
        return seq;
    }

    private async Task<ConversationPage?> TryLoadPageAsync(Guid conversation, string? before)
    {
        var apis = _world.Apis.ToList();
        if (apis.Count == 0) return null;
        try
        {
            var api = _world.Random.Pick(apis);
            var limit = _world.Random.Between(1, 10);
            var page = await _world.RequestAsync(
                Process, api, () => api.PageAsync(_user, conversation, before is null ? null : Guid.Parse(before), limit));
            if (page is null)
            {
                Refused.Add(conversation);
                return null;
            }
            _world.TraceWriter.Write(Process, $"loaded {page.Items.Count} messages of {conversation}, seq {page.Seq}");
            if (page.Items.Count > 0 && !MaySee(conversation))
                _world.Violation($"{Process.Name} loaded a page of another organization's {conversation}");
            var items = page.Items.Select(i => new MessageItem
            {
                MessageId = i.MessageId,
                ConversationId = conversation,
                Status = Enum.Parse<MessageStatus>(i.Status, ignoreCase: true),
                Reason = i.Reason,
                Position = i.Position,
            });
            return new([.. items], page.Next?.ToString("D"), page.Seq);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>A line's news are the client's only as long as the line is.</summary>
    private sealed class CurrentEnd(StatusClient client, Func<SocketLine> line) : ILineEnd
    {
        public void OnBytes(byte[] bytes)
        {
            if (client._line == line()) client.OnBytes(bytes);
        }

        public void OnBroken()
        {
            if (client._line == line()) client.OnBroken();
        }
    }
}
