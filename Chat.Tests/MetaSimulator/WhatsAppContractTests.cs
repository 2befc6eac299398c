using System.Net;
using System.Text.Json;
using Chat.MetaSimulator.Webhooks;
using Chat.Tests.Api;
using Chat.Tests.Graph;

namespace Chat.Tests.MetaSimulator;

/// <summary>That the simulator answers and tells what WhatsApp's documentation says, over real HTTP.</summary>
public sealed class WhatsAppContractTests : IAsyncLifetime
{
    private SimulatorRig _rig = null!;

    /// <summary>Requests that are refused, each with its code.</summary>
    public static TheoryData<string, int> Wrong => new()
    {
        { """{"to":"5511987654321","type":"text","text":{"body":"a"}}""", 100 },
        { """{"messaging_product":"whatsapp","type":"text","text":{"body":"a"}}""", 100 },
        { """{"messaging_product":"whatsapp","to":"abc","type":"text","text":{"body":"a"}}""", 131009 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"fax","fax":{}}""", 100 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"text"}""", 131008 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"text","text":{}}""", 131008 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"text","text":"a"}""", 100 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"image","image":{}}""", 100 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"image","image":{"id":"1","link":"https://a.b/c"}}""", 100 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"image","image":{"id":"1"}}""", 100 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"image","image":{"link":"a.png"}}""", 100 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"audio","audio":{"link":"https://a.b/c","caption":"x"}}""", 100 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"location","location":{"latitude":1}}""", 131008 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"contacts","contacts":[]}""", 131008 },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"template","template":{"name":"hello_world"}}""", 131008 },
        {
            """
            {"messaging_product":"whatsapp","to":"5511987654321","type":"template","template":{"name":"none","language":{"code":"pt_BR"}}}
            """,
            132001
        },
        { """{"messaging_product":"whatsapp","to":"5511987654321","type":"reaction","reaction":{"emoji":"a"}}""", 131008 },
        {
            """
            {"messaging_product":"whatsapp","to":"5511987654321","type":"interactive","interactive":{"type":"button","body":{"text":"a"},
            "action":{"buttons":[{"reply":{"id":"1","title":"1"}},{"reply":{"id":"2","title":"2"}},{"reply":{"id":"3","title":"3"}},
            {"reply":{"id":"4","title":"4"}}]}}}
            """,
            131009
        },
        { """{"messaging_product":"whatsapp","to":"551130000001","type":"text","text":{"body":"a"}}""", 131021 },
        { """[]""", 100 },
    };

    public async ValueTask InitializeAsync()
    {
        _rig = await SimulatorRig.StartAsync();
        await _rig.OpenWindowsAsync();
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_request_that_is_wrong_is_refused_with_its_code(string body, int code)
    {
        var answer = await _rig.SendAsync(JsonElement.Parse(body));

        AssertError(answer, code);
        Assert.Empty(await _rig.TakenAsync());
    }

    [Fact]
    public async Task A_text_of_4096_is_taken_and_one_of_4097_is_not()
    {
        (await _rig.SendTextAsync(new('a', 4096))).Is(HttpStatusCode.OK);
        AssertError(await _rig.SendTextAsync(new('a', 4097)), 100);
    }

    [Fact]
    public async Task An_answer_has_the_id_and_the_number_as_WhatsApp_writes_it()
    {
        var answer = (await _rig.SendTextAsync("Olá")).Is(HttpStatusCode.OK).Json;

        Assert.Equal("whatsapp", answer.GetProperty("messaging_product").GetString());
        var contact = Assert.Single(answer.GetProperty("contacts").EnumerateArray());
        Assert.Equal((SimulatorRig.Dialled, SimulatorRig.WaId), (Text(contact, "input"), Text(contact, "wa_id")));
        Assert.StartsWith("wamid.", MessageId(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statuses_bring_the_opaque_data_and_seconds_as_a_string_and_are_signed()
    {
        var id = MessageId((await _rig.SendTextAsync("Olá á/é", opaque: "our id")).Json);
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/open");
        await _rig.ToldAsync();

        Assert.Equal(["sent", "delivered", "read"], _rig.Receiver.StatusesOf(id));
        Assert.All(_rig.Receiver.Items("statuses"), status =>
        {
            Assert.Equal("our id", Text(status, "biz_opaque_callback_data"));
            Assert.Equal(SimulatorRig.WaId, Text(status, "recipient_id"));
            Assert.True(long.TryParse(Text(status, "timestamp"), out _));
        });
        Assert.All(_rig.Receiver.All, r => Assert.Equal(MetaJson.Sign(WebhookReceiver.Secret, r.Body), r.Signature));
        Assert.All(_rig.Receiver.All, r => Assert.True(r.Body.All(b => b < 0x80)));
        Assert.All(_rig.Receiver.All, r =>
        {
            var entry = r.Json.GetProperty("entry")[0];
            Assert.Equal(SimulatorRig.Waba, Text(entry, "id"));
            var metadata = entry.GetProperty("changes")[0].GetProperty("value").GetProperty("metadata");
            Assert.Equal(SimulatorRig.Number, Text(metadata, "phone_number_id"));
        });
    }

    [Fact]
    public async Task Outside_the_window_a_text_fails_by_webhook_and_a_template_does_not()
    {
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/wrote", new { secondsAgo = 86_401 });

        var text = MessageId((await _rig.SendTextAsync("Olá")).Is(HttpStatusCode.OK).Json);
        var template = MessageId((await _rig.SendAsync(new
        {
            messaging_product = "whatsapp",
            to = SimulatorRig.Dialled,
            type = "template",
            template = new { name = "hello_world", language = new { code = "en_US" } },
        })).Is(HttpStatusCode.OK).Json);
        await _rig.ToldAsync();

        Assert.Equal(["failed"], _rig.Receiver.StatusesOf(text));
        Assert.Equal(131047, _rig.Receiver.Items("statuses").First(s => Text(s, "id") == text).GetProperty("errors")[0]
            .GetProperty("code").GetInt32());
        Assert.Equal(["sent", "delivered"], _rig.Receiver.StatusesOf(template));
    }

    [Fact]
    public async Task A_blocked_business_learns_of_it_as_undeliverable()
    {
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/block", new { isBlocked = true });
        var id = MessageId((await _rig.SendTextAsync("Olá")).Is(HttpStatusCode.OK).Json);
        await _rig.ToldAsync();

        Assert.Equal(["failed"], _rig.Receiver.StatusesOf(id));
        Assert.Equal(131026, _rig.Receiver.Items("statuses")[0].GetProperty("errors")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task One_person_gets_45_at_once_and_no_more()
    {
        for (var i = 0; i < 45; i++) (await _rig.SendTextAsync($"{i}")).Is(HttpStatusCode.OK);

        AssertError(await _rig.SendTextAsync("46"), 131056);
    }

    [Fact]
    public async Task A_number_gets_as_many_a_second_as_it_may()
    {
        await _rig.ControlAsync(
            HttpMethod.Put, $"accounts/whatsapp/{SimulatorRig.Number}", new { messagesPerSecond = 1, hasPairLimit = false });
        (await _rig.SendTextAsync("1")).Is(HttpStatusCode.OK);

        await Until.TrueAsync(
            async () => (await _rig.SendTextAsync("2")) is { Status: HttpStatusCode.TooManyRequests } refused && Code(refused) == 130429,
            "the number's limit answers");
    }

    [Theory]
    [InlineData(null, 0, HttpStatusCode.Unauthorized)]
    [InlineData("somebody else's", 190, HttpStatusCode.Unauthorized)]
    [InlineData(SimulatorRig.InstagramToken, 100, HttpStatusCode.BadRequest)]
    public async Task A_token_that_does_not_do_is_refused(string? token, int code, HttpStatusCode status)
    {
        var answer = await _rig.SendAsync(new { messaging_product = "whatsapp" }, token);

        AssertError(answer, code);
        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task A_planned_error_comes_as_often_as_it_was_asked_for_and_for_its_recipient_alone()
    {
        await _rig.ControlAsync(HttpMethod.Post, "errors", new
        {
            channel = "whatsapp",
            recipient = SimulatorRig.Dialled,
            code = 131000,
            times = 1,
            byWebhook = false,
            retryAfterSeconds = 7,
        });

        (await _rig.SendTextAsync("to somebody else", "+5521988887777")).Is(HttpStatusCode.OK);
        var refused = await _rig.SendTextAsync("Olá");
        AssertError(refused, 131000);
        Assert.Equal("7", refused.Header("Retry-After"));
        (await _rig.SendTextAsync("Olá")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_planned_error_by_webhook_fails_a_message_that_was_taken()
    {
        await _rig.ControlAsync(HttpMethod.Post, "errors", new { channel = "whatsapp", code = 131049, times = 1, byWebhook = true });
        var id = MessageId((await _rig.SendTextAsync("Olá")).Is(HttpStatusCode.OK).Json);
        await _rig.ToldAsync();

        Assert.Equal(["failed"], _rig.Receiver.StatusesOf(id));
    }

    [Fact]
    public async Task Marking_as_read_turns_that_message_and_those_before_it_blue_and_shows_typing()
    {
        foreach (var text in new[] { "1", "2", "3" }) await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text });
        await _rig.ToldAsync();
        var second = Text(_rig.Receiver.Items("messages")[1], "id");

        (await _rig.SendAsync(new
        {
            messaging_product = "whatsapp",
            status = "read",
            message_id = second,
            typing_indicator = new { type = "text" },
        })).Is(HttpStatusCode.OK);

        var chat = (await _rig.PhoneAsync()).GetProperty("chats").EnumerateArray().First(c => Text(c, "channel") == "whatsapp");
        Assert.Equal([true, true, false], chat.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("isSeen").GetBoolean()));
        Assert.True(chat.GetProperty("isTyping").GetBoolean());
        AssertError(await _rig.SendAsync(new { messaging_product = "whatsapp", status = "read", message_id = "wamid.none" }), 131009);
    }

    [Fact]
    public async Task What_a_person_writes_comes_with_their_name_and_ids()
    {
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = "Olá! 😀 a/b" });
        await _rig.ToldAsync();

        var message = Assert.Single(_rig.Receiver.Items("messages"));
        Assert.Equal((SimulatorRig.WaId, "text"), (Text(message, "from"), Text(message, "type")));
        Assert.Equal("Olá! 😀 a/b", Text(message.GetProperty("text"), "body"));
        var contact = Assert.Single(_rig.Receiver.Items("contacts"));
        Assert.Equal((SimulatorRig.WaId, "Ana"), (Text(contact, "wa_id"), Text(contact.GetProperty("profile"), "name")));
    }

    [Fact]
    public async Task A_person_who_hides_the_number_is_named_by_the_business_scoped_id_alone()
    {
        await _rig.ControlAsync(HttpMethod.Put, "people/ana", new { hidesNumber = true });
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = "Oi" });
        await _rig.ToldAsync();

        var message = Assert.Single(_rig.Receiver.Items("messages"));
        Assert.False(message.TryGetProperty("from", out _));
        Assert.Equal("BR.13490000000000000001", Text(message, "from_user_id"));
    }

    [Fact]
    public async Task Edits_deletions_reactions_and_taps_name_their_message()
    {
        var chat = $"chats/whatsapp/{SimulatorRig.Number}";
        var sent = MessageId((await SendAsync("interactive", new
        {
            type = "button",
            body = new { text = "Tudo bem?" },
            action = new { buttons = new[] { new { type = "reply", reply = new { id = "yes", title = "Sim" } } } },
        })).Is(HttpStatusCode.OK).Json);
        await _rig.PhoneAsync($"{chat}/messages", new { text = "Oi" });
        await _rig.ToldAsync();
        var own = Text(_rig.Receiver.Items("messages")[0], "id");

        await _rig.PhoneAsync($"{chat}/reactions", new { messageId = sent, emoji = "❤" });
        await _rig.PhoneAsync($"{chat}/edits", new { messageId = own, text = "Olá" });
        await _rig.PhoneAsync($"{chat}/deletions", new { messageId = own });
        await _rig.PhoneAsync($"{chat}/taps", new { messageId = sent, buttonId = "yes" });
        await _rig.ToldAsync();

        var all = _rig.Receiver.Items("messages").Skip(1).ToDictionary(m => Text(m, "type")!);
        Assert.Equal(sent, Text(all["reaction"].GetProperty("reaction"), "message_id"));
        Assert.Equal(own, Text(all["edit"].GetProperty("edit"), "original_message_id"));
        Assert.Equal(own, Text(all["revoke"].GetProperty("revoke"), "original_message_id"));
        Assert.Equal("yes", Text(all["interactive"].GetProperty("interactive").GetProperty("button_reply"), "id"));
        Assert.Equal(sent, Text(all["interactive"].GetProperty("context"), "id"));
    }

    [Fact]
    public async Task Media_goes_up_and_comes_down_by_an_address_that_wants_the_token()
    {
        var id = await _rig.UploadAsync("image/png");

        var media = (await _rig.GetAsync($"/v25.0/{id}", SimulatorRig.Token)).Is(HttpStatusCode.OK).Json;

        Assert.Equal(("image/png", 3), (Text(media, "mime_type"), media.GetProperty("file_size").GetInt32()));
        (await _rig.GetAsync(Text(media, "url")!)).Is(HttpStatusCode.Unauthorized);
        (await _rig.GetAsync(Text(media, "url")!, SimulatorRig.InstagramToken)).Is(HttpStatusCode.Unauthorized);
        (await _rig.GetAsync(Text(media, "url")!, SimulatorRig.Token)).Is(HttpStatusCode.OK);
        (await _rig.SendAsync(new { messaging_product = "whatsapp", to = SimulatorRig.Dialled, type = "image", image = new { id } }))
            .Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_file_of_a_type_that_is_not_taken_is_refused_and_one_of_another_kind_fails_by_webhook()
    {
        AssertError(await _rig.TryUploadAsync("image/gif"), 100);
        var png = await _rig.UploadAsync("image/png");

        await FailsAsync(131053, "video", new { id = png });
        (await SendAsync("document", new { id = png })).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_link_is_fetched_and_what_is_not_there_fails_by_webhook()
    {
        await FailsAsync(131053, "image", new { link = new Uri(_rig.Simulator.Address, "/cdn/none") });
        await FailsAsync(131053, "image", new { link = new Uri(_rig.Simulator.Address, "/phone") });
        // It is somewhere else.
        await FailsAsync(131053, "document", new { link = _rig.Simulator.Address });
        await FailsAsync(131053, "image", new { link = "http://127.0.0.1:1/a.png" });

        var link = new Uri(_rig.Simulator.Address, $"/cdn/{await _rig.UploadAsync("image/png")}");
        var id = MessageId((await SendAsync("image", new { link })).Is(HttpStatusCode.OK).Json);
        await _rig.ToldAsync();
        Assert.Equal(["sent", "delivered"], _rig.Receiver.StatusesOf(id));
    }

    [Fact]
    public async Task A_row_of_a_list_comes_as_a_list_reply()
    {
        var chat = $"chats/whatsapp/{SimulatorRig.Number}";
        var sent = MessageId((await SendAsync("interactive", new
        {
            type = "list",
            body = new { text = "Quando?" },
            action = new
            {
                button = "Ver",
                sections = new[]
                {
                    new { title = "Dias", rows = new[] { new { id = "mon", title = "Segunda", description = "9 h" } } },
                },
            },
        })).Is(HttpStatusCode.OK).Json);
        await _rig.PhoneAsync($"{chat}/taps", new { messageId = sent, buttonId = "mon" });
        await _rig.ToldAsync();

        var interactive = Assert.Single(_rig.Receiver.Items("messages")).GetProperty("interactive");
        Assert.Equal("list_reply", Text(interactive, "type"));
        var row = interactive.GetProperty("list_reply");
        Assert.Equal(("mon", "Segunda", "9 h"), (Text(row, "id"), Text(row, "title"), Text(row, "description")));
    }

    [Fact]
    public async Task A_reaction_of_the_business_is_sent_and_shows_once_the_phone_is_on()
    {
        var message = await WriteAsync();
        await _rig.PhoneAsync("power", new { isOn = false });
        var reaction = await ReactAsync(message);
        Assert.Null(await OnPhoneAsync(message));

        await _rig.PhoneAsync("power", new { isOn = true });
        await _rig.ToldAsync();

        Assert.Equal("👍", await OnPhoneAsync(message));
        Assert.Equal(["sent"], _rig.Receiver.StatusesOf(reaction));
    }

    [Theory]
    [InlineData("wrote", """{"secondsAgo":90000}""", 131047)]
    [InlineData("block", """{"isBlocked":true}""", 131026)]
    public async Task A_reaction_of_the_business_fails_as_a_message_does(string what, string how, int code)
    {
        var message = await WriteAsync();
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/{what}", JsonElement.Parse(how));

        await AssertFailedAsync(await ReactAsync(message), code);
        Assert.Null(await OnPhoneAsync(message));
    }

    [Fact]
    public async Task A_reaction_of_the_business_has_planned_errors_and_fails_where_there_is_no_such_message()
    {
        var message = await WriteAsync();
        await _rig.ControlAsync(HttpMethod.Post, "errors", new { channel = "whatsapp", code = 131049, times = 1, byWebhook = true });

        await AssertFailedAsync(await ReactAsync(message), 131049);
        await AssertFailedAsync(await ReactAsync("wamid.none"), 131009);
        Assert.Null(await OnPhoneAsync(message));
    }

    [Fact]
    public async Task Nothing_names_the_number_of_who_hides_it()
    {
        var message = await WriteAsync();
        await _rig.ControlAsync(HttpMethod.Put, "people/ana", new { hidesNumber = true });
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = "2", replyTo = message });
        await _rig.ToldAsync();

        var reply = _rig.Receiver.Items("messages")[^1];
        Assert.Equal(message, Text(reply.GetProperty("context"), "id"));
        Assert.DoesNotContain(SimulatorRig.WaId, reply.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"messaging_product":"whatsapp","to":"5511987654321","type":"text","text":{"body":"\ud800"}}""")]
    [InlineData("""{"messaging_product":"whatsapp","messaging_product":"whatsapp","to":"5511987654321","text":{"body":"a"}}""")]
    public async Task What_is_no_text_or_says_something_twice_is_refused(string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v25.0/{SimulatorRig.Number}/messages")
        {
            Content = new StringContent(json),
        };
        request.Headers.Authorization = new("Bearer", SimulatorRig.Token);
        using var response = await _rig.RawAsync(request);
        AssertError(await Answer.OfAsync(response), 100);
    }

    [Fact]
    public async Task Whose_subscription_ended_gets_no_webhooks_and_no_error()
    {
        var apps = (await _rig.GetAsync($"/v25.0/{SimulatorRig.Waba}/subscribed_apps", SimulatorRig.Token)).Json.GetProperty("data");
        Assert.Equal("tests", Text(Assert.Single(apps.EnumerateArray()).GetProperty("whatsapp_business_api_data"), "name"));
        await _rig.ControlAsync(HttpMethod.Put, $"accounts/whatsapp/{SimulatorRig.Number}", new { isSubscribed = false });

        (await _rig.SendTextAsync("Olá")).Is(HttpStatusCode.OK);
        await _rig.ToldAsync();

        Assert.Empty(_rig.Receiver.All);
        Assert.Empty((await _rig.GetAsync($"/v25.0/{SimulatorRig.Waba}/subscribed_apps", SimulatorRig.Token)).Json
            .GetProperty("data").EnumerateArray());
    }

    private Task<Answer> SendAsync(string type, object content) => _rig.SendAsync(new Dictionary<string, object>
    {
        ["messaging_product"] = "whatsapp",
        ["to"] = SimulatorRig.Dialled,
        ["type"] = type,
        [type] = content,
    });

    private async Task FailsAsync(int code, string type, object file) =>
        await AssertFailedAsync(MessageId((await SendAsync(type, file)).Is(HttpStatusCode.OK).Json), code);

    private async Task AssertFailedAsync(string id, int code)
    {
        await _rig.ToldAsync();
        Assert.Equal(["failed"], _rig.Receiver.StatusesOf(id));
        var status = _rig.Receiver.Items("statuses").Single(s => Text(s, "id") == id);
        Assert.Equal(code, status.GetProperty("errors")[0].GetProperty("code").GetInt32());
    }

    /// <summary>The person writes; answers with the message's id.</summary>
    private async Task<string> WriteAsync()
    {
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = "1" });
        await _rig.ToldAsync();
        return Text(_rig.Receiver.Items("messages")[^1], "id")!;
    }

    private async Task<string> ReactAsync(string message) => MessageId((await _rig.SendAsync(new
    {
        messaging_product = "whatsapp",
        to = SimulatorRig.Dialled,
        type = "reaction",
        reaction = new { message_id = message, emoji = "👍" },
    })).Is(HttpStatusCode.OK).Json);

    /// <summary>The business's emoji on a message.</summary>
    private async Task<string?> OnPhoneAsync(string message)
    {
        var chat = (await _rig.PhoneAsync()).GetProperty("chats").EnumerateArray().First(c => Text(c, "channel") == "whatsapp");
        return Text(chat.GetProperty("messages").EnumerateArray().Single(m => Text(m, "id") == message), "businessReaction");
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static string MessageId(JsonElement answer) => answer.GetProperty("messages")[0].GetProperty("id").GetString()!;

    private static int Code(Answer answer) => answer.Json.GetProperty("error").GetProperty("code").GetInt32();

    private static void AssertError(Answer answer, int code)
    {
        Assert.False(answer.Status == HttpStatusCode.OK, answer.Body);
        Assert.True(code == Code(answer), answer.Body);
        Assert.NotEmpty(answer.Json.GetProperty("error").GetProperty("message").GetString()!);
        Assert.NotEmpty(answer.Json.GetProperty("error").GetProperty("fbtrace_id").GetString()!);
    }
}
