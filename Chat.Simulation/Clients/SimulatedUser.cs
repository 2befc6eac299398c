using Chat.Api.Auth;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Simulation.Clients;

/// <summary>Somebody who watches conversations; the page in front of them may be loaded anew, and forgets everything then.</summary>
public sealed class SimulatedUser
{
    private readonly World _world;
    private readonly ChatUser _user;
    private readonly ClientKind _kind;
    private readonly bool _withMessages;
    private readonly HashSet<Guid> _wanted;

    /// <param name="withMessages">Whether it watches messages too, and not only what becomes of them.</param>
    public SimulatedUser(World world, ChatUser user, ClientKind kind, bool withMessages, IEnumerable<Guid> wanted)
    {
        (_world, _user, _kind, _withMessages) = (world, user, kind, withMessages);
        _wanted = [.. wanted];
        Client = NewClient();
    }

    public StatusClient Client { get; private set; }

    public IReadOnlySet<Guid> Wanted => _wanted;

    public void Reload()
    {
        _world.TraceWriter.Write(Client.Process, $"is loaded anew");
        Client.Process.Kill();
        Client = NewClient();
    }

    /// <summary>Leaves a conversation and comes back to it.</summary>
    public void LeaveAndReturn(Guid conversation)
    {
        var (client, pause) = (Client, _world.Random.Milliseconds(0, 1000));
        client.Process.Post(() =>
        {
            client.Unsubscribe(conversation);
            _world.Scheduler.After(pause, client.Process, () => client.Subscribe(conversation));
        });
    }

    /// <summary>Shows for every message exactly what the store holds.</summary>
    public void CheckEnd()
    {
        foreach (var conversation in _wanted)
        {
            if (conversation == _world.KeptUnreadable) continue;
            if (!_world.Store.Owners.TryGetValue(conversation, out var owner)) continue;
            var maySee = _user.OrganizationId is { } mine
                ? mine == owner.OrganizationId
                : _world.Store.HasPosted(conversation, _user.UserId);
            foreach (var message in _world.Store.Messages.Values.Where(m => m.ConversationId == conversation))
            {
                (MessageStatus Status, string? Reason)? shown =
                    Client.Shown.TryGetValue(message.MessageId, out var s) ? (Core(s.Status), s.Reason) : null;
                if (!maySee)
                {
                    if (shown is not null) _world.Violation($"{Client.Process.Name} shows {message.MessageId} of another organization");
                    continue;
                }
                if (_user.OrganizationId is null && Client.BeganUnowned.Contains(conversation)) continue;
                CheckMessage(message);
                if (_kind == ClientKind.Watches && !ChangedSince(conversation, message.MessageId)) continue;
                var stored = _world.Store.StateOf(new MessageKey(conversation, message.MessageId)).Facts;
                if (Possible(new(conversation, message.MessageId), stored).Contains(shown ?? default)) continue;
                _world.Violation(
                    $"{Client.Process.Name} ({_kind}) shows {shown?.ToString() ?? "nothing"} of {message.MessageId} in {conversation}, "
                    + $"and the store has {stored.Status} ({stored.Decisive?.Seq}, {stored.Reason}); it is at {Client.Last(conversation)}");
            }
        }
    }

    /// <summary>A client that watches messages shows it, and where it belongs.</summary>
    private void CheckMessage(Message message)
    {
        if (!_withMessages || _world.Checker.MayStayUnannounced(message.MessageId)) return;
        if (_kind == ClientKind.Watches && !AnnouncedSince(message)) return;
        if (!Client.Messages.TryGetValue(message.MessageId, out var position))
        {
            _world.Violation(
                $"{Client.Process.Name} ({_kind}) does not show the message {message.MessageId} of {message.ConversationId}; "
                + $"it is at {Client.Last(message.ConversationId)}");
        }
        else if (position != message.Position)
        {
            _world.Violation($"{Client.Process.Name} shows {message.MessageId} at {position}, and its place is {message.Position}");
        }
    }

    /// <summary>What the store holds shows, with or without what was put aside after it was recorded.</summary>
    private IReadOnlyCollection<(MessageStatus Status, string? Reason)> Possible(MessageKey key, StatusFacts stored)
    {
        var possible = new HashSet<StatusFacts> { stored };
        foreach (var kind in Enum.GetValues<StatusKind>())
        {
            if (!_world.Checker.HasAside(key.MessageId, kind)) continue;
            foreach (var facts in possible.ToArray())
            {
                // It may cover a later event, which then changes nothing.
                possible.Add(facts.Without(kind));
                foreach (var fact in _world.Checker.PossibleFacts(key, kind))
                {
                    if (fact is { } known) possible.Add(facts.Without(kind).With(kind, known));
                }
            }
        }
        return [.. possible.Select(facts => (facts.Status, facts.Reason))];
    }

    private static MessageStatus Core(Chat.Client.MessageStatus status) => Enum.Parse<MessageStatus>(status.ToString());

    private bool ChangedSince(Guid conversation, Guid message) => Client.Began.TryGetValue(conversation, out var began)
        && _world.Store.EverChanged.Any(c => c.Conversation == conversation && c.Message == message && c.Seq > began);

    // The first one: in a later epoch it may be announced again, under a number below some that others have seen by then.
    private bool AnnouncedSince(Message message) => Client.Began.TryGetValue(message.ConversationId, out var began)
        && _world.Store.EverAnnounced.Where(a => a.Message == message.MessageId).Select(a => a.Seq).DefaultIfEmpty().Min() > began;

    private StatusClient NewClient()
    {
        var client = new StatusClient(_world, _world.NewProcess("client"), _user, _kind, _withMessages);
        client.Connect();
        client.Process.Post(() =>
        {
            foreach (var conversation in _wanted)
            {
                // Some are opened later, while their first message is under way.
                var later = _world.Random.Chance(0.5) ? TimeSpan.Zero : _world.Random.Milliseconds(0, 20_000);
                _world.Scheduler.After(later, client.Process, () => client.Subscribe(conversation));
            }
        });
        return client;
    }
}
