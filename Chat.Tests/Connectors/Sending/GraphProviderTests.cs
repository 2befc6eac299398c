using System.Text;
using System.Text.Json;
using Chat.Connectors.Instagram.Sending;
using Chat.Connectors.Providers;
using Chat.Connectors.WhatsApp.Sending;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Contacts;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.Connectors.Sending;

/// <summary>The real providers over real HTTP.</summary>
public sealed class GraphProviderTests : IAsyncLifetime
{
    private const string Accepted =
        """
        {"messaging_product":"whatsapp","contacts":[{"input":"x","wa_id":"551100000002","user_id":"BR.1"}],
         "messages":[{"id":"wamid.1"}]}
        """;

    private const string OutsideWindow = """{"error":{"message":"m","code":10,"error_subcode":2534022}}""";

    private readonly CancellationTokenSource _deadline =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private GraphStub _graph = null!;

    public async ValueTask InitializeAsync()
    {
        _deadline.CancelAfter(TimeSpan.FromSeconds(60));
        _graph = await GraphStub.StartAsync();
        _graph.Answers(200, Accepted);
    }

    public async ValueTask DisposeAsync()
    {
        await _graph.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task WhatsApp_gets_a_text_with_our_id_and_says_how_it_names_the_person()
    {
        var message = WhatsApp(MessageTypes.Text, """{"texto":"Olá 😀 a/b"}""");
        var accepted = Assert.IsType<SendAnswer.Accepted>(await SendAsync(message, refersTo: "wamid.IN"));

        var request = Assert.Single(_graph.Requests);
        Assert.Equal(("/v25.0/700800900/messages", "Bearer the-token"), (request.Path, request.Authorization));
        AssertJson(
            $$"""
            {"messaging_product":"whatsapp","recipient_type":"individual","to":"5511900000002","type":"text",
             "text":{"body":"Olá 😀 a/b"},"context":{"message_id":"wamid.IN"},
             "biz_opaque_callback_data":"{{message.Message.MessageId:D}}"}
            """,
            request.Body);
        Assert.Equal(["wamid.1"], accepted.ProviderMessageIds);
        Assert.Empty(accepted.Statuses);
        Assert.Equal("551100000002", accepted.SendTo);
        Assert.Equal(
            [new(AddressKinds.Phone, "551100000002"), new(AddressKinds.BusinessScopedUserId, "BR.1")], accepted.Addresses);
    }

    [Theory]
    [InlineData("image", """{"midia":{"id":"42"},"legenda":"c"}""", """{"id":"42","caption":"c"}""")]
    [InlineData("image", """{"midia":{"link":"https://a/b.png"}}""", """{"link":"https://a/b.png"}""")]
    [InlineData(
        "document", """{"midia":{"id":"42","nomeArquivo":"a.pdf"},"legenda":"c"}""", """{"id":"42","caption":"c","filename":"a.pdf"}""")]
    [InlineData("audio", """{"midia":{"id":"42"},"legenda":"no caption"}""", """{"id":"42"}""")]
    [InlineData("video", """{"midia":{"id":"42"},"legenda":"c"}""", """{"id":"42","caption":"c"}""")]
    [InlineData(
        "template",
        """{"modelo":{"nome":"hi","idioma":"pt_BR","componentes":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}}""",
        """{"name":"hi","language":{"code":"pt_BR"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}""")]
    [InlineData("template", """{"modelo":{"nome":"hi","idioma":"pt_BR"}}""", """{"name":"hi","language":{"code":"pt_BR"}}""")]
    [InlineData(
        "interactive",
        """{"interativo":{"type":"button","body":{"text":"?"},"action":{"buttons":[]}}}""",
        """{"type":"button","body":{"text":"?"},"action":{"buttons":[]}}""")]
    [InlineData("reaction", """{"reacao":{"mensagemId":"x","emoji":"👍"}}""", """{"message_id":"wamid.IN","emoji":"👍"}""")]
    [InlineData("reaction", """{"reacao":{"mensagemId":"x","emoji":""}}""", """{"message_id":"wamid.IN","emoji":""}""")]
    public async Task WhatsApp_gets_each_kind_of_message_as_it_wants_it(string type, string content, string expected)
    {
        await SendAsync(WhatsApp(type, content), refersTo: type == "reaction" ? "wamid.IN" : null);
        var body = Assert.Single(_graph.Requests).Body;
        Assert.Equal(type, body.GetProperty("type").GetString());
        AssertJson(expected, body.GetProperty(type));
        Assert.False(body.TryGetProperty("context", out _));
    }

    [Theory]
    [InlineData("text", "{}", "5511900000002")]
    [InlineData("image", """{"midia":{}}""", "5511900000002")]
    [InlineData("template", """{"modelo":{"nome":"hi"}}""", "5511900000002")]
    [InlineData("interactive", "{}", "5511900000002")]
    [InlineData("reaction", """{"reacao":{"mensagemId":"x","emoji":"👍"}}""", "5511900000002")]
    [InlineData("carousel", "{}", "5511900000002")]
    [InlineData("text", """{"texto":"Oi"}""", null)]
    [InlineData("text", """{"texto":"Oi"}""", "somebody")]
    public async Task What_WhatsApp_would_never_take_is_refused_without_asking_it(string type, string content, string? recipient)
    {
        Assert.IsType<SendAnswer.Rejected>(await SendAsync(WhatsApp(type, content) with { Recipient = recipient }));
        Assert.Empty(_graph.Requests);
    }

    [Fact]
    public async Task A_person_who_hides_the_number_is_named_by_the_user_id()
    {
        await SendAsync(WhatsApp("text", """{"texto":"Oi"}""") with { Recipient = "BR.13490000000000000001" });
        var body = Assert.Single(_graph.Requests).Body;
        Assert.Equal("BR.13490000000000000001", body.GetProperty("recipient").GetString());
        Assert.False(body.TryGetProperty("to", out _));
    }

    [Theory]
    [InlineData(400, """{"error":{"code":131026,"error_data":{"details":"d"}}}""", nameof(SendAnswer.Rejected))]
    [InlineData(200, """{"error":{"code":131026,"error_data":"d"}}""", nameof(SendAnswer.Rejected))]
    [InlineData(429, """{"error":{"code":130429}}""", nameof(SendAnswer.Later))]
    [InlineData(401, """{"error":{"code":190}}""", nameof(SendAnswer.Later))]
    [InlineData(200, "{}", nameof(SendAnswer.Unknown))]
    [InlineData(200, "<html>", nameof(SendAnswer.Unknown))]
    [InlineData(200, "", nameof(SendAnswer.Unknown))]
    [InlineData(502, "<html>", nameof(SendAnswer.Unknown))]
    [InlineData(500, """{"error":{"code":131000}}""", nameof(SendAnswer.Later))]
    public async Task An_answer_says_what_became_of_the_message(int status, string body, string answer)
    {
        _graph.Answers(status, body);
        Assert.Equal(answer, (await SendAsync(WhatsApp("text", """{"texto":"Oi"}"""))).GetType().Name);
        Assert.Single(_graph.Requests);
    }

    [Fact]
    public async Task Retry_After_is_honoured()
    {
        _graph.Answers(429, """{"error":{"code":130429}}""", retryAfter: "77");
        var later = Assert.IsType<SendAnswer.Later>(await SendAsync(WhatsApp("text", """{"texto":"Oi"}""")));
        Assert.Equal(TimeSpan.FromSeconds(77), later.Wait);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_the_token()
    {
        _graph.Answer = (context, _) =>
        {
            context.Response.Redirect("/elsewhere", permanent: true, preserveMethod: true);
            return Task.CompletedTask;
        };
        Assert.IsType<SendAnswer.Rejected>(await SendAsync(WhatsApp("text", """{"texto":"Oi"}""")));
        Assert.Single(_graph.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_after_the_request_is_unknown_and_nothing_is_sent_twice(bool isReused)
    {
        // A client that holds a connection from before sends on it; one that dies there is no reason to send once more.
        if (isReused) Assert.IsType<SendAnswer.Accepted>(await SendAsync(WhatsApp("text", """{"texto":"Oi"}""")));
        _graph.Requests.Clear();
        _graph.Answer = (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        Assert.IsType<SendAnswer.Unknown>(await SendAsync(WhatsApp("text", """{"texto":"Oi"}""")));
        Assert.Single(_graph.Requests);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_unknown()
    {
        _graph.Answer = async (context, _) =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("""{"messages":""");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        Assert.IsType<SendAnswer.Unknown>(await SendAsync(WhatsApp("text", """{"texto":"Oi"}""")));
    }

    [Fact]
    public async Task No_answer_in_time_is_unknown()
    {
        await using var slow = await GraphStub.StartAsync(timeout: "00:00:01");
        slow.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        Assert.IsType<SendAnswer.Unknown>(await slow.Create<WhatsAppProvider>().SendAsync(
            WhatsApp("text", """{"texto":"Oi"}"""), _deadline.Token));
        Assert.Single(slow.Requests);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://nowhere.invalid")]
    public async Task Where_no_connection_was_made_it_may_be_sent_later(string url)
    {
        await using var nowhere = await GraphStub.StartAsync(baseUrl: url);
        var later = Assert.IsType<SendAnswer.Later>(await nowhere.Create<WhatsAppProvider>().SendAsync(
            WhatsApp("text", """{"texto":"Oi"}"""), _deadline.Token));
        Assert.Equal((LaterScope.Recipient, TimeSpan.FromSeconds(1)), (later.Scope, later.Wait));
    }

    [Theory]
    [InlineData(MessageTypes.MarkRead, """{"messaging_product":"whatsapp","status":"read","message_id":"wamid.IN"}""")]
    [InlineData(
        MessageTypes.Typing,
        """{"messaging_product":"whatsapp","status":"read","message_id":"wamid.IN","typing_indicator":{"type":"text"}}""")]
    public async Task WhatsApp_is_told_of_reading_and_typing(string type, string expected)
    {
        _graph.Answers(200, """{"success":true}""");
        var hint = Samples.Message() with { Type = type, ProviderMessageId = "wamid.IN" };
        Assert.True(await _graph.Create<WhatsAppProvider>().TellAsync(Account(ChannelCatalog.WhatsApp), hint, null, _deadline.Token));
        AssertJson(expected, Assert.Single(_graph.Requests).Body);
    }

    [Fact]
    public async Task Instagram_gets_a_text_and_the_answer_is_SENT()
    {
        _graph.Answers(200, """{"recipient_id":"990011","message_id":"mid.1"}""");
        var accepted = Assert.IsType<SendAnswer.Accepted>(await SendToInstagramAsync("text", """{"texto":"Olá"}""", refersTo: "mid.IN"));
        var request = Assert.Single(_graph.Requests);
        Assert.Equal(("/v24.0/17841400000000001/messages", "Bearer the-token"), (request.Path, request.Authorization));
        AssertJson("""{"recipient":{"id":"990011"},"message":{"text":"Olá"},"reply_to":{"mid":"mid.IN"}}""", request.Body);
        Assert.Equal(["mid.1"], accepted.ProviderMessageIds);
        Assert.Equal([StatusKind.Sent], accepted.Statuses.Select(s => s.Kind));
    }

    [Fact]
    public async Task Instagram_gets_a_long_text_in_parts_of_which_each_has_its_id()
    {
        AnswerEach((_, number) => (200, $$"""{"recipient_id":"990011","message_id":"mid.{{number}}"}"""));
        var text = string.Concat(Enumerable.Repeat("ação ", 400));
        var accepted = Assert.IsType<SendAnswer.Accepted>(await SendToInstagramAsync("text", $$"""{"texto":"{{text}}"}"""));
        Assert.Equal(["mid.1", "mid.2", "mid.3"], accepted.ProviderMessageIds);
        var parts = _graph.Requests.Select(r => r.Body.GetProperty("message").GetProperty("text").GetString()!).ToList();
        Assert.Equal(text, string.Concat(parts));
        Assert.All(parts, part => Assert.InRange(Encoding.UTF8.GetByteCount(part), 1, 1000));
    }

    [Theory]
    [InlineData("image", "image")]
    [InlineData("document", "file")]
    [InlineData("audio", "audio")]
    [InlineData("video", "video")]
    public async Task Instagram_gets_a_file_and_its_text_as_two_messages(string type, string expected)
    {
        AnswerEach((_, number) => (200, $$"""{"recipient_id":"990011","message_id":"mid.{{number}}"}"""));
        var accepted = Assert.IsType<SendAnswer.Accepted>(
            await SendToInstagramAsync(type, """{"midia":{"link":"https://a/b"},"legenda":"c"}"""));
        Assert.Equal(["mid.1", "mid.2"], accepted.ProviderMessageIds);
        var requests = _graph.Requests.ToList();
        var file = requests[0].Body.GetProperty("message").GetProperty("attachment");
        AssertJson($$"""{"type":"{{expected}}","payload":{"url":"https://a/b"} }""", file);
        AssertJson("""{"text":"c"}""", requests[1].Body.GetProperty("message"));
    }

    [Fact]
    public async Task Where_only_the_first_part_went_it_is_not_sent_again_and_says_so()
    {
        AnswerEach((_, number) => number == 1
            ? (200, """{"recipient_id":"990011","message_id":"mid.1"}""")
            : (400, """{"error":{"code":613}}"""));
        var rejected = Assert.IsType<SendAnswer.Rejected>(
            await SendToInstagramAsync("image", """{"midia":{"id":"7"},"legenda":"c"}"""));
        Assert.StartsWith("Only the first 1 of 2 parts were sent.", rejected.Reason, StringComparison.Ordinal);
        Assert.Equal(["mid.1"], rejected.ProviderMessageIds);
    }

    [Theory]
    [InlineData("👍", """{"recipient":{"id":"990011"},"sender_action":"react","payload":{"message_id":"mid.IN","reaction":"👍"}}""")]
    [InlineData("❤️", """{"recipient":{"id":"990011"},"sender_action":"react","payload":{"message_id":"mid.IN","reaction":"love"}}""")]
    [InlineData("", """{"recipient":{"id":"990011"},"sender_action":"unreact","payload":{"message_id":"mid.IN"}}""")]
    public async Task Instagram_gets_a_reaction_as_an_action(string emoji, string expected)
    {
        _graph.Answers(200, """{"recipient_id":"990011"}""");
        var content = $$$"""{"reacao":{"mensagemId":"x","emoji":"{{{emoji}}}"}}""";
        var accepted = Assert.IsType<SendAnswer.Accepted>(await SendToInstagramAsync("reaction", content, refersTo: "mid.IN"));
        Assert.Empty(accepted.ProviderMessageIds);
        AssertJson(expected, Assert.Single(_graph.Requests).Body);
    }

    [Fact]
    public async Task Instagram_outside_the_window_gets_each_part_as_a_human_agents_where_the_app_may()
    {
        await _graph.DisposeAsync();
        _graph = await GraphStub.StartAsync(humanAgent: true);
        AnswerEach((request, count) => request.Body.TryGetProperty("tag", out _)
            ? (200, $$"""{"recipient_id":"990011","message_id":"mid.{{count}}"}""")
            : (400, OutsideWindow));

        var accepted = Assert.IsType<SendAnswer.Accepted>(
            await SendToInstagramAsync("image", """{"midia":{"link":"https://a.example/b.png"},"legenda":"Oi"}"""));

        Assert.Equal(["mid.2", "mid.3"], accepted.ProviderMessageIds);
        Assert.Equal(3, _graph.Requests.Count);
        AssertJson(
            """{"recipient":{"id":"990011"},"message":{"text":"Oi"},"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT"}""",
            _graph.Requests.Last().Body);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Instagram_outside_the_window_is_refused_where_the_app_may_not_or_the_seven_days_are_over(
        bool humanAgent, int requests)
    {
        await _graph.DisposeAsync();
        _graph = await GraphStub.StartAsync(humanAgent: humanAgent);
        _graph.Answers(400, OutsideWindow);

        var rejected = Assert.IsType<SendAnswer.Rejected>(await SendToInstagramAsync("text", """{"texto":"Oi"}"""));

        Assert.Contains("24 hours", rejected.Reason, StringComparison.Ordinal);
        Assert.Equal(requests, _graph.Requests.Count);
    }

    [Theory]
    [InlineData(MessageTypes.MarkRead, "mark_seen")]
    [InlineData(MessageTypes.Typing, "typing_on")]
    public async Task Instagram_is_told_of_reading_and_typing(string type, string action)
    {
        _graph.Answers(200, """{"recipient_id":"990011"}""");
        var hint = Samples.Message(ChannelCatalog.Instagram) with { Type = type, ProviderMessageId = "mid.IN" };
        var provider = _graph.Create<InstagramProvider>();
        Assert.True(await provider.TellAsync(Account(ChannelCatalog.Instagram), hint, "990011", _deadline.Token));
        AssertJson($$$"""{"recipient":{"id":"990011"},"sender_action":"{{{action}}}"}""", Assert.Single(_graph.Requests).Body);
    }

    private static Outgoing WhatsApp(string type, string content) => new(
        Samples.Message(content: content) with { Type = type }, Samples.Start, First: true)
    {
        Account = Account(ChannelCatalog.WhatsApp),
        Recipient = "+55 (11) 90000-0002",
    };

    private static KnownAccount Account(string channel) => new FakeAccounts().Connect(
        new(channel, channel == ChannelCatalog.WhatsApp ? "700800900" : "17841400000000001"), Guid.CreateVersion7(Samples.Start));

    private static void AssertJson(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), actual.GetRawText());

    private void AnswerEach(Func<GraphStub.Request, int, (int Status, string Body)> answer)
    {
        var count = 0;
        _graph.Answer = (context, request) =>
        {
            var (status, body) = answer(request, ++count);
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };
    }

    private async Task<SendAnswer> SendAsync(Outgoing outgoing, string? refersTo = null) =>
        await _graph.Create<WhatsAppProvider>().SendAsync(outgoing with { RefersTo = refersTo }, _deadline.Token);

    private async Task<SendAnswer> SendToInstagramAsync(string type, string content, string? refersTo = null) =>
        await _graph.Create<InstagramProvider>().SendAsync(
            new(Samples.Message(ChannelCatalog.Instagram, content) with { Type = type }, Samples.Start, First: true)
            {
                Account = Account(ChannelCatalog.Instagram),
                Recipient = "990011",
                RefersTo = refersTo,
            },
            _deadline.Token);
}
