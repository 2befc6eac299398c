using System.Net;
using System.Net.WebSockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.Api;

/// <summary>Texts for people are in the reader's language.</summary>
public sealed partial class UserTextsTests
{
    private readonly Desk _desk = new();

    [Fact]
    public void Every_text_when_read_is_there_in_both_languages_with_the_same_values_and_names()
    {
        var texts = All().ToList();

        Assert.True(texts.Count > 50, $"{texts.Count} texts");
        foreach (var (name, text) in texts)
        {
            Assert.False(string.IsNullOrWhiteSpace(text.English), name);
            Assert.False(string.IsNullOrWhiteSpace(text.Portuguese), name);
            Assert.True(text.English != text.Portuguese, $"{name} is the same in both languages");
            Assert.Equal((name, Numbers(text.English)), (name, Numbers(text.Portuguese)));
        }
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(422)]
    [InlineData(426)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(503)]
    public void A_title_when_the_api_answers_with_its_status_is_there_in_both_languages(int status) =>
        Assert.NotEqual(UserTexts.Title(status).English, UserTexts.Title(status).Portuguese);

    [Theory]
    [InlineData(null, "", Language.English)]
    [InlineData("pt-BR", "", Language.Portuguese)]
    [InlineData("pt", "", Language.Portuguese)]
    [InlineData("pt-PT,en;q=0.9", "", Language.Portuguese)]
    [InlineData("en-GB,pt;q=0.9", "", Language.English)]
    [InlineData("fr,pt;q=0.5,en;q=0.4", "", Language.Portuguese)]
    [InlineData("pt;q=0,en;q=0.1", "", Language.English)]
    [InlineData("fr", "", Language.English)]
    [InlineData("*", "", Language.English)]
    [InlineData("pt;q=nonsense", "", Language.English)]
    [InlineData("en", "?lang=pt-BR", Language.Portuguese)]
    [InlineData("pt", "?lang=EN", Language.English)]
    [InlineData("pt", "?lang=fr", Language.Portuguese)]
    public void A_language_when_asked_for_is_the_one_liked_best_of_those_there_are(string? header, string query, Language expected)
    {
        var context = new DefaultHttpContext();
        if (header is not null) context.Request.Headers.AcceptLanguage = header;
        context.Request.QueryString = new(query);

        Assert.Equal(expected, context.Language());
    }

    [Fact]
    public async Task Problems_when_nothing_is_asked_are_English_and_Portuguese_where_that_is_asked()
    {
        await using var api = await ApiHost.StartAsync();

        var english = (await api.PostAsync("/v1/messages", _desk.Token, "{}")).IsProblem(HttpStatusCode.BadRequest, "tipo");
        var portuguese = (await AskAsync(api, HttpMethod.Post, "/v1/messages", "{}", "pt-BR,pt;q=0.9,en;q=0.8"))
            .IsProblem(HttpStatusCode.BadRequest, "tipo");

        Assert.Equal(("Bad Request", "en"), (english.Json.GetProperty("title").GetString(), english.Header("Content-Language")));
        Assert.Equal(
            ("Requisição inválida", "pt-BR"),
            (portuguese.Json.GetProperty("title").GetString(), portuguese.Header("Content-Language")));
        Assert.Contains(
            "conversaId: faltando; envie um UUID.", portuguese.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("faltando; envie um UUID.", portuguese.Json.GetProperty("errors").GetProperty("conversaId")[0].GetString());
    }

    [Fact]
    public async Task Problems_when_they_are_the_frameworks_own_are_in_the_clients_language_too()
    {
        await using var api = await ApiHost.StartAsync();

        Assert.Equal("Não encontrado", await TitleAsync(HttpMethod.Get, "/v1/nothing", null));
        Assert.Equal("Método não permitido", await TitleAsync(HttpMethod.Delete, "/v1/messages", null));
        Assert.Equal("Não autenticado", await TitleAsync(HttpMethod.Get, "/v1/channels", null, token: false));

        async Task<string?> TitleAsync(HttpMethod method, string path, string? body, bool token = true) =>
            (await AskAsync(api, method, path, body, "pt", token)).Json.GetProperty("title").GetString();
    }

    [Theory]
    [InlineData("", null, "Mensagem inválida: envie JSON em quadros de texto")]
    [InlineData("", "pt-BR", "Mensagem inválida: envie JSON em quadros de texto")]
    [InlineData("", "en-US,en;q=0.9", "Invalid message: send JSON in text frames")]
    [InlineData("?lang=en", null, "Invalid message: send JSON in text frames")]
    public async Task Error_frames_when_nothing_is_asked_are_Portuguese_and_English_where_that_is_asked(
        string query, string? header, string expected)
    {
        await using var api = await ApiHost.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {_desk.Token}");
        if (header is not null) socket.Options.SetRequestHeader("Accept-Language", header);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        var address = new UriBuilder(api.Client.BaseAddress!) { Scheme = "ws", Path = "/ws/status", Query = query };
        await socket.ConnectAsync(address.Uri, deadline.Token);

        await socket.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, endOfMessage: true, deadline.Token);

        JsonElement frame;
        do
        {
            var buffer = new byte[4096];
            var read = await socket.ReceiveAsync(buffer, deadline.Token);
            frame = JsonElement.Parse(buffer.AsSpan(0, read.Count));
        }
        while (frame.GetProperty("type").GetString() != "error");
        Assert.Equal(expected, frame.GetProperty("message").GetString());
    }

    private async Task<Answer> AskAsync(
        ApiHost api, HttpMethod method, string path, string? body, string language, bool token = true) => await api.SendAsync(
            method,
            path,
            token ? _desk.Token : null,
            body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
            request => request.Headers.TryAddWithoutValidation("Accept-Language", language));

    private static IEnumerable<(string Name, UserText Text)> All()
    {
        foreach (var property in typeof(UserTexts).GetProperties(BindingFlags.Public | BindingFlags.Static))
            yield return (property.Name, (UserText)property.GetValue(null)!);
        foreach (var method in typeof(UserTexts).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            // Titles have a test of their own: a status that is not listed keeps its English phrase.
            if (method.IsSpecialName || method.Name == nameof(UserTexts.Title)) continue;
            var sample = 4711;
            object[] arguments = [.. method.GetParameters().Select(p => Sample(p.ParameterType, sample++))];
            yield return (method.Name, (UserText)method.Invoke(null, arguments)!);
        }
    }

    private static object Sample(Type type, int number) =>
        type == typeof(string) ? $"text {number}" : Convert.ChangeType(number, type, System.Globalization.CultureInfo.InvariantCulture);

    private static string Numbers(string text) => string.Join(' ', NumberPattern().Matches(text).Select(m => m.Value).Order());

    [GeneratedRegex(@"\d{2,}")]
    private static partial Regex NumberPattern();
}
