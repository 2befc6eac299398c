using System.Net;
using System.Net.WebSockets;
using Chat.Api.Auth;
using Chat.Core.Channels;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.Api;

/// <summary>What the API needs to start, and what only Development has.</summary>
public sealed class ApiStartTests
{
    private static readonly Desk Someone = new();

    private static string TokenRequest => $$"""{"usuarioId":"{{Someone.User}}","organizacaoId":"{{Someone.Organization}}"}""";

    [Fact]
    public async Task Without_a_key_it_refuses_to_start_and_names_the_setting()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ApiHost.StartAsync(new() { ["Jwt:Key"] = null }));

        Assert.Contains("Jwt:Key", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task A_key_that_is_too_short_is_refused(string environment)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(
            () => ApiHost.StartAsync(new() { ["Jwt:Key"] = new string('k', 31) }, environment));

        Assert.Contains("Jwt:Key has 31 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_without_tls_is_refused_in_production()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(
            () => ApiHost.StartAsync(new() { ["Jwt:Authority"] = "http://login.example.com" }));

        Assert.Contains("Jwt:Authority", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Development_makes_a_key_and_its_tokens_outlive_a_restart()
    {
        var folder = ApiHost.NewFolder();
        var settings = new Dictionary<string, string?> { ["Jwt:Key"] = null };
        try
        {
            string token;
            await using (var api = await ApiHost.StartAsync(settings, "Development", folder))
            {
                var minted = (await api.PostAsync("/v1/auth/token", token: null, TokenRequest)).Is(HttpStatusCode.OK).Json;
                Assert.Equal(["token", "expiresAt"], minted.EnumerateObject().Select(p => p.Name));
                Assert.True(minted.GetProperty("expiresAt").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(50));
                token = minted.GetProperty("token").GetString()!;
            }
            await using var again = await ApiHost.StartAsync(settings, "Development", folder);
            (await again.PostAsync("/v1/messages", token, Someone.Body())).Is(HttpStatusCode.Accepted);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_token_may_be_minted_without_an_organization_and_not_without_a_user()
    {
        await using var api = await ApiHost.StartAsync(environment: "Development");

        var answer = await api.PostAsync("/v1/auth/token", null, $$"""{"usuarioId":"{{Someone.User}}"}""");
        var token = answer.Json.GetProperty("token").GetString();
        (await api.GetAsync("/v1/channels", token)).Is(HttpStatusCode.OK);
        (await api.PostAsync("/v1/messages", token, Someone.Body())).IsProblem(HttpStatusCode.Forbidden);
        (await api.PostAsync("/v1/auth/token", null, "{}")).IsProblem(HttpStatusCode.BadRequest, "usuarioId");
        (await api.PostAsync("/v1/auth/token", null, """{"usuarioId":"5","organizacaoId":5}"""))
            .IsProblem(HttpStatusCode.BadRequest, "organizacaoId");
    }

    [Theory]
    [InlineData("\"operator\"", HttpStatusCode.OK)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("\"admin\"", HttpStatusCode.Forbidden)]
    [InlineData("\"administrator\"", null)]
    [InlineData("[\"operator\"]", null)]
    public async Task A_token_when_minted_has_the_role_that_is_asked_for(string role, HttpStatusCode? answer)
    {
        await using var api = await ApiHost.StartAsync(environment: "Development");

        var minted = await api.PostAsync("/v1/auth/token", null, $$"""{"usuarioId":"{{Someone.User}}","role":{{role}}}""");

        if (answer is null) minted.IsProblem(HttpStatusCode.BadRequest, "role");
        else (await api.GetAsync("/v1/operations", minted.Json.GetProperty("token").GetString())).Is(answer.Value);
    }

    [Fact]
    public async Task A_page_from_elsewhere_gets_no_token_and_the_apis_own_does()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Cors:Origins:0"] = "http://localhost:3001" }, "Development");
        var own = api.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        foreach (var (origin, status) in new[]
                 {
                     (own, HttpStatusCode.OK),
                     ("http://localhost:3001", HttpStatusCode.OK),
                     ("http://localhost:3000", HttpStatusCode.Forbidden),
                     ("file://", HttpStatusCode.Forbidden),
                     ("https://evil.example", HttpStatusCode.Forbidden),
                     ("http://localhost.evil.example", HttpStatusCode.Forbidden),
                     ("http://192.168.1.9:5000", HttpStatusCode.Forbidden),
                     ("null", HttpStatusCode.Forbidden),
                 })
        {
            var answer = await api.SendAsync(
                HttpMethod.Post,
                "/v1/auth/token",
                token: null,
                new StringContent(TokenRequest, System.Text.Encoding.UTF8, "application/json"),
                r => r.Headers.Add("Origin", origin));
            Assert.True(answer.Status == status, $"{origin}: {answer.Status}");
        }
        // A form, which a page may send to anyone without asking first, is none of the above.
        (await api.SendAsync(HttpMethod.Post, "/v1/auth/token", null, new FormUrlEncodedContent([new("usuarioId", "x")])))
            .IsProblem(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", false, true)]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1", false, true)]
    [InlineData("192.168.1.9", "192.168.1.9", false, true)]
    [InlineData("192.168.1.7", "192.168.1.9", false, false)]
    [InlineData("172.17.0.1", "172.17.0.2", true, true)]
    [InlineData("172.17.0.1", "172.17.0.2", false, false)]
    public void Tokens_are_made_for_this_machines_users_alone(string remote, string local, bool inContainer, bool made) =>
        Assert.Equal(made, MintToken.IsFromThisMachine(
            new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(remote), LocalIpAddress = IPAddress.Parse(local) } }
                .Connection,
            inContainer));

    [Theory]
    [InlineData("Production", null, true)]
    [InlineData("Production", "own", true)]
    [InlineData("Production", "https://desk.example.com", true)]
    [InlineData("Production", "http://localhost:8080", false)]
    [InlineData("Production", "null", false)]
    [InlineData("Production", "https://evil.example", false)]
    [InlineData("Development", "http://localhost:8080", true)]
    [InlineData("Development", "null", true)]
    [InlineData("Development", "https://evil.example", false)]
    public async Task A_socket_opens_for_the_hosts_own_pages_and_those_configured(string environment, string? origin, bool opens)
    {
        await using var api = await ApiHost.StartAsync(new() { ["Cors:Origins:0"] = "https://DESK.example.com:443/" }, environment);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin == "own") origin = api.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        var query = $"access_token={Someone.Token}";
        var address = new UriBuilder(api.Client.BaseAddress!) { Scheme = "ws", Path = "/ws/status", Query = query };

        var failure = await Record.ExceptionAsync(() => socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken));

        Assert.Equal(opens ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.Forbidden, socket.HttpStatusCode);
        Assert.Equal(opens, failure is null);
    }

    [Fact]
    public async Task Production_mints_no_token_and_serves_no_page()
    {
        await using var api = await ApiHost.StartAsync();

        (await api.PostAsync("/v1/auth/token", Someone.Token, TokenRequest)).IsProblem(HttpStatusCode.NotFound);
        (await api.GetAsync("/")).IsProblem(HttpStatusCode.NotFound);
        (await api.GetAsync("/demo.html")).IsProblem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("Development", "null", true)]
    [InlineData("Development", "http://localhost:8080", true)]
    [InlineData("Development", "https://evil.example", false)]
    [InlineData("Production", "null", false)]
    [InlineData("Production", "http://localhost:8080", false)]
    [InlineData("Production", "https://desk.example.com", true)]
    public async Task A_browser_lets_only_pages_of_this_machine_and_those_configured_call(string environment, string origin, bool allowed)
    {
        await using var api = await ApiHost.StartAsync(new() { ["Cors:Origins:0"] = "https://desk.example.com" }, environment);

        var answer = await api.SendAsync(HttpMethod.Options, "/v1/messages", token: null, content: null, request =>
        {
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,idempotency-key");
        });

        Assert.Equal(allowed ? origin : null, answer.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Development_serves_the_demo_page_and_its_scripts_as_what_they_are()
    {
        await using var api = await ApiHost.StartAsync(environment: "Development");

        Assert.Equal("/demo.html", (await api.GetAsync("/")).Is(HttpStatusCode.Found).Header("Location"));
        Assert.Equal("text/html", (await api.GetAsync("/demo.html")).Is(HttpStatusCode.OK).ContentType);
        Assert.Equal("text/javascript", (await api.GetAsync("/chat-status-client.js")).Is(HttpStatusCode.OK).ContentType);
        Assert.Equal("text/javascript", (await api.GetAsync("/chat-status-client.mjs")).Is(HttpStatusCode.OK).ContentType);
    }

    [Fact]
    public async Task Health_metrics_and_the_api_document_need_no_token()
    {
        await using var api = await ApiHost.StartAsync();

        Assert.Equal("Healthy", (await api.GetAsync("/health")).Is(HttpStatusCode.OK).Body);
        (await api.GetAsync("/alive")).Is(HttpStatusCode.OK);
        (await api.PostAsync("/v1/messages", Someone.Token, Someone.Body())).Is(HttpStatusCode.Accepted);
        Assert.Contains(
            "chat_messages_accepted_total{", (await api.GetAsync("/metrics")).Is(HttpStatusCode.OK).Body, StringComparison.Ordinal);
    }

    // What it has of operations and answers: Described.OpenApiTests.
    [Fact]
    public async Task The_api_document_has_the_channels_and_says_what_parameters_are()
    {
        await using var api = await ApiHost.StartAsync();

        var document = (await api.GetAsync("/openapi/v1.json")).Is(HttpStatusCode.OK).Json;

        Assert.False(document.GetProperty("paths").TryGetProperty("/v1/auth/token", out _));
        var post = document.GetProperty("paths").GetProperty("/v1/messages").GetProperty("post");
        Assert.True(post.TryGetProperty("security", out _));
        var body = document.GetProperty("components").GetProperty("schemas").GetProperty("PostMessageBody").GetProperty("properties");
        Assert.Equal(
            ChannelCatalog.Names, body.GetProperty("canal").GetProperty("enum").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains("Idempotency-Key", post.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        var list = document.GetProperty("paths").GetProperty("/v1/conversations/{id}/messages").GetProperty("get");
        Assert.Equal(
            ["string uuid", "integer ", "string uuid"],
            list.GetProperty("parameters").EnumerateArray().Take(3).Select(p => p.GetProperty("schema")).Select(s =>
                $"{s.GetProperty("type").GetString()} {(s.TryGetProperty("format", out var format) ? format.GetString() : "")}"));
    }
}
