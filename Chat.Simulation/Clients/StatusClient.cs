using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using Chat.Api.Auth;
using Chat.Core.Statuses;
using Chat.Simulation.Engines;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Clients;

/// <summary>
/// One page in one browser: what the JavaScript client does, with its connection, its places and what it shows. It watches the server
/// while it is at it: numbers that rise, no frame of another organization.
/// </summary>
public sealed class StatusClient(World world, SimProcess process, ChatUser user, ClientKind kind) : ILineEnd
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryBase = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Guid, ConversationCursor> _places = [];
    private readonly Dictionary<(ConversationCursor Cursor, int Generation), long> _rising = [];
    private readonly Dictionary<Guid, MessageStatus> _lastFrame = [];
    private readonly List<byte> _partial = [];
    private SocketLine? _line;
    private int _run;
    private int _attempt;
    private bool _pongDue;
    private bool _isOpen;

    public SimProcess Process => process;

    /// <summary>What is shown of each message.</summary>
    public Dictionary<Guid, (MessageStatus Status, string? Reason)> Shown { get; } = [];

    /// <summary>Where a client that only watches began.</summary>
    public Dictionary<Guid, long> Began { get; } = [];

    /// <summary>
    /// Conversations that nobody owned when this client was let in. A user without an organization gets nothing of such a one, not even
    /// once it posted there, until it subscribes again: the one thing that a client has to know.
    /// </summary>
    public HashSet<Guid> BeganUnowned { get; } = [];

    public HashSet<Guid> Refused { get; } = [];

    /// <summary>Frames that would have taken a client that shows the last one backwards.</summary>
    public int StepsBack { get; private set; }

    public int Frames { get; private set; }

    /// <summary>Bytes a second; 0 while it sleeps.</summary>
    public int Rate { get; private set; } = 1_000_000;

    public IReadOnlyDictionary<Guid, ConversationCursor> Places => _places;

    public static int Rank(MessageStatus status) => status switch
    {
        MessageStatus.Accepted => 0,
        MessageStatus.Sent => 1,
        MessageStatus.Failed => 2,
        MessageStatus.Delivered => 3,
        _ => 4,
    };

    public void Connect() => process.Post(() => Open());

    public void Subscribe(Guid conversationId)
    {
        if (_places.ContainsKey(conversationId)) return;
        if (kind == ClientKind.LoadsThenSubscribes) _ = LoadFirstAsync(conversationId);
        else Begin(_places[conversationId] = new(conversationId, null));
    }

    public void Unsubscribe(Guid conversationId)
    {
        if (!_places.Remove(conversationId)) return;
        Began.Remove(conversationId);
        Send("unsubscribe", conversationId, null);
    }

    /// <summary>The network goes, and both sides hear of it.</summary>
    public void Disconnect() => _line?.Break();

    /// <summary>The machine sleeps: nobody hears anything of it, and it wakes with a dead socket.</summary>
    public void Sleep(TimeSpan length)
    {
        _line?.Vanish();
        process.Pause(length);
        process.Post(() => Drop());
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
                var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
                world.TraceWriter.Write(process, $"is closed with {code}");
                _line?.ClientSends(WebSocketMessageType.Close, "");
                if (code is >= 4500 and <= 4999) world.Violation($"{process.Name} was closed for good with {code}");
            }
        }
    }

    public void OnBroken()
    {
        if (_line is null) return;
        _line = null;
        Retry();
    }

    private void Open()
    {
        var run = ++_run;
        Rate = Math.Max(Rate, 1);
        var apis = world.Apis.ToList();
        if (apis.Count == 0)
        {
            Retry();
            return;
        }
        var api = world.Random.Pick(apis);
        SocketLine line = null!;
        line = new(world.Scheduler, world.Random.Fork(), process, new CurrentEnd(this, () => line), api.Process) { Rate = Rate };
        _line = line;
        _isOpen = false;
        _partial.Clear();
        // The upgrade, which may find nobody there.
        world.Scheduler.After(world.Random.Milliseconds(0.5, 20), api.Process, () =>
        {
            api.Accept(line, user);
            world.Scheduler.After(world.Random.Milliseconds(0.1, 20), process, () =>
            {
                if (run == _run) OnOpen(line, run);
                else line.Break();
            });
        });
        After(ConnectTimeout, run, () =>
        {
            if (!_isOpen) Drop();
        });
    }

    private void OnOpen(SocketLine line, int run)
    {
        if (_line != line) return;
        _isOpen = true;
        world.TraceWriter.Write(process, $"is connected to {line.Server}");
        After(TimeSpan.FromSeconds(5), run, () => _attempt = 0);
        _pongDue = false;
        After(PingInterval, run, () => Ping(run));
        foreach (var place in _places.Values) Begin(place);
    }

    private void Ping(int run)
    {
        if (_line is null) return;
        After(PingInterval, run, () => Ping(run));
        if (_pongDue) return;
        _pongDue = true;
        Send("ping", null, null);
        After(PongTimeout, run, () =>
        {
            if (_pongDue) Drop();
        });
    }

    private void Drop()
    {
        if (_line is not { } line) return;
        _line = null;
        line.Break();
        Retry();
    }

    private void Retry()
    {
        var run = ++_run;
        var most = RetryBase * Math.Pow(2, Math.Min(_attempt++, 10));
        if (most > RetryCap) most = RetryCap;
        After(world.Random.Span(TimeSpan.Zero, most), run, Open);
    }

    private void After(TimeSpan delay, int run, Action action) => world.Scheduler.After(delay, process, () =>
    {
        if (run == _run) action();
    });

    private void Begin(ConversationCursor place)
    {
        if (world.InjectedBug == InjectedBug.ClientForgetsSince) _places[place.Id] = place = new(place.Id, null);
        if (MaySee(place.Id)) BeganUnowned.Remove(place.Id);
        else BeganUnowned.Add(place.Id);
        var since = place.Begin();
        if (_isOpen && _line is not null) Send("subscribe", place.Id, since);
    }

    private void Send(string type, Guid? conversationId, long? since)
    {
        world.TraceWriter.Write(process, $"-> {type} {conversationId} {since}");
        var conversation = conversationId is { } id ? $",\"conversationId\":\"{id}\"" : "";
        var after = since is { } s ? $",\"since\":{s}" : "";
        _line?.ClientSends(WebSocketMessageType.Text, $"{{\"type\":\"{type}\"{conversation}{after}}}");
    }

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
        _pongDue = false;
        world.TraceWriter.Write(process, $"<- {new ReadOnlyMemory<byte>(payload)}");
        using var frame = JsonDocument.Parse(payload);
        var root = frame.RootElement;
        var conversation = root.TryGetProperty("conversationId", out var c) ? c.GetGuid() : (Guid?)null;
        switch (root.GetProperty("type").GetString())
        {
            case "subscribed":
                OnSubscribed(conversation!.Value, root.GetProperty("seq").GetInt64(), root.TryGetProperty("recovered", out var r) ? r.GetBoolean() : null);
                break;
            case "unsubscribed":
                // What came until now was of the subscription before, even where the next one was asked for meanwhile.
                foreach (var ended in _rising.Keys.Where(k => k.Cursor.Id == conversation).ToList()) _rising.Remove(ended);
                break;
            case "message.status":
                OnStatus(conversation!.Value, root);
                break;
            case "error":
                if (root.GetProperty("code").GetString() != "forbidden") world.Violation($"{process.Name} got {root}");
                else OnForbidden(conversation!.Value);
                break;
        }
    }

    private void OnForbidden(Guid conversation)
    {
        Refused.Add(conversation);
        if (MaySee(conversation) && !BeganUnowned.Contains(conversation)) world.Violation($"{process.Name} was refused its own conversation {conversation}");
    }

    private void OnSubscribed(Guid conversation, long seq, bool? recovered)
    {
        if (!_places.TryGetValue(conversation, out var place)) return;
        var first = !Began.ContainsKey(conversation);
        Began.TryAdd(conversation, seq);
        var load = place.Subscribed(seq, recovered);
        if (world.InjectedBug == InjectedBug.ClientSkipsPage && load)
        {
            place.Loaded(seq);
            return;
        }
        if (load) _ = LoadAsync(place, place.Generation);
        else if (first && kind == ClientKind.SubscribesThenLoads) _ = LoadAsync(place, null);
    }

    private void OnStatus(Guid conversation, JsonElement frame)
    {
        Frames++;
        var seq = frame.GetProperty("seq").GetInt64();
        world.Scheduler.Note((ulong)seq);
        if (!MaySee(conversation)) world.Violation($"{process.Name} got a frame of another organization's conversation {conversation}: {frame}");
        if (!_places.TryGetValue(conversation, out var place)) return;
        // Within one subscription: what comes again in another one was asked for.
        var generation = (place, place.Generation);
        if (place.IsLive && _rising.TryGetValue(generation, out var before) && seq <= before)
            world.Violation($"{process.Name} got {seq} of {conversation} after {before}");
        if (place.IsLive) _rising[generation] = seq;
        if (!place.Take(seq)) return;
        var messageId = frame.GetProperty("messageId").GetGuid();
        var status = Enum.Parse<MessageStatus>(frame.GetProperty("status").GetString()!, ignoreCase: true);
        if (_lastFrame.TryGetValue(messageId, out var last) && Rank(status) < Rank(last)) StepsBack++;
        _lastFrame[messageId] = status;
        Show(messageId, status, frame.TryGetProperty("reason", out var reason) ? reason.GetString() : null, onlyIfHigher: false);
    }

    private void Show(Guid messageId, MessageStatus status, string? reason, bool onlyIfHigher)
    {
        var step = Rank(status) - (Shown.TryGetValue(messageId, out var shown) ? Rank(shown.Status) : -1);
        if (step < 0 || (onlyIfHigher && step == 0)) return;
        Shown[messageId] = (status, reason);
    }

    private bool MaySee(Guid conversation) => world.Store.Owners.TryGetValue(conversation, out var owner)
        && (user.OrganizationId is { } mine ? mine == owner.OrganizationId : world.Store.HasPosted(conversation, user.UserId));

    // --- The page ---

    private async Task LoadFirstAsync(Guid conversation)
    {
        while (true)
        {
            if (await TryLoadAsync(conversation, () => !_places.ContainsKey(conversation)) is { } seq)
            {
                if (_places.ContainsKey(conversation)) return;
                var place = _places[conversation] = new(conversation, seq);
                Begin(place);
                return;
            }
            await Task.Delay(world.Random.Span(TimeSpan.Zero, RetryBase * (Refused.Contains(conversation) ? 40 : 4)), process.Time);
        }
    }

    /// <param name="generation">The subscription that it closes the gap of; null where nothing is missing and the items are all it is for.</param>
    private async Task LoadAsync(ConversationCursor place, int? generation)
    {
        bool IsCurrent() => _places.GetValueOrDefault(place.Id) == place && (generation is null || place.Generation == generation);
        while (IsCurrent())
        {
            if (await TryLoadAsync(place.Id, IsCurrent) is { } seq && (!IsCurrent() || generation is null || place.Loaded(seq))) return;
            await Task.Delay(world.Random.Span(TimeSpan.Zero, RetryBase * 4), process.Time);
        }
    }

    /// <summary>Loads all pages; answers with the number of the first, null where it failed.</summary>
    private async Task<long?> TryLoadAsync(Guid conversation, Func<bool> isWanted)
    {
        long? seq = null;
        Guid? next = null;
        do
        {
            var apis = world.Apis.ToList();
            if (apis.Count == 0) return null;
            try
            {
                var api = world.Random.Pick(apis);
                var before = next;
                var limit = world.Random.Between(1, 10);
                var page = await world.RequestAsync(process, api, () => api.PageAsync(user, conversation, before, limit));
                if (!isWanted()) return null;
                if (page is null)
                {
                    Refused.Add(conversation);
                    return null;
                }
                world.TraceWriter.Write(process, $"loaded {page.Items.Count} messages of {conversation}, seq {page.Seq}");
                seq ??= page.Seq;
                next = page.Next;
                foreach (var item in page.Items)
                {
                    if (!MaySee(conversation)) world.Violation($"{process.Name} loaded a page of another organization's {conversation}");
                    Show(item.MessageId, Enum.Parse<MessageStatus>(item.Status, ignoreCase: true), item.Reason, onlyIfHigher: true);
                }
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                return null;
            }
        }
        while (next is not null);
        return seq;
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
