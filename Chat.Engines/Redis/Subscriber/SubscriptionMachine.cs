namespace Chat.Engines.Redis.Subscriber;

/// <summary>What a subscriber's connection says to the server.</summary>
internal enum SubscriberVerb
{
    Auth,
    SetName,
    Ping,
    Subscribe,
    Unsubscribe,
}

/// <param name="Channels">To subscribe to, or no more; empty for the others.</param>
internal sealed record SubscriberCommand(SubscriberVerb Verb, IReadOnlyList<Guid> Channels);

/// <summary>
/// Decides what a subscriber's connection asks for and what its answers mean, without I/O: what is wanted, what awaits its answer, what has
/// to be subscribed to again after a loss. A server answers commands in their order. Not for use by several threads at once.
/// </summary>
/// <param name="mostAtOnce">The most channels of one command.</param>
internal sealed class SubscriptionMachine(int mostAtOnce)
{
    private readonly Dictionary<Guid, Channel> _channels = [];
    private readonly Queue<Channel> _outbox = new();
    private readonly Queue<SubscriberCommand> _greeting = new();
    private readonly Queue<Sent> _unanswered = new();
    private bool _isGreeted;
    private bool _mustPing;
    private bool _isRestoring;
    private int _returning;

    /// <summary>The channels that are wanted.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the server lets the connection in.</summary>
    public bool IsConnected => _isGreeted;

    /// <summary>A connection was made: says who we are, and whether the server is ready, before anything else.</summary>
    public void Begin(bool withPassword, bool withName)
    {
        if (withPassword) Greet(SubscriberVerb.Auth);
        if (withName) Greet(SubscriberVerb.SetName);
        Greet(SubscriberVerb.Ping);
    }

    /// <summary>
    /// The connection is gone, and everything is to be subscribed to again. True where subscriptions may have stood until now: a loss that
    /// <see cref="TryTakeRestored"/> will end.
    /// </summary>
    public bool Lose()
    {
        var isNews = _isGreeted && !_isRestoring;
        _isRestoring |= _isGreeted;
        (_isGreeted, _mustPing) = (false, false);
        _greeting.Clear();
        _unanswered.Clear();
        _outbox.Clear();
        foreach (var channel in _channels.Values.ToList())
        {
            if (!channel.IsWanted)
            {
                _channels.Remove(channel.Id);
                continue;
            }
            if (channel is { Stands: true, MustReturn: false })
            {
                channel.MustReturn = true;
                _returning++;
            }
            (channel.Stands, channel.IsAsked, channel.Unanswered, channel.IsInOutbox) = (false, false, 0, false);
        }
        return isNews;
    }

    /// <summary>True once after each loss, as soon as all that stood before it stands again.</summary>
    public bool TryTakeRestored()
    {
        if (!_isRestoring || !_isGreeted || _returning > 0) return false;
        _isRestoring = false;
        return true;
    }

    /// <summary>A channel is wanted that was not. True where its subscription stands already.</summary>
    public bool Want(Guid id)
    {
        if (!_channels.TryGetValue(id, out var channel)) _channels[id] = channel = new(id);
        if (!channel.IsWanted) Count++;
        channel.IsWanted = true;
        if (!channel.Stands) Put(channel);
        return channel.Stands;
    }

    /// <summary>A channel is wanted no more.</summary>
    public void Drop(Guid id)
    {
        if (!_channels.TryGetValue(id, out var channel) || !channel.IsWanted) return;
        Count--;
        channel.IsWanted = false;
        StopReturning(channel);
        if (!channel.IsIdle) Put(channel);
        Forget(channel);
    }

    /// <summary>The server must show that it is there.</summary>
    public void Ping() => _mustPing = true;

    /// <summary>What is to be sent next, in this order; false where nothing is.</summary>
    public bool TryTake(out SubscriberCommand command)
    {
        if (!_greeting.TryDequeue(out command!) && !TryTakeNext(out command)) return false;
        _unanswered.Enqueue(new(command));
        return true;
    }

    /// <summary>The server did what it was told and has nothing to say of it.</summary>
    public void OnOk()
    {
        if (!_unanswered.TryDequeue(out var sent) || sent.Verb is not (SubscriberVerb.Auth or SubscriberVerb.SetName)) throw Unexpected();
    }

    public void OnPong()
    {
        if (!_unanswered.TryDequeue(out var sent) || sent.Verb != SubscriberVerb.Ping) throw Unexpected();
        if (_isGreeted) return;
        _isGreeted = true;
        foreach (var channel in _channels.Values) Put(channel);
    }

    /// <summary>True where the subscription stands now and is wanted.</summary>
    public bool OnSubscribed(Guid id)
    {
        var channel = Answer(SubscriberVerb.Subscribe, id);
        if (channel is not { IsAsked: true, Unanswered: 0 }) return false;
        // Dropped meanwhile too: who wants it again before the server was told gets no other answer.
        channel.Stands = true;
        StopReturning(channel);
        return channel.IsWanted;
    }

    public void OnUnsubscribed(Guid id) => Forget(Answer(SubscriberVerb.Unsubscribe, id));

    /// <summary>
    /// The server refuses the oldest command. Answers the channels that it will not subscribe to, which are wanted no more then.
    /// </summary>
    /// <exception cref="InvalidOperationException">The connection is of no use without it.</exception>
    public IReadOnlyList<Guid> OnRefused(string text)
    {
        if (!_unanswered.TryDequeue(out var sent)) throw Unexpected();
        switch (sent.Verb)
        {
            // A server that asks for no password; one that does says so to the ping.
            case SubscriberVerb.Auth when text.StartsWith("ERR ", StringComparison.Ordinal):
            // An older server, or one that forbids it: then it has no name.
            case SubscriberVerb.SetName:
            // It is there, whatever it thinks of a ping; the one that greets tells whether it lets us in.
            case SubscriberVerb.Ping when _isGreeted:
                return [];
            case SubscriberVerb.Subscribe:
                return Refuse([.. sent.Command.Channels.Skip(sent.Answered).Select(id => _channels[id])], text);
            default:
                throw new InvalidOperationException(text);
        }
    }

    private List<Guid> Refuse(List<Channel> channels, string text)
    {
        // What stood before a loss must again.
        if (channels.Exists(channel => channel.MustReturn)) throw new InvalidOperationException(text);
        foreach (var channel in channels) channel.Unanswered--;
        // Where it was asked for again since then, that answer counts.
        channels.RemoveAll(channel => channel.Unanswered > 0);
        foreach (var channel in channels)
        {
            channel.IsAsked = false;
            Drop(channel.Id);
            Forget(channel);
        }
        return [.. channels.Select(channel => channel.Id)];
    }

    private void Greet(SubscriberVerb verb) => _greeting.Enqueue(new(verb, []));

    private bool TryTakeNext(out SubscriberCommand command)
    {
        command = null!;
        if (!_isGreeted) return false;
        if (_mustPing)
        {
            _mustPing = false;
            command = new(SubscriberVerb.Ping, []);
            return true;
        }
        List<Guid>? some = null;
        var verb = SubscriberVerb.Subscribe;
        while (_outbox.TryPeek(out var channel) && (some?.Count ?? 0) < mostAtOnce)
        {
            var next = channel.IsWanted ? SubscriberVerb.Subscribe : SubscriberVerb.Unsubscribe;
            if (channel.IsWanted == channel.IsAsked)
            {
                // Wanted and dropped, or the other way round, before it was its turn.
                channel.IsInOutbox = false;
                _outbox.Dequeue();
                Forget(channel);
                continue;
            }
            if (some is null) (some, verb) = ([], next);
            else if (next != verb) break;
            _outbox.Dequeue();
            (channel.IsInOutbox, channel.IsAsked, channel.Stands) = (false, channel.IsWanted, false);
            channel.Unanswered++;
            some.Add(channel.Id);
        }
        if (some is null) return false;
        command = new(verb, some);
        return true;
    }

    // All that is wanted is put there once the server lets the connection in.
    private void Put(Channel channel)
    {
        if (channel.IsInOutbox || !_isGreeted) return;
        channel.IsInOutbox = true;
        _outbox.Enqueue(channel);
    }

    private void Forget(Channel channel)
    {
        if (channel is { IsWanted: false, IsIdle: true, IsInOutbox: false }) _channels.Remove(channel.Id);
    }

    private void StopReturning(Channel channel)
    {
        if (!channel.MustReturn) return;
        channel.MustReturn = false;
        _returning--;
    }

    private Channel Answer(SubscriberVerb verb, Guid id)
    {
        if (!_unanswered.TryPeek(out var sent) || sent.Verb != verb || sent.Command.Channels[sent.Answered] != id) throw Unexpected();
        if (++sent.Answered == sent.Command.Channels.Count) _unanswered.Dequeue();
        var channel = _channels[id];
        channel.Unanswered--;
        return channel;
    }

    private static InvalidDataException Unexpected() => new("what the server sent is no answer to what it was asked");

    private sealed class Sent(SubscriberCommand command)
    {
        public SubscriberCommand Command { get; } = command;

        public SubscriberVerb Verb => Command.Verb;

        /// <summary>The channels of it that were answered.</summary>
        public int Answered { get; set; }
    }

    private sealed class Channel(Guid id)
    {
        public Guid Id { get; } = id;

        public bool IsWanted { get; set; }

        /// <summary>Whether the last command that was sent for it subscribed to it.</summary>
        public bool IsAsked { get; set; }

        public bool IsInOutbox { get; set; }

        /// <summary>Whether the server has confirmed that, and nothing was sent since.</summary>
        public bool Stands { get; set; }

        /// <summary>Whether it stood before a loss that has not ended.</summary>
        public bool MustReturn { get; set; }

        /// <summary>Commands that were sent for it and not answered.</summary>
        public int Unanswered { get; set; }

        /// <summary>Whether the server knows nothing of it.</summary>
        public bool IsIdle => !IsAsked && Unanswered == 0;
    }
}
