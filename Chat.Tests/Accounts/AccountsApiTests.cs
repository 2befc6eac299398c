using System.Net;
using System.Text;
using Chat.Core.Accounts;
using Chat.Tests.Api;
using Chat.Tests.Api.Operations;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Accounts;

/// <summary><c>/v1/accounts</c>: who may do what, what is refused by which name, and that no secret comes out.</summary>
public sealed class AccountsApiTests : IAsyncLifetime
{
    private const string Path = "/v1/accounts";
    private const string Token = "EAAG-a-token-of-a-desk";

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Accounts:EncryptionKeys:0"] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        ["Accounts:Apps:instagram:second:Secrets:0"] = "an app secret of configuration",
        ["Accounts:Own:0:Channel"] = "instagram",
        ["Accounts:Own:0:AccountId"] = "17841400000000009",
        ["Accounts:Own:0:OrganizationId"] = "33333333-3333-4333-8333-333333333333",
        ["Accounts:Own:0:AccessToken"] = "a-token-of-configuration",
    };

    private readonly Guid _organization = Guid.NewGuid();
    private readonly string _admin;
    private ApiHost _api = null!;

    public AccountsApiTests() => _admin = AdminOf(_organization);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync(Settings);

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task An_account_when_connected_is_told_of_without_its_secrets()
    {
        var id = AccountIds.Next();
        var body = $$"""
            {"channel":"instagram","accountId":"{{id}}","businessId":"900100200","displayName":"Loja ☕","accessToken":"{{Token}}",
            "tokenExpiresAt":"2027-01-30T12:00:00Z","appSecrets":["secret-one","secret-two"],"verifyTokens":["word-one"],
            "messagesPerSecond":20}
            """;

        var answer = (await _api.PostAsync(Path, _admin, body)).Is(HttpStatusCode.Created);

        Assert.Equal($"{Path}/instagram/{id}", answer.Header("Location"));
        var account = answer.Json;
        Assert.Equal(
            (id, "900100200", "Loja ☕", "active", null),
            (account.Text("accountId"), account.Text("businessId"), account.Text("displayName"), account.Text("state"),
                account.Text("attention")));
        Assert.True(account.GetProperty("hasToken").GetBoolean());
        Assert.Equal("2027-01-30T12:00:00.000Z", account.Text("tokenExpiresAt"));
        Assert.Equal(
            (2, 1, 20),
            (account.GetProperty("appSecrets").GetInt32(), account.GetProperty("verifyTokens").GetInt32(),
                account.GetProperty("messagesPerSecond").GetInt32()));
        // An app of its own: its webhooks have a path of their own.
        Assert.Equal($"/v1/webhooks/instagram/{_organization:D}", account.Text("webhookPath"));
        var one = (await _api.GetAsync($"{Path}/instagram/{id}", _admin)).Is(HttpStatusCode.OK);
        var all = (await _api.GetAsync(Path, _admin)).Is(HttpStatusCode.OK);
        Assert.Equal(id, Assert.Single(all.Json.GetProperty("items").EnumerateArray()).Text("accountId"));
        foreach (var text in new[] { answer.Body, one.Body, all.Body }.Concat(_api.Logs.Lines)) AssertNoSecret(text);
        Assert.Contains(_api.Logs.Lines, l => l.Contains($"Account instagram {id} of organization", StringComparison.Ordinal));
        // What the services get is whole.
        var known = await _api.App.Services.GetRequiredService<IAccounts>().FindAsync(new("instagram", id), Cancellation);
        Assert.Equal((Token, "word-one"), (known!.Credentials.AccessToken, Assert.Single(known.Credentials.VerifyTokens!)));
    }

    [Fact]
    public async Task An_account_when_the_process_starts_again_is_there()
    {
        var folder = ApiHost.NewFolder();
        var id = AccountIds.Next();
        try
        {
            await using (var first = await ApiHost.StartAsync(Settings, folder: folder))
                (await first.PostAsync(Path, _admin, Body(id))).Is(HttpStatusCode.Created);

            await using var second = await ApiHost.StartAsync(Settings, folder: folder);

            var known = await second.App.Services.GetRequiredService<IAccounts>().FindAsync(new("instagram", id), Cancellation);
            Assert.Equal(Token, known!.Credentials.AccessToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("""{"accountId":"1"}""", "channel")]
    [InlineData("""{"channel":"pigeon","accountId":"1"}""", "channel")]
    [InlineData("""{"channel":"instagram"}""", "accountId")]
    [InlineData("""{"channel":"instagram","accountId":"+55 11 3000"}""", "accountId")]
    [InlineData("""{"channel":"instagram","accountId":1}""", "accountId")]
    [InlineData("""{"channel":"instagram","accountId":"1","businessId":"x"}""", "businessId")]
    [InlineData("""{"channel":"instagram","accountId":"1","displayName":"a\u0007b"}""", "displayName")]
    [InlineData("""{"channel":"instagram","accountId":"1","accessToken":"two words"}""", "accessToken")]
    [InlineData("""{"channel":"instagram","accountId":"1","accessToken":""}""", "accessToken")]
    [InlineData("""{"channel":"instagram","accountId":"1","tokenExpiresAt":"tomorrow"}""", "tokenExpiresAt")]
    [InlineData("""{"channel":"instagram","accountId":"1","tokenExpiresAt":1}""", "tokenExpiresAt")]
    [InlineData("""{"channel":"instagram","accountId":"1","appSecrets":"one"}""", "appSecrets")]
    [InlineData("""{"channel":"instagram","accountId":"1","appSecrets":["a","b","c"]}""", "appSecrets")]
    [InlineData("""{"channel":"instagram","accountId":"1","appSecrets":[""]}""", "appSecrets")]
    [InlineData("""{"channel":"instagram","accountId":"1","verifyTokens":[1]}""", "verifyTokens")]
    [InlineData("""{"channel":"instagram","accountId":"1","messagesPerSecond":0}""", "messagesPerSecond")]
    [InlineData("""{"channel":"instagram","accountId":"1","messagesPerSecond":"80"}""", "messagesPerSecond")]
    [InlineData("""{"channel":"instagram","accountId":"1","app":"none"}""", "app")]
    [InlineData("""{"channel":"instagram","accountId":"1","app":"second","appSecrets":["a"]}""", "app")]
    [InlineData("""{"channel":"whatsapp","accountId":"1","app":"second"}""", "app")]
    [InlineData("""{"channel":"instagram","accountId":"1","state":"needs_attention"}""", "state")]
    [InlineData("[]", "$")]
    public async Task A_body_when_something_of_it_is_wrong_is_refused_by_the_fields_name(string json, string field)
    {
        (await _api.PostAsync(Path, _admin, json)).IsProblem(HttpStatusCode.BadRequest, field);

        if (field is "channel" or "accountId") return;
        var id = await ConnectAsync();
        if (field != "app") (await PatchAsync(id, json)).IsProblem(HttpStatusCode.BadRequest, field);
        Assert.Equal("active", (await _api.GetAsync($"{Path}/instagram/{id}", _admin)).Json.Text("state"));
    }

    [Fact]
    public async Task A_change_leaves_what_it_does_not_name_and_takes_away_what_is_null()
    {
        var id = await ConnectAsync();

        var changed = (await PatchAsync(id, """{"displayName":"Loja","messagesPerSecond":5}""")).Is(HttpStatusCode.OK).Json;

        Assert.Equal(
            ("Loja", 5, 1),
            (changed.Text("displayName"), changed.GetProperty("messagesPerSecond").GetInt32(),
                changed.GetProperty("appSecrets").GetInt32()));
        Assert.True(changed.GetProperty("hasToken").GetBoolean());
        var taken = (await PatchAsync(
            id, """{"displayName":null,"accessToken":null,"verifyTokens":[]}""")).Is(HttpStatusCode.OK).Json;
        Assert.Null(taken.Text("displayName"));
        Assert.Equal(5, taken.GetProperty("messagesPerSecond").GetInt32());
        Assert.False(taken.GetProperty("hasToken").GetBoolean());
        Assert.Equal((1, 0), (taken.GetProperty("appSecrets").GetInt32(), taken.GetProperty("verifyTokens").GetInt32()));
    }

    [Fact]
    public async Task An_organization_has_so_many_accounts_on_a_channel_and_no_more()
    {
        await using var api = await ApiHost.StartAsync(new(Settings) { ["Accounts:MaxPerChannel"] = "2" });
        for (var i = 0; i < 2; i++) (await api.PostAsync(Path, _admin, Body(AccountIds.Next()))).Is(HttpStatusCode.Created);

        var refused = (await api.PostAsync(Path, _admin, Body(AccountIds.Next()))).IsProblem(HttpStatusCode.Conflict);

        Assert.Contains("Accounts:MaxPerChannel", refused.Json.Text("detail"), StringComparison.Ordinal);
        var onAnother = Body(AccountIds.Next()).Replace("instagram", "whatsapp", StringComparison.Ordinal);
        (await api.PostAsync(Path, _admin, onAnother)).Is(HttpStatusCode.Created);
        (await api.PostAsync(Path, AdminOf(Guid.NewGuid()), Body(AccountIds.Next()))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task App_secrets_while_they_are_exchanged_count_both()
    {
        var id = await ConnectAsync();

        (await PatchAsync(id, """{"appSecrets":["secret-one","secret-new"]}""")).Is(HttpStatusCode.OK);

        var accounts = _api.App.Services.GetRequiredService<IAccounts>();
        var app = await accounts.FindAppAsync("instagram", $"{_organization:D}", Cancellation);
        Assert.Equal(["secret-new", "secret-one"], app!.Secrets.Order());
        (await PatchAsync(id, """{"appSecrets":["secret-new"]}""")).Is(HttpStatusCode.OK);
        app = await accounts.FindAppAsync("instagram", $"{_organization:D}", Cancellation);
        Assert.Equal("secret-new", Assert.Single(app!.Secrets));
    }

    [Theory]
    [InlineData("""{"accessToken":"a-new-one"}""", "active")]
    [InlineData("""{"state":"active"}""", "active")]
    [InlineData("""{"displayName":"Loja"}""", "needs_attention")]
    public async Task An_account_that_needs_attention_works_again_with_a_new_token_or_when_a_person_says_so(string change, string state)
    {
        var id = await ConnectAsync();
        await _api.App.Services.GetRequiredService<IAccounts>().SetAttentionAsync(
            new("instagram", id), AccountAttention.TokenRefused("code 190"), Cancellation);
        var before = (await _api.GetAsync($"{Path}/instagram/{id}", _admin)).Json;
        Assert.Equal("needs_attention", before.Text("state"));
        Assert.Contains("code 190", before.Text("attention"), StringComparison.Ordinal);

        Assert.Equal(state, (await PatchAsync(id, change)).Is(HttpStatusCode.OK).Json.Text("state"));
    }

    [Fact]
    public async Task An_account_of_another_organization_is_answered_as_one_that_nobody_has()
    {
        var id = await ConnectAsync();
        var stranger = AdminOf(Guid.NewGuid());

        var taken = (await _api.PostAsync(Path, stranger, Body(id))).IsProblem(HttpStatusCode.Conflict);

        var own = (await _api.PostAsync(Path, _admin, Body(id))).IsProblem(HttpStatusCode.Conflict);
        Assert.Equal(own.Json.Text("detail"), taken.Json.Text("detail"));
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete, HttpMethod.Patch })
        {
            Assert.Equal(
                (await SendAsync(method, $"{Path}/instagram/404", stranger)).IsProblem(HttpStatusCode.NotFound).Json.Text("detail"),
                (await SendAsync(method, $"{Path}/instagram/{id}", stranger)).IsProblem(HttpStatusCode.NotFound).Json.Text("detail"));
        }
        Assert.Empty((await _api.GetAsync(Path, stranger)).Json.GetProperty("items").EnumerateArray());
        (await SendAsync(HttpMethod.Delete, $"{Path}/instagram/{id}", _admin)).Is(HttpStatusCode.NoContent);
        (await _api.PostAsync(Path, stranger, Body(id))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_account_of_configuration_is_shown_and_not_changed()
    {
        const string path = $"{Path}/instagram/17841400000000009";
        var admin = AdminOf(Guid.Parse("33333333-3333-4333-8333-333333333333"));

        var account = (await _api.GetAsync(path, admin)).Is(HttpStatusCode.OK).Json;

        Assert.Equal(("configuration", null), (account.Text("source"), account.Text("createdAt")));
        foreach (var method in new[] { HttpMethod.Delete, HttpMethod.Patch })
        {
            var refused = (await SendAsync(method, path, admin)).IsProblem(HttpStatusCode.Conflict);
            Assert.Contains("Accounts:Own", refused.Json.Text("detail"), StringComparison.Ordinal);
        }
        (await _api.PostAsync(Path, admin, Body("17841400000000009"))).IsProblem(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("GET", Path)]
    [InlineData("POST", Path)]
    [InlineData("GET", $"{Path}/instagram/1")]
    [InlineData("PATCH", $"{Path}/instagram/1")]
    [InlineData("DELETE", $"{Path}/instagram/1")]
    public async Task Only_an_administrator_of_an_organization_comes_near(string method, string path)
    {
        (await SendAsync(new(method), path, token: null)).IsProblem(HttpStatusCode.Unauthorized);
        foreach (var token in new[] { new Desk().Token, Operator.Token, ApiHost.Token(Guid.NewGuid(), null, role: "admin") })
        {
            var refused = (await SendAsync(new(method), path, token)).IsProblem(HttpStatusCode.Forbidden);
            Assert.Matches("value admin|tenant_id", refused.Json.Text("detail"));
        }
    }

    [Fact]
    public async Task Without_a_key_to_keep_credentials_with_the_answer_names_the_setting()
    {
        await using var api = await ApiHost.StartAsync();

        var refused = (await api.PostAsync(Path, _admin, Body("1"))).IsProblem(HttpStatusCode.NotImplemented);

        Assert.Contains("Accounts:EncryptionKeys", refused.Json.Text("detail"), StringComparison.Ordinal);
    }

    private static string AdminOf(Guid organization) => ApiHost.Token(Guid.NewGuid(), organization, seconds: 3600, role: "admin");

    private static string Body(string id) =>
        $$"""
        {"channel":"instagram","accountId":"{{id}}","accessToken":"{{Token}}","appSecrets":["secret-one"],"verifyTokens":["word-one"]}
        """;

    private static void AssertNoSecret(string text) =>
        Assert.All(["EAAG", "secret-one", "secret-two", "word-one"], s => Assert.DoesNotContain(s, text, StringComparison.Ordinal));

    private async Task<string> ConnectAsync()
    {
        var id = AccountIds.Next();
        (await _api.PostAsync(Path, _admin, Body(id))).Is(HttpStatusCode.Created);
        return id;
    }

    private Task<Answer> PatchAsync(string id, string json) => _api.SendAsync(
        HttpMethod.Patch, $"{Path}/instagram/{id}", _admin, new StringContent(json, Encoding.UTF8, "application/json"));

    private Task<Answer> SendAsync(HttpMethod method, string path, string? token)
    {
        var hasBody = method == HttpMethod.Post || method == HttpMethod.Patch;
        return _api.SendAsync(
            method, path, token, hasBody ? new StringContent("""{"displayName":"Loja"}""", Encoding.UTF8, "application/json") : null);
    }
}
