using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Tests.Described;

namespace Chat.Tests.Graph;

/// <summary>Somebody with a token, on a graph.</summary>
public sealed class TestUser(IChatGraph graph, Guid? organization = null, bool withoutOrganization = false) : IDisposable
{
    private readonly HttpClient _http = DescribedAnswers.NewClient();

    public Guid Id { get; } = Guid.NewGuid();

    public Guid? Organization { get; } = withoutOrganization ? null : organization ?? Guid.NewGuid();

    public string Token => TestTokens.For(graph.JwtKey, Id, Organization);

    /// <summary>A socket on the last instance, of which the greeting was taken.</summary>
    public async Task<TestSocket> OpenAsync()
    {
        var socket = await TestSocket.OpenAsync(graph.Apis[^1], Token);
        var connected = await socket.ExpectAsync("connected");
        Assert.Equal(Id, connected.Id("userId"));
        return socket;
    }

    /// <summary>The body of the seed's curl, of this user.</summary>
    public JsonObject Body(Guid conversation, string text = "Olá, mundo!") => new()
    {
        ["conversaId"] = conversation.ToString("D"),
        ["organizacaoId"] = (Organization ?? Guid.Empty).ToString("D"),
        ["usuarioRemetenteId"] = Id.ToString("D"),
        ["tipo"] = "text",
        ["conteudo"] = new JsonObject { ["texto"] = text },
        ["direcao"] = "outbound",
    };

    /// <summary>Posts a message to the first instance and answers with its id.</summary>
    public async Task<Guid> PostAsync(Guid conversation, string text = "Olá, mundo!")
    {
        using var response = await SendAsync(HttpMethod.Post, "/v1/messages", Body(conversation, text));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await Json.ReadAsync(response)).Id("messageId");
    }

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, JsonNode? body = null, string? key = null, string? bearer = null) =>
        SendAsync(method, path, body is null ? null : JsonContent.Create(body), key, bearer);

    public Task<HttpResponseMessage> SendTextAsync(string path, string body, string type = "application/json") =>
        SendAsync(HttpMethod.Post, path, new StringContent(body, Encoding.UTF8, type));

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await Json.ReadAsync(response);
    }

    /// <summary>Waits until a message's status is the one given, as the API tells it.</summary>
    public Task WaitForStatusAsync(Guid message, string status) => Until.TrueAsync(
        async () =>
        {
            using var response = await SendAsync(HttpMethod.Get, $"/v1/messages/{message:D}");
            return response.StatusCode == HttpStatusCode.OK && (await Json.ReadAsync(response)).Text("status") == status;
        },
        $"{message} is {status}");

    /// <summary>Every message of a conversation with its status, from all pages.</summary>
    public async Task<Dictionary<Guid, string>> StatusesAsync(Guid conversation)
    {
        var statuses = new Dictionary<Guid, string>();
        for (string? before = null; ;)
        {
            var page = await GetAsync(
                $"/v1/conversations/{conversation:D}/messages?limit=200{(before is null ? "" : $"&before={before}")}");
            foreach (var item in page.GetProperty("items").EnumerateArray()) statuses.Add(item.Id("messageId"), item.Text("status")!);
            before = page.Text("next");
            if (before is null) return statuses;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, string? key = null, string? bearer = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(graph.Apis[0], path)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer ?? Token);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
