using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Webhooks;
using Chat.Tests.Accounts;
using Chat.Tests.Api;
using Chat.Tests.Api.Operations;
using Chat.Tests.Graph;

namespace Chat.Tests.Described;

/// <summary>A request.</summary>
/// <param name="Type">Of the body.</param>
/// <param name="Origin">The header of a web page.</param>
/// <param name="Proxy">Whether a proxy passed it on that nobody knows.</param>
/// <param name="Stalls">Whether the last byte of the body does not come.</param>
internal sealed record Call(
    HttpMethod Method,
    string Path,
    string? Token = null,
    string? Body = null,
    string Type = "application/json",
    string? Key = null,
    string? Origin = null,
    bool Proxy = false,
    bool Upgrade = false,
    string? Signature = null,
    bool Stalls = false)
{
    public static Call Get(string path, string? token = null) => new(HttpMethod.Get, path, token);

    public static Call Post(string path, string? token, string body) => new(HttpMethod.Post, path, token, body);
}

/// <summary>How to get a documented answer.</summary>
/// <param name="Answer">The operation and the status code, as <c>GetMessage 404</c>.</param>
/// <param name="Prepare">Does what has to be done before, and answers with the request; it is repeated until the answer comes.</param>
internal sealed record Provocation(string Answer, HostState Host, Func<ApiHost, Task<Call>> Prepare)
{
    private const string Messages = "/v1/messages";
    private const string View = "/v1/operations";
    private const string AccountsPath = "/v1/accounts";

    private static readonly Guid OldMessage = Guid.Parse("01900000-0000-7000-8000-000000000001");

    /// <summary>A row for each answer of the document.</summary>
    public static IReadOnlyList<Provocation> All { get; } =
    [
        .. Posts(), .. Reads(), .. Signals(), .. Callbacks(), .. Webhooks(), .. Tokens(), .. Sockets(), .. Operations(), .. Accounts(),
        .. Others(),
        .. Defects(),
    ];

    private static IEnumerable<Provocation> Posts()
    {
        yield return Row("PostMessage 202", PostOf(new()));
        yield return Row("PostMessage 400", Call.Post(Messages, new Desk().Token, "{}"));
        yield return Row("PostMessage 401", Call.Post(Messages, "no token", new Desk().Body()));
        yield return Row("PostMessage 403", Call.Post(Messages, new Desk().Token, new Desk().Body()));
        yield return Row("PostMessage 413", Call.Post(Messages, new Desk().Token, new string(' ', 70_000)));
        yield return Row("PostMessage 415", Call.Post(Messages, new Desk().Token, "{}") with { Type = "text/plain" });
        yield return new("PostMessage 422", HostState.Plain, async host =>
        {
            var desk = new Desk();
            (await host.PostAsync(Messages, desk.Token, desk.Body(), "a-key")).Is(HttpStatusCode.Accepted);
            return Call.Post(Messages, desk.Token, desk.Body("Outra")) with { Key = "a-key" };
        });
        yield return Row("PostMessage 429", PostOf(new()), HostState.Limited);
        yield return Row("PostMessage 503", PostOf(new()), HostState.Down);
    }

    private static IEnumerable<Provocation> Reads()
    {
        foreach (var (id, path, missing) in ((string, string, int)[])
            [
                ("GetMessage", "/v1/messages/{0}", 404), ("GetTimeline", "/v1/messages/{0}/timeline", 404),
                ("ListMessages", "/v1/conversations/{0}/messages", 403), ("GetConversation", "/v1/conversations/{0}", 403),
            ])
        {
            var ofNobody = Address(path, OldMessage);
            yield return new($"{id} 200", HostState.Plain, async host =>
            {
                var desk = new Desk();
                var posted = (await host.PostAsync(Messages, desk.Token, desk.Body())).Is(HttpStatusCode.Accepted).Json;
                var asked = id is "ListMessages" or "GetConversation" ? desk.Conversation : posted.GetProperty("messageId").GetGuid();
                return Call.Get(Address(path, asked), desk.Token);
            });
            yield return Row($"{id} 400", Call.Get(Address(path, "x"), new Desk().Token));
            yield return Row($"{id} 401", Call.Get(ofNobody));
            yield return missing == 404
                ? Row($"{id} 404", Call.Get(ofNobody, new Desk().Token))
                : new($"{id} 403", HostState.Plain, async host =>
                {
                    var desk = new Desk();
                    (await host.PostAsync(Messages, desk.Token, desk.Body())).Is(HttpStatusCode.Accepted);
                    return Call.Get(Address(path, desk.Conversation), new Desk().Token);
                });
            yield return Row($"{id} 429", Call.Get(ofNobody, new Desk().Token), HostState.Limited);
            yield return Row($"{id} 503", Call.Get(ofNobody, new Desk().Token), HostState.Down);
        }
        const string media = "/v1/messages/{0}/media";
        yield return new("GetMedia 200", HostState.Plain, async host =>
        {
            var desk = new Desk { Organization = DescribedHosts.Organization };
            var id = Guid.CreateVersion7();
            var at = MessageIds.CreatedAt(id)!.Value;
            var cancellation = TestContext.Current.CancellationToken;
            await host.Store.Conversations.ClaimConversationAsync(new(desk.Conversation, desk.Organization, at), cancellation);
            var message = new Message(
                id,
                desk.Conversation,
                desk.Organization,
                Guid.NewGuid(),
                "instagram",
                MessageDirection.Inbound,
                MessageTypes.Image,
                """{"midia":{"link":"http://127.0.0.1:1/a-file"}}""",
                Recipient: null,
                at,
                AccountId: DescribedHosts.AccountId);
            await host.Store.Messages.AddMessagesAsync([message], cancellation);
            return Call.Get(Address(media, id), desk.Token);
        });
        yield return Row("GetMedia 400", Call.Get(Address(media, "x"), new Desk().Token));
        yield return Row("GetMedia 401", Call.Get(Address(media, OldMessage)));
        yield return Row("GetMedia 404", Call.Get(Address(media, OldMessage), new Desk().Token));
        yield return Row("GetMedia 429", Call.Get(Address(media, OldMessage), new Desk().Token), HostState.Limited);
        yield return Row("GetMedia 503", Call.Get(Address(media, OldMessage), new Desk().Token), HostState.Down);
        yield return Row("GetConversation 404", Call.Get(Address("/v1/conversations/{0}", OldMessage), new Desk().Token));
        yield return Row("ListChannels 200", Call.Get("/v1/channels", new Desk().Token));
        yield return Row("ListChannels 401", Call.Get("/v1/channels"));
        yield return Row("ListChannels 503", Call.Get("/v1/channels", new Desk().Token), HostState.Down);
    }

    private static IEnumerable<Provocation> Signals()
    {
        foreach (var (id, path) in new[] { ("MarkRead", "/v1/conversations/{0}/read"), ("ShowTyping", "/v1/conversations/{0}/typing") })
        {
            yield return Row($"{id} 202", SignalOf(new()));
            yield return Row($"{id} 400", new Call(HttpMethod.Post, Address(path, "x"), new Desk().Token));
            yield return Row($"{id} 401", SignalOf(new()) with { Token = null });
            yield return new($"{id} 403", HostState.Plain, async host =>
            {
                var desk = new Desk();
                (await host.PostAsync(Messages, desk.Token, desk.Body())).Is(HttpStatusCode.Accepted);
                return SignalOf(desk) with { Token = new Desk().Token };
            });
            yield return Row($"{id} 429", SignalOf(new()), HostState.Limited);
            yield return Row($"{id} 503", SignalOf(new()), HostState.Down);

            Call SignalOf(Desk desk) => new(HttpMethod.Post, Address(path, desk.Conversation), desk.Token);
        }
    }

    private static IEnumerable<Provocation> Callbacks()
    {
        const string path = "/v1/callbacks/status";
        var sent = $$"""{"message_id":"{{OldMessage}}","status":"SENT"}""";
        yield return Row("PostStatus 202", Call.Post(path, ApiHost.CallbackKey, $"[{sent},{{}}]"));
        yield return Row("PostStatus 400", Call.Post(path, ApiHost.CallbackKey, "{}"));
        yield return Row("PostStatus 401", Call.Post(path, "no key", sent));
        yield return Row("PostStatus 413", Call.Post(path, ApiHost.CallbackKey, new string(' ', 300_000)));
        yield return Row("PostStatus 415", Call.Post(path, ApiHost.CallbackKey, sent) with { Type = "text/plain" });
        yield return Row("PostStatus 503", Call.Post(path, ApiHost.CallbackKey, sent), HostState.Down);
    }

    private static IEnumerable<Provocation> Webhooks()
    {
        foreach (var (name, path) in ((string, string)[])
            [("Webhook", "/v1/webhooks/whatsapp"), ("AppWebhook", "/v1/webhooks/whatsapp/other")])
        {
            var asked = $"{path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
            var token = Uri.EscapeDataString(DescribedHosts.VerifyToken);
            var unknown = path.Replace("whatsapp", "pigeon", StringComparison.Ordinal);
            yield return Row($"Verify{name} 200", Call.Get(asked + token));
            yield return Row($"Verify{name} 403", Call.Get(asked + "another"));
            yield return Row($"Verify{name} 404", Call.Get(unknown));
            yield return Row($"Post{name} 200", Signed(path, "{}"));
            yield return Row($"Post{name} 401", Signed(path, "{}") with { Body = "{ }" });
            yield return Row($"Post{name} 404", Signed(unknown, "{}"));
            yield return Row($"Post{name} 408", Signed(path, "{}") with { Stalls = true }, HostState.Limited);
            yield return Row($"Post{name} 413", Signed(path, "{}") with { Body = new string(' ', RawWebhook.MaxBytes + 1) });
            yield return Row($"Post{name} 503", Signed(path, "{}"), HostState.Down);
        }
    }

    private static Call Signed(string path, string body) => Call.Post(path, null, body) with
    {
        Signature = WebhookSignature.Sign(Encoding.UTF8.GetBytes(body), DescribedHosts.AppSecret),
    };

    private static IEnumerable<Provocation> Tokens()
    {
        const string path = "/v1/auth/token";
        var asked = $$"""{"usuarioId":"{{OldMessage}}"}""";
        yield return Row("MintToken 200", Call.Post(path, null, asked));
        yield return Row("MintToken 400", Call.Post(path, null, "{}"));
        yield return Row("MintToken 403", Call.Post(path, null, asked) with { Origin = "https://evil.example" });
        yield return Row("MintToken 404", Call.Post(path, null, asked), HostState.Production);
        yield return Row("MintToken 413", Call.Post(path, null, new string(' ', 10_000)));
        yield return Row("MintToken 415", Call.Post(path, null, asked) with { Type = "text/plain" });
    }

    private static IEnumerable<Provocation> Sockets()
    {
        const string path = "/ws/status";
        yield return Row("OpenSocket 101", Call.Get(path, new Desk().Token) with { Upgrade = true });
        yield return Row("OpenSocket 401", Call.Get(path));
        yield return Row("OpenSocket 403", Call.Get(path, new Desk().Token) with { Origin = "https://evil.example" });
        yield return Row("OpenSocket 426", Call.Get(path, new Desk().Token));
        yield return Row("OpenSocket 429", Call.Get(path), HostState.Limited);
        yield return Row("OpenSocket 503", Call.Get(path, new Desk().Token), HostState.Down);
    }

    private static IEnumerable<Provocation> Operations()
    {
        foreach (var operation in OpenApiDescription.Current.Operations.Where(o => o.Template.StartsWith(View, StringComparison.Ordinal)))
        {
            var (id, call) = (operation.Id, new Call(new(operation.Method), PathOf(operation.Template)));
            var asOperator = call with { Token = Operator.Token };
            yield return Row($"{id} 401", call);
            yield return Row($"{id} 403", call with { Token = new Desk().Token });
            yield return Row($"{id} 429", asOperator, HostState.Limited);
            yield return Row($"{id} 503", asOperator, HostState.Down);
        }
        yield return Row("GetOperations 200", Call.Get(View, Operator.Token));
        foreach (var (id, path) in new[] { ("ListDeadLetters", "/dead-letters"), ("ListParked", "/parked") })
        {
            yield return Row($"{id} 200", Call.Get(View + path, Operator.Token));
            yield return Row($"{id} 400", Call.Get($"{View}{path}?limit=0", Operator.Token));
        }
        yield return new("FollowMessage 200", HostState.Plain, async host =>
        {
            var desk = new Desk();
            var posted = (await host.PostAsync(Messages, desk.Token, desk.Body())).Is(HttpStatusCode.Accepted).Json;
            return Call.Get($"{View}/messages/{posted.GetProperty("messageId").GetGuid()}", Operator.Token);
        });
        yield return Row("FollowMessage 400", Call.Get($"{View}/messages/x", Operator.Token));
        yield return Row("FollowMessage 404", Call.Get($"{View}/messages/{OldMessage}", Operator.Token));
        yield return new("GetDeadLetter 200", HostState.Plain, async host => Call.Get(await PutAsideAsync(host), Operator.Token));
        yield return Row("GetDeadLetter 404", Call.Get($"{View}/dead-letters/messages/0/99999", Operator.Token));
        yield return new("PutBackDeadLetter 200", HostState.Plain, async host =>
            new(HttpMethod.Post, $"{await PutAsideAsync(host)}/put-back", Operator.Token));
        yield return Row("PutBackDeadLetter 404", new(HttpMethod.Post, $"{View}/dead-letters/messages/0/99999/put-back", Operator.Token));
        yield return new("PutBackDeadLetter 409", HostState.Plain, async host =>
        {
            var path = $"{await PutAsideAsync(host)}/put-back";
            (await host.SendAsync(HttpMethod.Post, path, Operator.Token, content: null)).Is(HttpStatusCode.OK);
            return new(HttpMethod.Post, path, Operator.Token);
        });
    }

    private static IEnumerable<Provocation> Accounts()
    {
        // Each of an organization of its own, so that none uses up another's limits.
        static string Admin() => ApiHost.Token(Guid.NewGuid(), Guid.NewGuid(), seconds: 3600, role: "admin");
        const string ofNobody = $"{AccountsPath}/whatsapp/9";
        const string change = """{"displayName":"Desk"}""";
        foreach (var (id, call) in ((string, Call)[])
            [
                ("ListAccounts", Call.Get(AccountsPath)), ("ConnectAccount", Call.Post(AccountsPath, null, AccountBody("8"))),
                ("GetAccount", Call.Get(ofNobody)), ("ChangeAccount", new(HttpMethod.Patch, ofNobody, null, change)),
                ("RemoveAccount", new(HttpMethod.Delete, ofNobody)),
            ])
        {
            yield return Row($"{id} 401", call);
            yield return Row($"{id} 403", call with { Token = new Desk().Token });
            yield return Row($"{id} 429", call with { Token = Admin() }, HostState.Limited);
            yield return Row($"{id} 503", call with { Token = Admin() }, HostState.Down);
            if (id is "GetAccount" or "ChangeAccount" or "RemoveAccount") yield return Row($"{id} 404", call with { Token = Admin() });
            if (id is not ("ConnectAccount" or "ChangeAccount")) continue;
            yield return Row($"{id} 400", call with { Token = Admin(), Body = "[]" });
            yield return Row($"{id} 413", call with { Token = Admin(), Body = new string(' ', 20_000) });
            yield return Row($"{id} 415", call with { Token = Admin(), Type = "text/plain" });
        }
        yield return Row("ListAccounts 200", Call.Get(AccountsPath, Admin()));
        yield return new("ConnectAccount 201", HostState.Plain, _ => Task.FromResult(
            Call.Post(AccountsPath, Admin(), AccountBody(AccountIds.Next()))));
        yield return new("ConnectAccount 409", HostState.Plain, async host =>
        {
            var path = await ConnectAsync(host, Admin());
            return Call.Post(AccountsPath, Admin(), AccountBody(path.Split('/')[^1]));
        });
        yield return Row("ConnectAccount 501", Call.Post(AccountsPath, Admin(), AccountBody("8")), HostState.Production);
        foreach (var (id, call) in ((string, Call)[])
            [
                ("GetAccount 200", Call.Get("")), ("ChangeAccount 200", new(HttpMethod.Patch, "", null, change)),
                ("RemoveAccount 204", new(HttpMethod.Delete, "")),
            ])
        {
            yield return new(id, HostState.Plain, async host =>
            {
                var admin = Admin();
                return call with { Path = await ConnectAsync(host, admin), Token = admin };
            });
        }
        var owner = ApiHost.Token(Guid.NewGuid(), DescribedHosts.Organization, seconds: 3600, role: "admin");
        const string configured = $"{AccountsPath}/instagram/{DescribedHosts.AccountId}";
        yield return Row("ChangeAccount 409", new(HttpMethod.Patch, configured, owner, change));
        yield return Row("RemoveAccount 409", new(HttpMethod.Delete, configured, owner));
        yield return Row(
            "ChangeAccount 501", new(HttpMethod.Patch, ofNobody, Admin(), """{"accessToken":"a-token"}"""), HostState.Production);
    }

    private static IEnumerable<Provocation> Others()
    {
        yield return Row("Health 200", Call.Get("/health"));
        yield return Row("Health 503", Call.Get("/health"), HostState.Down);
        yield return Row("Alive 200", Call.Get("/alive"));
        yield return Row("Metrics 200", Call.Get("/metrics"));
        yield return Row("Metrics 404", Call.Get("/metrics") with { Proxy = true }, HostState.Production);
    }

    private static IEnumerable<Provocation> Defects() => OpenApiDescription.Current.Operations.Select(o => Row(
        $"{o.Id} 500",
        new(new(o.Method), PathOf(o.Template), Origin: DescribedHosts.Origin),
        HostState.Defective));

    /// <summary>The address of an account that is connected for it.</summary>
    private static async Task<string> ConnectAsync(ApiHost host, string admin) =>
        (await host.PostAsync(AccountsPath, admin, AccountBody(AccountIds.Next()))).Is(HttpStatusCode.Created).Header("Location")!;

    // Of Instagram: the messages that tests post go through the other channel.
    private static string AccountBody(string id) =>
        $$"""{"channel":"instagram","accountId":"{{id}}","accessToken":"a-token","appSecrets":["a secret"],"verifyTokens":["a word"]}""";

    /// <summary>The address of a dead letter of its own.</summary>
    private static async Task<string> PutAsideAsync(ApiHost host)
    {
        var key = Guid.NewGuid().ToString();
        await host.Log.AppendAsync([new(Topics.Messages, key, "not JSON"u8.ToArray())], TestContext.Current.CancellationToken);
        var path = "";
        await Until.TrueAsync(
            async () =>
            {
                var page = (await host.GetAsync($"{View}/dead-letters?limit=200", Operator.Token)).Is(HttpStatusCode.OK).Json;
                var letter = page.GetProperty("items").EnumerateArray().FirstOrDefault(l => l.Text("key") == key);
                if (letter.ValueKind == JsonValueKind.Undefined) return false;
                path = $"{View}/dead-letters/messages/{letter.GetProperty("partition")}/{letter.GetProperty("offset")}";
                return true;
            },
            "the dead letter is listed");
        return path;
    }

    // Of nothing that there is.
    private static string PathOf(string template) => template
        .Replace("{id}", $"{OldMessage}", StringComparison.Ordinal)
        .Replace("{channel}", "whatsapp", StringComparison.Ordinal)
        .Replace("{accountId}", "9", StringComparison.Ordinal)
        .Replace("{topic}", Topics.Messages, StringComparison.Ordinal)
        .Replace("{partition}", "0", StringComparison.Ordinal)
        .Replace("{offset}", "99999", StringComparison.Ordinal);

    private static Call PostOf(Desk desk) => Call.Post(Messages, desk.Token, desk.Body());

    private static Provocation Row(string answer, Call call, HostState host = HostState.Plain) =>
        new(answer, host, _ => Task.FromResult(call));

    private static string Address(string path, object id) => string.Format(CultureInfo.InvariantCulture, path, id);
}
