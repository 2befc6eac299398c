using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Graph;
using Chat.MetaSimulator.Instagram;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.People;
using Chat.MetaSimulator.Webhooks;

namespace Chat.MetaSimulator.World;

/// <summary>
/// Meta, as far as two channels see it: accounts, people, what was sent, and what webhooks will tell. A machine without I/O: requests, what
/// people do and the time go in; answers and updates come out. Everything that is drawn comes from one seed.
/// </summary>
public sealed partial class MetaWorld
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    private readonly Random _random;
    private readonly Dictionary<string, MetaApp> _apps = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Channel, string Id), MetaAccount> _accounts = [];
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Person> _byNumber = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Person> _byUserId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Person> _byInstagramId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Person Person, ChatThread Thread, PhoneMessage Message)> _messages = new(StringComparer.Ordinal);
    private readonly HashSet<(string Name, string Language)> _templates = [("hello_world", "en_US")];

    /// <param name="seed">Two worlds of one seed that are asked the same at the same times answer the same.</param>
    public MetaWorld(int seed)
    {
        _random = new(seed);
        Updates = new(_random);
    }

    public Faults Faults { get; set; } = new();

    public NewPeople NewPeople { get; set; } = new();

    public UpdateQueue Updates { get; }

    public PlannedErrors PlannedErrors { get; } = new();

    public MediaShelf Media { get; } = new();

    /// <summary>Rises with everything that a phone may show.</summary>
    public long Version { get; private set; }

    public IReadOnlyCollection<MetaAccount> Accounts => _accounts.Values;

    public IReadOnlyCollection<Person> People => _people.Values;

    /// <summary>Adds an app, or gives it another secret or callback.</summary>
    public void SetApp(MetaApp app) => _apps[app.Name] = app;

    public MetaApp? FindApp(string name) => _apps.GetValueOrDefault(name);

    /// <summary>The app that gets an account's webhooks; null where none does.</summary>
    public MetaApp? AppOf(MetaAccount account) => account.IsSubscribed ? _apps.GetValueOrDefault(account.App) : null;

    /// <summary>An account, made where there is none.</summary>
    public MetaAccount GetOrAddAccount(string channel, string id)
    {
        if (!_accounts.TryGetValue((channel, id), out var account)) _accounts[(channel, id)] = account = new(channel, id);
        Version++;
        return account;
    }

    public MetaAccount? FindAccount(string channel, string id) => _accounts.GetValueOrDefault((channel, id));

    /// <summary>The account that a token belongs to.</summary>
    public MetaAccount? FindByToken(string token) => _accounts.Values.FirstOrDefault(a => a.Tokens.ContainsKey(token));

    /// <summary>Adds a template that may be sent.</summary>
    public void AddTemplate(string name, string language) => _templates.Add((name, language));

    /// <summary>Adds a person, or changes one of the same id.</summary>
    public Person SetPerson(string id, string name, string? number, string? waId, string? userId, string? instagramId)
    {
        if (!_people.TryGetValue(id, out var person)) _people[id] = person = new(id, name);
        person.Name = name;
        if ((waId ?? number) is { } digits)
        {
            person.WaId = digits;
            _byNumber[WaNumbers.Key(digits)] = person;
        }
        if (userId is not null) _byUserId[person.UserId = userId] = person;
        if (instagramId is not null) _byInstagramId[person.InstagramId = instagramId] = person;
        Version++;
        return person;
    }

    public Person? FindPerson(string id) => _people.GetValueOrDefault(id);

    /// <summary>A message of any chat, by its id.</summary>
    public (Person Person, ChatThread Thread, PhoneMessage Message)? FindMessage(string id) =>
        _messages.TryGetValue(id, out var found) ? found : null;

    /// <summary>An update of the caller's own making, as it is; false where it can't be written.</summary>
    public bool AddRaw(MetaAccount account, string field, string? list, JsonObject item, JsonObject? contact, DateTimeOffset now)
    {
        if (!MetaJson.CanWrite(item) || (contact is not null && !MetaJson.CanWrite(contact))) return false;
        Updates.Add(new(account, field, list, item, contact, now));
        return true;
    }

    /// <summary>Keeps a file for an account.</summary>
    public MediaFile AddMedia(MetaAccount account, byte[] bytes, string mimeType, string? fileName, TimeSpan life, DateTimeOffset now)
    {
        var file = new MediaFile(Digits(15), account, bytes, mimeType, fileName, now + life);
        Media.Add(file);
        return file;
    }

    /// <summary>Draws digits, the first not 0.</summary>
    public string Digits(int count) => string.Create(count, _random, static (span, random) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = (char)('0' + random.Next(i == 0 ? 1 : 0, 10));
    });

    /// <summary>Draws a trace id, as errors carry one.</summary>
    public string Trace() => Text(16);

    private string Text(int bytes)
    {
        var drawn = new byte[bytes];
        _random.NextBytes(drawn);
        return Convert.ToBase64String(drawn).Replace('+', 'A').Replace('/', 'B').TrimEnd('=');
    }

    private GraphAnswer Refuse(GraphError error, string? product) =>
        new(error.Status, error.ToAnswer(Trace(), product), error.RetryAfterSeconds);

    private bool Draw(double share) => share > 0 && _random.NextDouble() < share;

    private Fate DrawFate(double share) => !Draw(share) ? Fate.Answered : Draw(Faults.Silences) ? Fate.Silence : Fate.Reset;

    private void Add(ChatThread thread, Person person, PhoneMessage message)
    {
        _messages[message.Id] = (person, thread, message);
        Version++;
    }

    /// <summary>Queues an update of a chat's: behind those before it, unless it is drawn that later ones pass it.</summary>
    /// <param name="step">After how many steps it is told.</param>
    private void Tell(ChatThread thread, string field, string? list, JsonObject item, JsonObject? contact, DateTimeOffset now, int step)
    {
        var wait = (Faults.StepMilliseconds * (double)step) + _random.Next(Faults.JitterMilliseconds + 1);
        var due = now.AddMilliseconds(wait);
        if (due < thread.LastDue) due = thread.LastDue;
        if (Draw(Faults.Disorder)) due = due.AddMilliseconds((Faults.StepMilliseconds + 50d) * _random.Next(2, 20));
        else thread.LastDue = due;
        Enqueue(thread, field, list, item, contact, due);
    }

    /// <summary>Queues an update, and perhaps a copy; nothing of a field that nobody subscribed to.</summary>
    private void Enqueue(ChatThread thread, string field, string? list, JsonObject item, JsonObject? contact, DateTimeOffset due)
    {
        if (thread.Account.Channel == ChannelNames.Instagram && !thread.Account.Fields.Contains(InstagramUpdates.FieldOf(item))) return;
        Updates.Add(new(thread.Account, field, list, item, contact, due));
        if (Draw(Faults.Duplicates))
            Updates.Add(new(thread.Account, field, list, item, contact, due.AddMilliseconds(_random.Next(1, 2000))));
    }
}
