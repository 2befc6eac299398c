using System.Net;

namespace Chat.Tests.Api.Operations;

/// <summary>Who may look after the system, and who may not.</summary>
public sealed class OperationsAccessTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _api = fixture.Host;

    public static TheoryData<string> Endpoints =>
    [
        "GET /v1/operations", "GET /v1/operations/dead-letters", "GET /v1/operations/dead-letters/msg.status/0/0",
        "POST /v1/operations/dead-letters/msg.status/0/0/put-back", "GET /v1/operations/parked",
        "GET /v1/operations/messages/018f3c00-0000-7000-8000-000000000001",
    ];

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Without_a_token_and_with_one_that_has_expired_it_is_401(string endpoint)
    {
        (await AskAsync(endpoint, token: null)).IsProblem(HttpStatusCode.Unauthorized);
        var expired = ApiHost.Token(Operator.User, organization: null, seconds: -60, role: "operator");
        (await AskAsync(endpoint, expired)).IsProblem(HttpStatusCode.Unauthorized);
        var forged = ApiHost.Token(Operator.User, null, key: "another key that is long enough for HS256", role: "operator");
        (await AskAsync(endpoint, forged)).IsProblem(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task With_an_ordinary_token_it_is_403_and_says_what_is_needed(string endpoint)
    {
        string[] tokens =
            [new Desk().Token, ApiHost.Token(Guid.NewGuid(), null), ApiHost.Token(Guid.NewGuid(), Guid.NewGuid(), role: "admin")];
        foreach (var token in tokens)
        {
            var refused = (await AskAsync(endpoint, token)).IsProblem(HttpStatusCode.Forbidden);
            Assert.Contains("claim role", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task With_an_operators_token_it_is_answered_and_kept_by_no_cache(string endpoint)
    {
        var answer = await AskAsync(endpoint, Operator.Token);

        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.NotFound, answer.Body);
        if (answer.Status == HttpStatusCode.OK) Assert.Equal("no-store", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task A_callbacks_key_is_no_operators_token() =>
        (await _api.GetAsync("/v1/operations", ApiHost.CallbackKey)).IsProblem(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task An_operators_token_opens_nothing_of_an_organizations()
    {
        var desk = new Desk();
        (await _api.PostAsync("/v1/messages", desk.Token, desk.Body())).Is(HttpStatusCode.Accepted);

        (await _api.GetAsync($"/v1/conversations/{desk.Conversation}/messages", Operator.Token)).IsProblem(HttpStatusCode.Forbidden);
        (await _api.PostAsync("/v1/messages", Operator.Token, desk.Body())).IsProblem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_page_needs_no_token_holds_nothing_and_runs_its_own_two_files_alone()
    {
        foreach (var (path, type) in new[]
        {
            ("/operations", "text/html"), ("/operations/operations.js", "text/javascript"), ("/operations/operations.css", "text/css"),
        })
        {
            var answer = (await _api.GetAsync(path)).Is(HttpStatusCode.OK);
            Assert.Equal(type, answer.ContentType);
            var policy = answer.Header("Content-Security-Policy")!;
            Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal(("nosniff", "no-cache"), (answer.Header("X-Content-Type-Options"), answer.Header("Cache-Control")));
        }
        var page = (await _api.GetAsync("/operations")).Body;
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("onclick", page, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", (await _api.GetAsync("/operations/operations.js")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switched_off_there_is_neither_page_nor_answer()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Operations:Enabled"] = "false" });

        (await api.GetAsync("/operations")).IsProblem(HttpStatusCode.NotFound);
        foreach (var endpoint in Endpoints) (await AskAsync(endpoint.Data, Operator.Token, api)).IsProblem(HttpStatusCode.NotFound);
    }

    private Task<Answer> AskAsync(string endpoint, string? token, ApiHost? api = null)
    {
        var parts = endpoint.Split(' ');
        return (api ?? _api).SendAsync(new(parts[0]), parts[1], token, content: null);
    }
}
