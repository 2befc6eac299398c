using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Chat.Connectors;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;

namespace Chat.Tests.Tenancy;

/// <summary>
/// Users of many organizations do at random all that the API lets them do, with their own ids and with others', over HTTP and the
/// WebSocket of the whole graph in this process. Every body, header and frame that comes back is searched for anything of another
/// organization's: ids, texts, heads.
/// </summary>
internal sealed partial class LeakRun : IAsyncDisposable
{
    private const int UsersEach = 2;
    private const int ConversationsEach = 3;
    private const int AccountCount = 6;

    private readonly ApiHost _host;
    private readonly Random _random;
    private readonly List<Member> _members = [];
    private readonly List<Conversation> _conversations = [];
    private readonly List<(Guid Id, Conversation Conversation)> _messages = [];

    // Whose each id is: the number of its organization.
    private readonly Dictionary<Guid, int> _owners = [];
    private readonly Dictionary<string, string> _refusals = [];

    // Which organization connected which account, by its id.
    private readonly Dictionary<int, int> _accounts = [];
    private readonly List<string> _leaks = [];
    private long _lastSeq;
    private int _operation;

    private LeakRun(ApiHost host, int seed) => (_host, _random) = (host, new(seed));

    /// <summary>What was found; empty where nothing leaks.</summary>
    public IReadOnlyList<string> Leaks => _leaks;

    public int Answers { get; private set; }

    public int Frames { get; private set; }

    /// <summary>Answers that were refused since something is another organization's, or unknown.</summary>
    public int Refused { get; private set; }

    public static async Task<LeakRun> StartAsync(int organizations, int seed)
    {
        var host = await ApiHost.StartAsync(
            new()
            {
                ["Messages:FindWait"] = "00:00:00.005",
                ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00.020",
                ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00.040",
                ["Connectors:Channels:whatsapp:FailureShare"] = "0.3",
                ["Accounts:EncryptionKeys:0"] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            },
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.AddStatusWorker();
                builder.AddConnectors();
            });
        var run = new LeakRun(host, seed);
        for (var i = 0; i < organizations; i++) await run.AddOrganizationAsync(i);
        // One without an organization, who never posts: everything is somebody else's.
        await run.AddMemberAsync(-1, null);
        return run;
    }

    public async Task RunAsync(int operations)
    {
        for (_operation = 0; _operation < operations; _operation++)
        {
            await OperateAsync();
            foreach (var member in _members) TakeFrames(member);
        }
        foreach (var member in _members)
        {
            await member.Socket.SendAsync(new { type = "ping" });
            while (true)
            {
                var frame = await member.Socket.NextAsync();
                Check(member, frame);
                if (frame.Is("pong")) break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members) await member.Socket.DisposeAsync();
        await _host.DisposeAsync();
    }

    private async Task AddOrganizationAsync(int number)
    {
        var id = NewId(number);
        for (var i = 0; i < ConversationsEach; i++) _conversations.Add(new(NewId(number), number));
        for (var i = 0; i < UsersEach; i++) await AddMemberAsync(number, id);
    }

    private async Task AddMemberAsync(int number, Guid? organization)
    {
        var user = NewId(number);
        var token = ApiHost.Token(user, organization, seconds: 3600, role: "admin");
        _members.Add(new(number, organization, user, token, await TestSocket.OpenAsync(_host.Client.BaseAddress!, token)));
    }

    private Guid NewId(int organization)
    {
        var id = Guid.NewGuid();
        _owners[id] = organization;
        return id;
    }

    // --- Operations ---

    private Task OperateAsync()
    {
        var member = Pick(_members);
        return _random.Next(15) switch
        {
            0 or 1 => SubscribeAsync(member),
            2 => UnsubscribeAsync(member),
            3 or 4 or 5 => PostAsync(member),
            6 or 7 => ReadPageAsync(member),
            8 => ReadMessageAsync(member, ""),
            9 => ReadMessageAsync(member, "/timeline"),
            10 => CallBackAsync(),
            11 => ReadOperationsAsync(member),
            12 or 13 => UseAccountsAsync(member),
            _ => SendTokenAsync(member),
        };
    }

    private Task SubscribeAsync(Member member)
    {
        var conversation = PickConversation(member).Id;
        member.Asked.Add(conversation);
        return _random.Next(3) == 0
            ? member.Socket.SendAsync(new { type = "subscribe", conversationId = conversation })
            : member.Socket.SendAsync(new { type = "subscribe", conversationId = conversation, since = PickSince() });
    }

    private Task UnsubscribeAsync(Member member)
    {
        var conversation = PickConversation(member).Id;
        member.Asked.Add(conversation);
        return member.Socket.SendAsync(new { type = "unsubscribe", conversationId = conversation });
    }

    // Replays from the beginning, from some number that somebody got, and from one that nobody has.
    private long PickSince() => _random.Next(3) switch { 0 => 0, 1 => _lastSeq, _ => 1L << 50 };

    private async Task PostAsync(Member member)
    {
        var conversation = PickConversation(member);
        if (member.Organization is not { } organization) return;
        // To one that nobody owns only its own organization posts, or it would be another's from then on.
        if (!conversation.IsOwned && conversation.Organization != member.Number) return;
        var text = $"segredo-{conversation.Organization}-{_random.Next()}";
        var body = $$"""
            {"conversaId":"{{conversation.Id}}","organizacaoId":"{{organization}}",
            "usuarioRemetenteId":"{{member.User}}","tipo":"text","conteudo":{"texto":"{{text}}"},"direcao":"outbound"}
            """;
        // A few keys that all organizations use: what one has posted under it is nothing of another's.
        var key = _random.Next(3) == 0 ? $"key-{_random.Next(5)}" : null;
        var answer = await _host.PostAsync("/v1/messages", member.Token, body, key);
        Check(member, answer, [conversation.Id]);
        if (conversation.Organization != member.Number) CheckRefusal("post", answer, HttpStatusCode.Forbidden, conversation.Id);
        else conversation.IsOwned = true;
        if (answer.Status != HttpStatusCode.Accepted) return;
        if (answer.Json.Id("conversationId") != conversation.Id) return;
        _owners[answer.Json.Id("messageId")] = conversation.Organization;
        _messages.Add((answer.Json.Id("messageId"), conversation));
    }

    private async Task ReadPageAsync(Member member)
    {
        var conversation = PickConversation(member);
        var before = _messages.Count > 0 && _random.Next(3) == 0 ? Pick(_messages).Id : (Guid?)null;
        var cursorPart = before is null ? "" : $"&before={before}";
        var answer = await _host.GetAsync($"/v1/conversations/{conversation.Id}/messages?limit=5{cursorPart}", member.Token);
        Check(member, answer, before is { } cursor ? [conversation.Id, cursor] : [conversation.Id]);
        if (conversation.Organization == member.Number) return;
        if (conversation.IsOwned) CheckRefusal("page", answer, HttpStatusCode.Forbidden, conversation.Id);
        else CheckRefusal("unowned page", answer, HttpStatusCode.OK, conversation.Id);
    }

    /// <summary>Another organization's message and one that nobody knows are answered alike.</summary>
    private async Task ReadMessageAsync(Member member, string part)
    {
        if (_messages.Count == 0) return;
        var (id, conversation) = Pick(_messages);
        var answer = await _host.GetAsync($"/v1/messages/{id}{part}", member.Token);
        Check(member, answer, [id]);
        if (conversation.Organization == member.Number) return;
        var unknown = Alike(id);
        var other = await _host.GetAsync($"/v1/messages/{unknown}{part}", member.Token);
        // Whether to try again depends on the id's age alone, so only answers of one moment are compared.
        CheckRefusal($"message{part} {_operation}", answer, HttpStatusCode.NotFound, id);
        CheckRefusal($"message{part} {_operation}", other, HttpStatusCode.NotFound, unknown);
    }

    /// <summary>What operators see of all organizations is nobody else's, whatever is asked for.</summary>
    private async Task ReadOperationsAsync(Member member)
    {
        var id = _messages.Count > 0 ? Pick(_messages).Id : Guid.NewGuid();
        var path = _random.Next(4) switch
        {
            0 => "",
            1 => "/dead-letters",
            2 => "/parked",
            _ => $"/messages/{id}",
        };
        var answer = await _host.GetAsync($"/v1/operations{path}", member.Token);
        Check(member, answer, []);
        CheckRefusal("operations", answer, HttpStatusCode.Forbidden, id);
    }

    /// <summary>
    /// Accounts are connected, changed and removed by their own organization alone, and another's are answered as those that nobody has.
    /// </summary>
    private async Task UseAccountsAsync(Member member)
    {
        var (number, mine) = (_random.Next(AccountCount), $"segredo-{member.Number}-{_random.Next()}");
        // Of Instagram: nothing is posted through it here.
        var path = $"/v1/accounts/instagram/{number}";
        var owner = _accounts.TryGetValue(number, out var connected) ? connected : (int?)null;
        var json = $$"""{"channel":"instagram","accountId":"{{number}}","displayName":"{{mine}}","verifyTokens":["{{mine}}"]}""";
        var operation = _random.Next(5);
        var answer = operation switch
        {
            0 or 1 => await _host.PostAsync("/v1/accounts", member.Token, json),
            2 => await _host.GetAsync("/v1/accounts", member.Token),
            3 => await _host.SendAsync(
                _random.Next(2) == 0 ? HttpMethod.Get : HttpMethod.Delete, path, member.Token, content: null),
            _ => await _host.SendAsync(
                HttpMethod.Patch,
                path,
                member.Token,
                new StringContent($$"""{"displayName":"{{mine}}"}""", Encoding.UTF8, "application/json")),
        };
        Check(member, answer, []);
        if (member.Number < 0) CheckRefusal("accounts", answer, HttpStatusCode.Forbidden, Guid.Empty);
        else if (operation is 0 or 1 && owner is not null) CheckRefusal("connected", answer, HttpStatusCode.Conflict, Guid.Empty);
        else if (operation > 2 && owner != member.Number) CheckRefusal("account", answer, HttpStatusCode.NotFound, Guid.Empty);
        if (answer.Status == HttpStatusCode.Created) _accounts[number] = member.Number;
        if (answer.Status == HttpStatusCode.NoContent) _accounts.Remove(number);
    }

    /// <summary>A connector reports, with its channel's key: also another conversation's message, or another organization's.</summary>
    private async Task CallBackAsync()
    {
        if (_messages.Count == 0) return;
        var (id, conversation) = _random.Next(4) == 0 ? (Guid.NewGuid(), Pick(_conversations)) : Pick(_messages);
        var named = _random.Next(4) == 0 ? Pick(_conversations).Id : conversation.Id;
        var member = Pick(_members);
        var organization = member.Organization is { } other && _random.Next(3) == 0 ? $",\"organizacao_id\":\"{other}\"" : "";
        var json = $$"""
            {"message_id":"{{id}}","conversation_id":"{{named}}","channel":"whatsapp","status":"FAILED",
            "reason":"segredo-{{conversation.Organization}}-{{_random.Next()}}"{{organization}}}
            """;
        var answer = await _host.PostAsync("/v1/callbacks/status", ApiHost.CallbackKey, json);
        Check(new(-1, null, Guid.Empty, "", null!), answer, [id, named]);
        if (answer.Status == HttpStatusCode.Accepted) CheckRefusal("callback", answer, HttpStatusCode.Accepted, id);
    }

    /// <summary>A fresh token, its own or another's.</summary>
    private Task SendTokenAsync(Member member) => member.Socket.SendAsync(
        new { type = "auth", token = _random.Next(2) == 0 ? member.Token : Pick(_members).Token });

    // --- What must hold ---

    private void TakeFrames(Member member)
    {
        while (member.Socket.Frames.TryRead(out var frame)) Check(member, frame);
    }

    private void Check(Member member, JsonElement frame)
    {
        Frames++;
        var conversation = frame.TryGetProperty("conversationId", out var id) ? id.GetGuid() : (Guid?)null;
        var isOwn = conversation is { } known && _owners[known] == member.Number;
        if (frame.TryGetProperty("seq", out var seq) && conversation is not null)
        {
            if (isOwn) _lastSeq = Math.Max(_lastSeq, seq.GetInt64());
            else if (seq.GetInt64() != 0) _leaks.Add($"{member.Number} got a head: {frame}");
        }
        if (frame.Is("message.status") && !isOwn) _leaks.Add($"{member.Number} got a status: {frame}");
        // What it asked for is repeated to it, and nothing else of it.
        if (frame.Is("error") && frame.Text("code") == "forbidden") Refuse("frame", frame.GetRawText(), conversation!.Value);
        Check(member, frame.GetRawText(), member.Asked);
    }

    private void Check(Member member, Answer answer, IReadOnlyCollection<Guid> asked)
    {
        Answers++;
        if ((int)answer.Status >= 500) _leaks.Add($"{(int)answer.Status}: {answer.Body}");
        Check(member, answer.Body, asked);
        foreach (var header in answer.Headers.SelectMany(h => h)) Check(member, header, asked);
    }

    private void Check(Member member, string text, IReadOnlyCollection<Guid> asked)
    {
        foreach (var match in Ids().EnumerateMatches(text))
        {
            var id = Guid.Parse(text.AsSpan(match.Index, match.Length));
            if (_owners.TryGetValue(id, out var owner) && owner != member.Number && !asked.Contains(id))
                _leaks.Add($"{member.Number} got {id} of {owner}: {text}");
        }
        foreach (Match match in Secrets().Matches(text))
        {
            if (match.Groups[1].Value != $"{member.Number}") _leaks.Add($"{member.Number} got {match.Value}: {text}");
        }
    }

    private void CheckRefusal(string kind, Answer answer, HttpStatusCode status, Guid asked)
    {
        if (answer.Status != status) _leaks.Add($"{kind}: {(int)answer.Status} and not {(int)status}: {answer.Body}");
        var headers = answer.Headers
            .Where(h => h.Key != "Date")
            .SelectMany(h => h.Select(value => $"{h.Key}: {value}"))
            .Order(StringComparer.Ordinal);
        Refuse(kind, $"{(int)answer.Status} {string.Join(", ", headers)} {answer.Body}", asked);
    }

    /// <summary>All answers of a kind are the same but for the id that was asked for, and for what differs by the moment.</summary>
    private void Refuse(string kind, string text, Guid asked)
    {
        Refused++;
        var told = Moments().Replace(text.Replace(asked.ToString("D"), "{id}"), "{moment}");
        if (!_refusals.TryAdd(kind, told) && _refusals[kind] != told) _leaks.Add($"{kind}: {told}\n  and before {_refusals[kind]}");
    }

    private Conversation PickConversation(Member member)
    {
        var own = _conversations.Where(c => c.Organization == member.Number).ToList();
        return own.Count > 0 && _random.Next(2) == 0 ? Pick(own) : Pick(_conversations);
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    // Made in the same millisecond, by nobody.
    private static Guid Alike(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[15] ^= 0x55;
        bytes[12] ^= 0x55;
        return new(bytes, bigEndian: true);
    }

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")]
    private static partial Regex Ids();

    [GeneratedRegex("segredo-(-?[0-9]+)-[0-9]+")]
    private static partial Regex Secrets();

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9]{2}|Content-Length: [0-9]+")]
    private static partial Regex Moments();

    private sealed class Conversation(Guid id, int organization)
    {
        public Guid Id => id;

        public int Organization => organization;

        /// <summary>Whether somebody posted to it.</summary>
        public bool IsOwned { get; set; }
    }

    /// <param name="Number">Its organization's; -1 for none.</param>
    private sealed record Member(int Number, Guid? Organization, Guid User, string Token, TestSocket Socket)
    {
        public HashSet<Guid> Asked { get; } = [];
    }
}
