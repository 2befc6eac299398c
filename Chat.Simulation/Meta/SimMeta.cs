using System.Text.Json.Nodes;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Contacts;
using Chat.Core.Engines;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Graph;
using Chat.MetaSimulator.People;
using Chat.MetaSimulator.Webhooks;
using Chat.MetaSimulator.World;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Meta;

/// <summary>An account of a desk's, and what it is at Meta.</summary>
public sealed record SimAccount(AccountKey Key, Guid Organization, string Token, MetaAccount AtMeta)
{
    public bool IsInstagram => Key.Channel == ChannelCatalog.Instagram;

    /// <summary>A person's address for this account, as the desk writes it.</summary>
    public string AddressOf(Person person) => IsInstagram ? person.InstagramId! : person.Id;

    public ContactAddress ContactOf(Person person) => ContactAddress.Find(Key.Channel, AddressOf(person))!.Value;
}

/// <summary>
/// Meta in the simulated world: Chat.MetaSimulator's machine by the run's clock, whose webhooks go to whichever API instance is there.
/// </summary>
public sealed class SimMeta
{
    private const string Secret = "the secret of an app";

    private readonly World _world;
    private TimeSpan? _armed;

    public SimMeta(World world, IReadOnlyList<Guid> organizations)
    {
        _world = world;
        Random = world.Random.Fork();
        Machine = new((int)(Random.Next64() >> 33)) { Faults = world.Plan.Meta.ToFaults() };
        NotSent = world.Plan.Meta.NotSent;
        Machine.SetApp(new(Account.DefaultApp, Secret, new("https://api.example/v1/webhooks")));
        foreach (var channel in ChannelCatalog.Names)
        {
            var app = new OwnApp();
            app.Secrets.Add(Secret);
            Options.Apps[channel] = new() { [Account.DefaultApp] = app };
        }
        Accounts = [.. Enumerable.Range(0, world.Plan.Accounts).Select(i => AddAccount(i, organizations[i == 2 ? 1 : 0]))];
        People = [.. Enumerable.Range(0, world.Plan.Meta.People).Select(AddPerson)];
    }

    public MetaWorld Machine { get; }

    public SimRandom Random { get; }

    /// <summary>The configuration of all services.</summary>
    public AccountsOptions Options { get; } = new();

    public IReadOnlyList<SimAccount> Accounts { get; }

    public IReadOnlyList<Person> People { get; }

    /// <summary>Share of requests that never leave.</summary>
    public double NotSent { get; private set; }

    public DateTimeOffset Now => SimTime.Start + _world.Scheduler.Now;

    /// <summary>Something happens at Meta or on a phone; what it makes Meta tell is told.</summary>
    public T Do<T>(Func<MetaWorld, DateTimeOffset, T> what)
    {
        var result = what(Machine, Now);
        Pump();
        return result;
    }

    /// <inheritdoc cref="Do{T}"/>
    public void Do(Action<MetaWorld, DateTimeOffset> what) => Do((machine, now) =>
    {
        what(machine, now);
        return true;
    });

    /// <summary>A request to send that has arrived.</summary>
    public GraphAnswer Take(string channel, string accountId, string token, ReadOnlyMemory<byte> json) => Do((machine, now) =>
    {
        var account = machine.FindAccount(channel, accountId)!;
        if (!account.Tokens.ContainsKey(token))
        {
            var refused = KnownErrors.Of(190);
            return new GraphAnswer(refused.Status, refused.ToAnswer(machine.Trace(), null));
        }
        var body = (JsonObject)JsonNode.Parse(json.Span)!;
        return account.Channel == ChannelNames.WhatsApp
            ? machine.PostWhatsApp(account, body, now)
            : machine.PostInstagram(account, body, now);
    });

    /// <summary>Whether a provider takes an account's token.</summary>
    public static bool IsAlive(SimAccount account) => account.AtMeta.Tokens.Count > 0;

    public static void SetToken(SimAccount account, bool isAlive)
    {
        account.AtMeta.Tokens.Clear();
        if (isAlive) account.AtMeta.Tokens[account.Token] = new(account.Token, SimTime.Start, null);
    }

    /// <summary>Nothing goes wrong from here on.</summary>
    public void Clear()
    {
        NotSent = 0;
        Machine.Faults = new();
        Machine.PlannedErrors.Clear();
        foreach (var account in Accounts) SetToken(account, isAlive: true);
    }

    private SimAccount AddAccount(int index, Guid organization)
    {
        var isInstagram = index > 0 && Random.Chance(_world.Plan.Meta.Instagram);
        var key = new AccountKey(
            isInstagram ? ChannelCatalog.Instagram : ChannelCatalog.WhatsApp, isInstagram ? $"1784140000{index}" : $"1060000000{index}");
        var atMeta = Machine.GetOrAddAccount(key.Channel, key.AccountId);
        if (!isInstagram) (atMeta.BusinessId, atMeta.DisplayName) = ($"2060000000{index}", $"+49 30 555 00 {index}0");
        atMeta.App = Account.DefaultApp;
        var account = new SimAccount(key, organization, $"token-{index}", atMeta);
        SetToken(account, isAlive: true);
        Options.Own.Add(new()
        {
            Channel = key.Channel,
            AccountId = key.AccountId,
            OrganizationId = organization,
            BusinessId = isInstagram ? null : atMeta.BusinessId,
            AccessToken = account.Token,
        });
        return account;
    }

    // The first is from Brazil, and has an account from before the ninth digit.
    private Person AddPerson(int index)
    {
        var number = index == 0 ? "5511987654321" : $"49170555{index}00";
        var waId = index == 0 ? "551187654321" : number;
        var person = Machine.SetPerson(
            number, $"Person {index}", number, waId, Random.Chance(0.5) ? $"BR.1349000{index}" : null, $"90000{index}");
        // Who has not written within a day gets no answer, which is refused with a reason.
        foreach (var account in Accounts)
        {
            if (Random.Chance(0.9)) person.With(account.AtMeta).LastWroteAt = SimTime.Start;
        }
        return person;
    }

    private void Pump()
    {
        foreach (var batch in Machine.Updates.Take(Now, Machine.Faults, Machine.AppOf))
            _world.Scheduler.World.Post(() => _ = DeliverAsync(batch));
        Arm();
    }

    private void Arm()
    {
        if (Machine.Updates.NextDue() is not { } next) return;
        var due = next - SimTime.Start;
        if (_armed is { } armed && armed <= due && armed > _world.Scheduler.Now) return;
        _armed = due;
        _world.Scheduler.After(due - _world.Scheduler.Now, _world.Scheduler.World, () =>
        {
            if (_armed == due) _armed = null;
            Pump();
        });
    }

    private async Task DeliverAsync(Batch batch)
    {
        var apis = _world.Apis.ToList();
        var isTaken = false;
        if (apis.Count > 0)
        {
            var api = Random.Pick(apis);
            // A webhook is of one channel: its object says of which.
            var isInstagram = batch.Body.AsSpan().IndexOf("\"object\":\"instagram\""u8) >= 0;
            var channel = isInstagram ? ChannelCatalog.Instagram : ChannelCatalog.WhatsApp;
            var signature = MetaJson.Sign(batch.App.Secret, batch.Body);
            try
            {
                isTaken = await _world.RequestAsync(
                    _world.Scheduler.World, api, () => api.ReceiveWebhookAsync(channel, batch.Body, signature));
            }
            catch (Exception exception) when (exception is IOException or TimeoutException or EngineRefusedException)
            {
                // It comes again.
            }
        }
        if (!isTaken) _world.TraceWriter.Write("meta", $"a webhook of {batch.Updates} updates was not taken");
        Machine.Updates.Answered(batch, isTaken, Now, Machine.Faults);
        Pump();
    }
}
