using Chat.Api.Messages;
using Chat.Connectors.Webhooks;
using Chat.Core.Messages;
using Chat.MetaSimulator.People;
using Chat.Simulation.Nodes;
using Chat.Simulation.Scheduling;
using Person = Chat.MetaSimulator.People.Person;

namespace Chat.Simulation.Meta;

/// <summary>A desk that writes to people from its accounts, people who write to it, and an operator who sees to stopped accounts.</summary>
internal sealed class AccountWorkload
{
    private static readonly Guid Stranger = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(3);

    private readonly World _world;
    private readonly SimMeta _meta;
    private readonly SimRandom _random;
    private readonly SimProcess _desk;
    private readonly List<Thread> _threads = [];
    private int _texts;

    public AccountWorkload(World world, SimMeta meta)
    {
        (_world, _meta) = (world, meta);
        _random = world.Random.Fork();
        _desk = world.Scheduler.NewProcess("desk", TimeSpan.Zero);
        foreach (var account in meta.Accounts)
        {
            foreach (var person in meta.People)
            {
                var derived = DerivedIds.ConversationOf(account.Organization, account.Key, account.ContactOf(person));
                if (IsTaken(derived))
                {
                    // Whoever knows the person's address can make the id, and post to it before the person writes.
                    world.Store.Claim(new(derived, Stranger, SimTime.Start));
                    derived = DerivedIds.ConversationOf(account.Organization, account.Key, account.ContactOf(person), taken: 1);
                }
                // An echo names a person, and so the conversation that has them: where the desk writes from Instagram it is that one.
                _threads.Add(new(account, person, derived, account.IsInstagram ? derived : _random.NextGuid(), _random.NextGuid()));
            }
        }
    }

    private TimeSpan Faults => _world.Plan.Faults;

    // By the id, so that runs without it are what they are.
    private static bool IsTaken(Guid derived) => derived.ToByteArray()[0] % 8 == 0;

    /// <summary>What users may watch.</summary>
    public IEnumerable<Guid> Conversations => _threads.SelectMany(t => new[] { t.Derived, t.Desk }).Distinct();

    public void Start()
    {
        var plan = _world.Plan.Meta;
        for (var i = 0; i < plan.Posts; i++) Sometime(PostAsync);
        for (var i = 0; i < plan.Writes; i++) Sometime(WriteAsync);
        for (var i = 0; i < plan.Elsewhere; i++) Sometime(WriteElsewhereAsync);
        _desk.Start(OperateAsync);
    }

    private void Sometime(Func<Task> action) =>
        _world.Scheduler.After(Faults * (0.9 * _random.NextDouble()), _desk, () => _ = action());

    private string NextText() => $"text {++_texts}.";

    /// <summary>Posts until the message is accepted, with the same idempotency key.</summary>
    private async Task PostAsync()
    {
        var (account, person, _, desk, poster) = _random.Pick(_threads);
        var channels = _world.Store.Channels;
        // Some desks write in conversations of their own to people whom another one has.
        var isOwn = !account.IsInstagram && _random.Chance(0.2);
        var conversation = (isOwn ? null : channels.FindConversation(account.Key, account.ContactOf(person))) ?? desk;
        // A conversation in which the person is known needs no address.
        var mayLeaveOut = channels.FindContact(conversation)?.SendTo is not null;
        var text = NextText();
        var posted = new PostedMessage(
            conversation,
            account.Organization,
            poster,
            account.Key.Channel,
            MessageTypes.Text,
            $"{{\"texto\":\"{text}\"}}",
            mayLeaveOut && _random.Chance(0.5) ? null : account.AddressOf(person),
            account.Key.AccountId);
        var key = $"key-{_random.Next64():x}";
        while (true)
        {
            var outcome = await TryAsync<PostOutcome>(api => api.PostFromAccountAsync(posted, key));
            if (outcome is PostOutcome.Accepted accepted)
            {
                var message = new Message(
                    accepted.MessageId,
                    conversation,
                    account.Organization,
                    poster,
                    account.Key.Channel,
                    MessageDirection.Outbound,
                    MessageTypes.Text,
                    posted.Content,
                    posted.Recipient,
                    accepted.CreatedAt,
                    AccountId: account.Key.AccountId);
                _world.TraceWriter.Write(_desk, $"{text} is {message.MessageId} of {conversation} from {account.Key.AccountId}");
                _world.Checker.Accepted(message);
                _world.AccountChecker!.Posted(message, account, person, text);
                return;
            }
            if (outcome is not null)
            {
                _world.Violation($"A post from {account.Key} was answered with {outcome}");
                return;
            }
            await Task.Delay(_random.Milliseconds(50, 1500), _desk.Time);
        }
    }

    private Task WriteAsync()
    {
        var (account, person, _, _, _) = _random.Pick(_threads);
        var text = NextText();
        var thread = person.With(account.AtMeta);
        var written = _meta.Do((machine, now) => machine.Write(person, thread, new("text", text), null, null, now));
        // With the phone off, or the desk blocked, nobody writes.
        if (written is null) return Task.CompletedTask;
        _world.TraceWriter.Write(_desk, $"{person.Name} writes {text} to {account.Key.AccountId}");
        _world.AccountChecker!.Wrote(account, person, text);
        return Task.CompletedTask;
    }

    private Task WriteElsewhereAsync()
    {
        var (account, person, _, _, _) = _random.Pick(_threads);
        if (!account.IsInstagram) return Task.CompletedTask;
        var text = NextText();
        _meta.Do((machine, now) => machine.WriteAsBusiness(person, account.AtMeta, new PhoneContent("text", text), now));
        _world.TraceWriter.Write(_desk, $"{text} goes to {person.Name} from {account.Key.AccountId}'s own app");
        _world.AccountChecker!.WroteElsewhere(account, person, text);
        return Task.CompletedTask;
    }

    /// <summary>A person who sees that an account is stopped, makes its token work, and says so.</summary>
    private async Task OperateAsync()
    {
        while (true)
        {
            await Task.Delay(LookInterval, _desk.Time);
            foreach (var account in _meta.Accounts)
            {
                if (!SimMeta.IsAlive(account) || !_world.Store.Channels.IsStopped(account.Key)) continue;
                await TryAsync<object>(async api =>
                {
                    await api.RestoreAsync(account.Key);
                    return account;
                });
            }
        }
    }

    /// <summary>Asks an API instance; null where there is none, or it has no answer.</summary>
    private async Task<T?> TryAsync<T>(Func<ApiNode, Task<T?>> ask)
        where T : class
    {
        var apis = _world.Apis.ToList();
        if (apis.Count == 0) return null;
        try
        {
            var api = _random.Pick(apis);
            return await _world.RequestAsync(_desk, api, () => ask(api));
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>A person's chat with an account.</summary>
    /// <param name="Derived">The conversation that the person's own message makes.</param>
    /// <param name="Desk">The one that the desk makes where there is none.</param>
    private sealed record Thread(SimAccount Account, Person Person, Guid Derived, Guid Desk, Guid Poster);
}
