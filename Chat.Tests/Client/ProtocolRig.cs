using Chat.Client;
using Chat.Client.Protocol;
using Chat.Tests.Described;

namespace Chat.Tests.Client;

/// <summary>The protocol on a clock that the test moves. Delays are half of what they can be at most.</summary>
internal sealed class ProtocolRig
{
    public static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    public static readonly Guid Message = Guid.Parse("01900000-0000-7000-8000-000000000001");
    public static readonly DateTimeOffset ServerTime = new(2025, 1, 15, 10, 30, 0, TimeSpan.Zero);

    private readonly List<ClientEffect> _effects = [];
    private readonly object _holder = new();

    public ProtocolRig(bool tokenIsRenewable = false, ClientProtocolOptions? options = null) =>
        Protocol = new(options ?? new(), tokenIsRenewable, new Half());

    public ClientProtocol Protocol { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    /// <summary>Of the last token or socket that was asked for.</summary>
    public int Attempt { get; private set; }

    public IEnumerable<string> Sent => _effects.OfType<ClientEffect.SendFrame>().Select(f => f.Json);

    public ConnectionChange LastChange => Raised<ConnectionChange>().Last();

    public IReadOnlyList<PageLoad> Loads => [.. _effects.OfType<ClientEffect.LoadPage>().Select(l => l.Load)];

    public IEnumerable<T> Raised<T>()
        where T : ClientEvent => _effects.OfType<ClientEffect.Raise>().Select(r => r.Event).OfType<T>();

    public int Count<T>()
        where T : ClientEffect => _effects.OfType<T>().Count();

    /// <summary>What is wanted up to here is of no more interest.</summary>
    public void Forget() => _effects.Clear();

    public void Do(Action<ClientProtocol> input)
    {
        input(Protocol);
        while (Protocol.TryTakeEffect(out var effect))
        {
            _effects.Add(effect);
            if (effect is ClientEffect.SendFrame { Json: var frame }) AsyncApiDescription.Current.CheckFromClient(frame);
            if (effect is ClientEffect.FetchToken fetch) Attempt = fetch.Attempt;
        }
    }

    public void Connect() => Do(p => p.Connect());

    public void GiveToken(string token = "a-token", DateTimeOffset? expiresAt = null) =>
        Do(p => p.TokenFetched(Attempt, token, expiresAt, Now));

    public void Refuse(int status, TimeSpan? retryAfter = null) =>
        Do(p => p.ConnectFailed(Attempt, status, null, retryAfter, Now));

    /// <summary>Connects up to the greeting.</summary>
    public void Open(string token = "a-token", DateTimeOffset? expiresAt = null)
    {
        Connect();
        FinishOpening(token, expiresAt);
    }

    public void FinishOpening(string token = "a-token", DateTimeOffset? expiresAt = null)
    {
        GiveToken(token, expiresAt);
        Do(p => p.Opened(Attempt, Now));
        Receive(new() { Type = ServerFrameType.Connected, Timestamp = ServerTime });
    }

    public void Break(int? code = null) => Do(p => p.Closed(Attempt, code, null, Now));

    /// <summary>The connection breaks, and the next one is open.</summary>
    public void Reconnect()
    {
        Break();
        PassDelay();
        Forget();
        FinishOpening();
    }

    /// <summary>Lets the time pass until the next attempt.</summary>
    public TimeSpan PassDelay()
    {
        var delay = LastChange.Delay!.Value;
        Advance(delay);
        return delay;
    }

    public void Receive(ServerFrame frame) => Do(p => p.FrameReceived(Attempt, frame, Now));

    public void Subscribe(long? since = null) => Do(p => p.Subscribe(Conversation, _holder, since));

    public void Unsubscribe() => Do(p => p.Unsubscribe(Conversation, _holder));

    public void Answer(long seq, bool? recovered = null) =>
        Receive(new() { Type = ServerFrameType.Subscribed, ConversationId = Conversation, Seq = seq, Recovered = recovered });

    public void Status(MessageStatus status, long? seq, Guid? message = null) => Receive(new()
    {
        Type = ServerFrameType.MessageStatus,
        ConversationId = Conversation,
        MessageId = message ?? Message,
        Status = status,
        Channel = "whatsapp",
        Seq = seq,
    });

    /// <summary>What was shown, in order.</summary>
    public IEnumerable<(Guid Message, MessageStatus Status)> Shown => Raised<StatusChange>().Select(c => (c.MessageId, c.Status));

    public void Load(PageLoad load, long? seq, string? next = null, params (Guid Message, MessageStatus Status)[] items)
    {
        var messages = items.Select(
            i => new MessageItem { MessageId = i.Message, ConversationId = Conversation, Status = i.Status });
        Do(p => p.PageLoaded(load, new([.. messages], next, seq), Now));
    }

    /// <summary>Moves the clock; whatever is due on the way is done in time.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Now + time;
        while (Protocol.NextDue is { } due && due <= end)
        {
            if (due > Now) Now = due;
            Do(p => p.Tick(Now));
        }
        Now = end;
    }

    /// <summary>The process stands still: the clock moves, and what was due on the way is done at its end.</summary>
    public void StandStill(TimeSpan time)
    {
        Now += time;
        Do(p => p.Tick(Now));
    }

    private sealed class Half : Random
    {
        public override double NextDouble() => 0.5;
    }
}
