using System.Net;
using System.Text;
using Chat.Connectors;
using Chat.Core.Webhooks;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;

namespace Chat.Tests.Webhooks;

/// <summary>A person and the desk in one conversation, through the API, the log and the store.</summary>
public sealed class ConversationTests
{
    private const string Secret = "the secret of our app, for the tests";
    private const string Account = "700800900";

    private readonly Desk _desk = new();

    [Fact]
    public async Task Answer_when_the_desk_wrote_first_is_in_the_desks_conversation_and_opens_the_window()
    {
        await using var api = await StartAsync();
        var posted = _desk.Body("Oi", To("+55 11 98888-0002"));
        (await api.PostAsync("/v1/messages", _desk.Token, posted)).Is(HttpStatusCode.Accepted);
        var before = (await GetAsync(api, _desk.Conversation)).Is(HttpStatusCode.OK).Json.GetProperty("contact");
        Assert.False(before.GetProperty("window").GetProperty("open").GetBoolean());

        await ReceiveAsync(api, Text("wamid.IN1", "Olá"));

        await Until.TrueAsync(
            async () => (await MessagesAsync(api, _desk.Conversation)).Contains("inbound text {\"texto\":\"Olá\"}"), "the answer is there");
        var contact = (await GetAsync(api, _desk.Conversation)).Is(HttpStatusCode.OK).Json.GetProperty("contact");
        Assert.Equal(
            ("whatsapp", Account, "551188880002", true),
            (contact.Text("channel"), contact.Text("accountId"), contact.Text("sendTo"),
                contact.GetProperty("window").GetProperty("open").GetBoolean()));
        Assert.Equal("phone", contact.GetProperty("addresses")[0].Text("kind"));
    }

    [Fact]
    public async Task Message_when_it_is_delivered_again_and_again_is_there_once_and_nobody_else_sees_it()
    {
        await using var api = await StartAsync();
        (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body("Oi", To("5511988880002")))).Is(HttpStatusCode.Accepted);
        var again = Text("wamid.IN1", "Olá");
        for (var i = 0; i < 3; i++) await ReceiveAsync(api, again);
        await ReceiveAsync(api, Text("wamid.IN2", "Tudo?"));

        await Until.TrueAsync(
            async () => (await MessagesAsync(api, _desk.Conversation)).Contains("inbound text {\"texto\":\"Tudo?\"}"), "both are there");

        Assert.Single(await MessagesAsync(api, _desk.Conversation), m => m.Contains("Olá", StringComparison.Ordinal));
        var stranger = ApiHost.Token(Guid.NewGuid(), Guid.NewGuid());
        (await api.GetAsync($"/v1/conversations/{_desk.Conversation}", stranger)).IsProblem(HttpStatusCode.Forbidden, "id");
        (await api.GetAsync($"/v1/conversations/{Guid.NewGuid()}", stranger)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Message_when_a_person_of_the_desk_sent_it_elsewhere_is_there_as_sent()
    {
        await using var api = await StartAsync();
        (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body("Oi", To("5511988880002")))).Is(HttpStatusCode.Accepted);
        var echo = WebhookFixture.WhatsApp(
            $$$"""
            "message_echoes":[{"from":"551130000001","to":"551188880002","id":"wamid.E1","timestamp":"{{{Now}}}","type":"text",
            "text":{"body":"Do celular"}}]
            """,
            account: Account).Replace("\"field\":\"messages\"", "\"field\":\"smb_message_echoes\"", StringComparison.Ordinal);

        await ReceiveBodyAsync(api, echo);

        await Until.TrueAsync(
            async () => (await MessagesAsync(api, _desk.Conversation, "status")).Contains("outbound text {\"texto\":\"Do celular\"} SENT"),
            "it is there, and sent");
    }

    private static string To(string recipient) => $",\"destinatario\":\"{recipient}\"";

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static string Text(string id, string text) =>
        $$$"""{"from":"551188880002","id":"{{{id}}}","timestamp":"{{{Now - 1}}}","type":"text","text":{"body":"{{{text}}}"}}""";

    private static Task ReceiveAsync(ApiHost api, string message) =>
        ReceiveBodyAsync(api, WebhookFixture.WhatsApp($"\"messages\":[{message}]", account: Account));

    private static async Task ReceiveBodyAsync(ApiHost api, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        (await api.SendAsync(
            HttpMethod.Post,
            "/v1/webhooks/whatsapp",
            token: null,
            new ByteArrayContent(bytes),
            request => request.Headers.Add(WebhookSignature.Header, WebhookSignature.Sign(bytes, Secret)))).Is(HttpStatusCode.OK);
    }

    private Task<Answer> GetAsync(ApiHost api, Guid conversation) => api.GetAsync($"/v1/conversations/{conversation}", _desk.Token);

    private async Task<IReadOnlyList<string>> MessagesAsync(ApiHost api, Guid conversation, string? also = null)
    {
        var page = (await api.GetAsync($"/v1/conversations/{conversation}/messages", _desk.Token)).Is(HttpStatusCode.OK).Json;
        return
        [
            .. page.GetProperty("items").EnumerateArray().Select(m =>
            {
                var more = also is null ? "" : $" {m.Text(also)}";
                return $"{m.Text("direction")} {m.Text("type")} {m.GetProperty("content").GetRawText()}{more}";
            }),
        ];
    }

    private Task<ApiHost> StartAsync() => ApiHost.StartAsync(
        new()
        {
            ["Accounts:Apps:whatsapp:default:Secrets:0"] = Secret,
            ["Accounts:Own:0:Channel"] = "whatsapp",
            ["Accounts:Own:0:AccountId"] = Account,
            ["Accounts:Own:0:BusinessId"] = "W1",
            ["Accounts:Own:0:OrganizationId"] = $"{_desk.Organization}",
        },
        configure: builder =>
        {
            builder.AddRouterWorker();
            builder.AddStatusWorker();
            builder.AddConnectors();
        });
}
