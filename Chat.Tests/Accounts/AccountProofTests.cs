using System.Net;
using System.Text;
using Chat.Api.Accounts;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Chat.Tests.MetaSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Accounts;

/// <summary>
/// An account that comes through an app which organizations share is connected by whom its provider shows it to, and by nobody else.
/// </summary>
public sealed class AccountProofTests : IAsyncLifetime
{
    private const string Path = "/v1/accounts";

    private readonly string _admin = ApiHost.Token(Guid.NewGuid(), Guid.NewGuid(), seconds: 3600, role: "admin");
    private readonly Provider _answers = new();
    private SimulatorRig _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await SimulatorRig.StartAsync();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Theory]
    [InlineData("whatsapp", SimulatorRig.Number, SimulatorRig.Token)]
    [InlineData("instagram", SimulatorRig.InstagramId, SimulatorRig.InstagramToken)]
    public async Task The_accounts_own_token_is_needed(string channel, string id, string token)
    {
        await _provider.ControlAsync(HttpMethod.Put, $"accounts/{channel}/555", new { app = "tests", accessToken = "another-accounts" });
        await using var api = await StartAsync();

        foreach (var other in (string?[])[null, "another-accounts", "nobodys"])
        {
            (await api.PostAsync(Path, _admin, Body(channel, id, other))).IsProblem(HttpStatusCode.BadRequest, "accessToken");
            (await api.GetAsync($"{Path}/{channel}/{id}", _admin)).Is(HttpStatusCode.NotFound);
        }

        (await api.PostAsync(Path, _admin, Body(channel, id, token))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_account_with_an_app_of_its_own_shows_whose_it_is_once_it_comes_through_a_shared_one()
    {
        await using var api = await StartAsync();
        var own = $$"""{"channel":"whatsapp","accountId":"{{SimulatorRig.Number}}","accessToken":"nobodys","appSecrets":["a secret"]}""";
        (await api.PostAsync(Path, _admin, own)).Is(HttpStatusCode.Created);

        foreach (var change in (string[])["""{"appSecrets":null}""", """{"app":"default"}""", """{"appSecrets":[],"accessToken":null}"""])
        {
            (await PatchAsync(api, change)).IsProblem(HttpStatusCode.BadRequest, "accessToken");
            var known = (await api.GetAsync($"{Path}/whatsapp/{SimulatorRig.Number}", _admin)).Is(HttpStatusCode.OK).Json;
            Assert.Equal(1, known.GetProperty("appSecrets").GetInt32());
        }

        var moved = (await PatchAsync(api, $$"""{"appSecrets":null,"accessToken":"{{SimulatorRig.Token}}"}""")).Is(HttpStatusCode.OK);
        Assert.Equal("/v1/webhooks/whatsapp", moved.Json.Text("webhookPath"));
        // Shown once, it stays: it may only receive.
        (await PatchAsync(api, """{"accessToken":null}""")).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(400, """{"error":{"code":190}}""", 400)]
    [InlineData(400, """{"error":{"code":100,"error_subcode":33}}""", 400)]
    [InlineData(200, """{"id":"another"}""", 400)]
    [InlineData(200, "{}", 400)]
    [InlineData(400, """{"error":{"code":4}}""", 503)]
    [InlineData(403, """{"error":{"code":80007}}""", 503)]
    [InlineData(400, """{"error":{"code":80008}}""", 503)]
    [InlineData(400, """{"error":{"code":12345,"is_transient":true}}""", 503)]
    [InlineData(400, """{"error":{"code":"190"}}""", 503)]
    [InlineData(429, """{"error":{"code":190}}""", 503)]
    [InlineData(500, """{"error":{"code":190}}""", 503)]
    [InlineData(502, "<html>", 503)]
    [InlineData(200, "<html>", 503)]
    [InlineData(200, "[]", 503)]
    [InlineData(302, "", 503)]
    [InlineData(0, "", 503)]
    [InlineData(200, """{"id":"700800900"}""", 201)]
    [InlineData(200, """{"id":700800900}""", 201)]
    public async Task What_the_provider_does_not_say_is_not_taken_for_yes(int status, string body, int answer)
    {
        (_answers.Status, _answers.Body) = (status, body);
        await using var api = await ApiHost.StartAsync(Settings(), configure: builder =>
            builder.Services.AddHttpClient(AccountProof.ClientName).ConfigurePrimaryHttpMessageHandler(() => _answers));

        var got = (await api.PostAsync(Path, _admin, Body("whatsapp", "700800900", "a-token"))).Is((HttpStatusCode)answer);

        Assert.Equal(answer == 503, got.Header("Retry-After") is not null);
        Assert.Equal("Bearer a-token /v25.0/700800900?fields=id", _answers.Asked);
    }

    private static Dictionary<string, string?> Settings() =>
        new() { ["Accounts:EncryptionKeys:0"] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" };

    private static string Body(string channel, string id, string? token) => token is null
        ? $$"""{"channel":"{{channel}}","accountId":"{{id}}"}"""
        : $$"""{"channel":"{{channel}}","accountId":"{{id}}","accessToken":"{{token}}"}""";

    private Task<ApiHost> StartAsync() => ApiHost.StartAsync(new(Settings())
    {
        ["Providers:WhatsApp:BaseUrl"] = $"{_provider.Simulator.Address}",
        ["Providers:Instagram:BaseUrl"] = $"{_provider.Simulator.Address}",
    });

    private Task<Answer> PatchAsync(ApiHost api, string json) => api.SendAsync(
        HttpMethod.Patch, $"{Path}/whatsapp/{SimulatorRig.Number}", _admin, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Answers as it is told; a status of 0 is a connection that breaks.</summary>
    private sealed class Provider : HttpMessageHandler
    {
        public int Status { get; set; }

        public string Body { get; set; } = "";

        public string? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = $"{request.Headers.Authorization} {request.RequestUri!.PathAndQuery}";
            return Status == 0
                ? throw new HttpRequestException("broken")
                : Task.FromResult(new HttpResponseMessage((HttpStatusCode)Status) { Content = new StringContent(Body) });
        }
    }
}
