using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Core.Channels;

namespace Chat.Tests.Graph;

/// <summary>What the product does, whatever it runs on. One class derives from it for each way to run it.</summary>
public abstract class ChatScenarios(IChatGraph graph)
{
    private static readonly string[] SeedMembers = ["type", "messageId", "conversationId", "status", "channel", "timestamp"];

    public static TheoryData<string> BadTokens =>
        ["none", "garbage", "expired", "of another key", "without exp", "without a signature", "without a user"];

    public static TheoryData<string, string, string> BadBodies => new()
    {
        { "conversaId", "\"abc\"", "conversaId" },
        { "conversaId", "null", "conversaId" },
        { "organizacaoId", "7", "organizacaoId" },
        { "usuarioRemetenteId", "\"\"", "usuarioRemetenteId" },
        { "tipo", "null", "tipo" },
        { "conteudo", "{}", "conteudo.texto" },
        { "conteudo", "\"Olá\"", "conteudo" },
        { "direcao", "\"sideways\"", "direcao" },
        { "canal", "\"pigeon\"", "canal" },
    };

    public static TheoryData<string> BadFrames =>
    [
        "not json",
        "[]",
        "null",
        "{}",
        """{"type":"drop table"}""",
        """{"type":"subscribe"}""",
        """{"type":"subscribe","conversationId":"abc"}""",
        """{"type":"subscribe","conversationId":"123e4567-e89b-12d3-a456-426614174000","since":-1}""",
        """{"type":"ping"} {"type":"ping"}""",
        """{"type":""",
    ];

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task A_bad_token_is_refused_before_the_upgrade(string what)
    {
        var user = Guid.NewGuid();
        var inAnHour = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        var token = what switch
        {
            "none" => null,
            "garbage" => "eyJhbGciOiJIUzI1NiJ9.e30.x",
            "expired" => TestTokens.For(graph.JwtKey, user, user, DateTimeOffset.UtcNow.AddHours(-1)),
            "of another key" => TestTokens.For("another key, which is long enough for HS256", user, user),
            "without exp" => TestTokens.Sign(graph.JwtKey, new() { ["sub"] = user.ToString() }),
            "without a signature" => TestTokens.Sign(graph.JwtKey, new() { ["sub"] = user.ToString(), ["exp"] = inAnHour }, "none"),
            "without a user" => TestTokens.Sign(graph.JwtKey, new() { ["exp"] = inAnHour }),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };

        var refused = await Assert.ThrowsAsync<RefusedException>(() => TestSocket.OpenAsync(graph.Apis[^1], token));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        if (token is null) return;
        refused = await Assert.ThrowsAsync<RefusedException>(() => TestSocket.OpenAsync(graph.Apis[^1], token, inHeader: true));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
    }

    [Theory]
    [InlineData("sub")]
    [InlineData("nameid")]
    public async Task A_good_token_is_taken_from_the_query_and_from_the_header(string claim)
    {
        var user = Guid.NewGuid();
        var token = TestTokens.Sign(
            graph.JwtKey, new() { [claim] = user.ToString(), ["exp"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() });
        foreach (var inHeader in new[] { false, true })
        {
            await using var socket = await TestSocket.OpenAsync(graph.Apis[^1], token, inHeader);
            Assert.Equal(user, (await socket.ExpectAsync("connected")).Id("userId"));
        }
    }

    [Fact]
    public async Task The_frames_of_the_protocol_have_the_members_of_the_seed()
    {
        using var user = new TestUser(graph);
        await using var socket = await TestSocket.OpenAsync(graph.Apis[^1], user.Token);
        var conversation = Guid.NewGuid();

        var connected = await socket.ExpectAsync("connected");
        Assert.Equal(["type", "connectionId", "userId", "timestamp"], connected.Members());
        Assert.Equal(user.Id, connected.Id("userId"));

        await socket.SendAsync(new { type = "subscribe", conversationId = conversation });
        var subscribed = await socket.ExpectAsync("subscribed");
        Assert.Equal(["type", "conversationId", "timestamp"], subscribed.Members().Take(3));
        Assert.Equal(conversation, subscribed.Id("conversationId"));

        await socket.SendAsync(new { type = "ping" });
        var pong = await socket.ExpectAsync("pong");
        Assert.Equal(["type", "timestamp"], pong.Members());
        Assert.Equal(TimeSpan.Zero, pong.Time("timestamp").Offset);

        await socket.SendAsync(new { type = "unsubscribe", conversationId = conversation });
        Assert.Equal(conversation, (await socket.ExpectAsync("unsubscribed")).Id("conversationId"));

        await socket.SendTextAsync("what?");
        Assert.Equal(["type", "message"], (await socket.ExpectAsync("error")).Members().Take(2));
    }

    [Theory]
    [InlineData(null, "whatsapp")]
    [InlineData("instagram", "instagram")]
    public async Task The_curl_of_the_seed_is_accepted_and_its_message_goes_SENT_DELIVERED_READ(string? canal, string channel)
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        var conversation = Guid.NewGuid();
        await socket.SubscribeAsync(conversation);
        var body = user.Body(conversation);
        if (canal is not null) body["canal"] = canal;

        using var response = await user.SendAsync(HttpMethod.Post, "/v1/messages", body);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var accepted = await Json.ReadAsync(response);
        var message = accepted.Id("messageId");
        Assert.Equal(7, message.Version);
        Assert.Equal(conversation, accepted.Id("conversationId"));
        Assert.Equal(channel, accepted.Text("channel"));
        Assert.Equal("ACCEPTED", accepted.Text("status"));
        Assert.EndsWith($"/v1/messages/{message:D}", response.Headers.Location!.ToString(), StringComparison.Ordinal);

        var frames = await Statuses.ThreeOfAsync(socket, message);
        Assert.All(frames, frame =>
        {
            Assert.Equal(SeedMembers, frame.Members().Take(SeedMembers.Length));
            Assert.Equal(message.ToString("D"), frame.Text("messageId"));
            Assert.Equal(conversation.ToString("D"), frame.Text("conversationId"));
            Assert.Equal(channel, frame.Text("channel"));
        });
        Assert.True(frames[0].Seq() < frames[1].Seq() && frames[1].Seq() < frames[2].Seq());

        var shown = await user.GetAsync($"/v1/messages/{message:D}");
        Assert.Equal("READ", shown.Text("status"));
        Assert.Equal("Olá, mundo!", shown.GetProperty("content").Text("texto"));
        var facts = shown.GetProperty("facts");
        Assert.Equal(["sent", "delivered", "read", "failed"], facts.Members());
        // The simulated channel counts both from the hand-over, so they are exact however busy the machine is.
        var times = facts.EnumerateObject().Take(3).Select(f => f.Value.Time("at")).ToList();
        Assert.Equal(TimeSpan.FromMilliseconds(400), times[1] - times[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(800), times[2] - times[1]);
        var page = await user.GetAsync($"/v1/conversations/{conversation:D}/messages");
        Assert.Equal(message, Assert.Single(page.GetProperty("items").EnumerateArray()).Id("messageId"));
        Assert.True(page.Seq() >= frames[2].Seq());
    }

    [Fact]
    public async Task A_watcher_sees_each_of_the_three_statuses_by_its_name_and_time()
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        var conversation = Guid.NewGuid();
        await socket.SubscribeAsync(conversation);
        IReadOnlyList<JsonElement> frames = [];
        // A machine that stands still for 400 ms shows two at once; it doesn't do so every time.
        for (var i = 0; i < 10 && !Statuses.InOrder.SequenceEqual(frames.Select(f => f.Text("status"))); i++)
        {
            frames = await Statuses.ThreeOfAsync(socket, await user.PostAsync(conversation));
        }
        Assert.Equal(Statuses.InOrder, frames.Select(f => f.Text("status")));
        Assert.Equal(TimeSpan.FromMilliseconds(400), frames[1].Time("timestamp") - frames[0].Time("timestamp"));
        Assert.Equal(TimeSpan.FromMilliseconds(800), frames[2].Time("timestamp") - frames[1].Time("timestamp"));
    }

    [Fact]
    public async Task A_message_can_be_asked_for_right_after_its_202()
    {
        using var user = new TestUser(graph);
        var message = await user.PostAsync(Guid.NewGuid());
        Assert.Equal(message, (await user.GetAsync($"/v1/messages/{message:D}")).Id("messageId"));
    }

    [Fact]
    public async Task A_second_copy_of_a_status_changes_nothing_and_nobody_sees_it()
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        var conversation = Guid.NewGuid();
        await socket.SubscribeAsync(conversation);
        var message = await user.PostAsync(conversation);
        await Statuses.ThreeOfAsync(socket, message);
        var before = await user.GetAsync($"/v1/messages/{message:D}");
        var copy = new JsonObject
        {
            ["message_id"] = message.ToString("D"),
            ["channel"] = "whatsapp",
            ["status"] = "DELIVERED",
            ["timestamp"] = before.GetProperty("facts").GetProperty("delivered").Text("at"),
            ["conversation_id"] = conversation.ToString("D"),
            ["organizacao_id"] = user.Organization!.Value.ToString("D"),
        };

        var known = (await TimelineAsync()).Count;
        using (var response = await user.SendAsync(HttpMethod.Post, "/v1/callbacks/status", copy, bearer: graph.CallbackKey))
        {
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }
        await Until.TrueAsync(
            async () => (await TimelineAsync()).Count > known && (await TimelineAsync()).Count(e => e.Text("status") == "DELIVERED") > 1,
            "the copy is in the timeline");

        // A conversation's frames come in order: with the next message's SENT, whatever the copies made would be here.
        var next = await user.PostAsync(conversation);
        var frame = await socket.ExpectAsync("message.status");
        Assert.Equal(next, frame.Id("messageId"));
        var after = await user.GetAsync($"/v1/messages/{message:D}");
        Assert.Equal(before.ToString(), after.ToString());

        async Task<List<JsonElement>> TimelineAsync() => [
            .. (await user.GetAsync($"/v1/messages/{message:D}/timeline")).GetProperty("items").EnumerateArray()];
    }

    [Fact]
    public async Task A_callback_without_the_key_is_refused()
    {
        using var user = new TestUser(graph);
        var status = new JsonObject { ["message_id"] = Guid.NewGuid().ToString("D"), ["status"] = "READ" };
        foreach (var bearer in new[] { "not the key", user.Token })
        {
            using var response = await user.SendAsync(HttpMethod.Post, "/v1/callbacks/status", status, bearer: bearer);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_second_organization_sees_nothing_of_a_conversation_and_cannot_post_into_it()
    {
        using var owner = new TestUser(graph);
        using var stranger = new TestUser(graph);
        await using var ownersSocket = await owner.OpenAsync();
        await using var early = await stranger.OpenAsync();
        await using var late = await stranger.OpenAsync();
        var conversation = Guid.NewGuid();
        await ownersSocket.SubscribeAsync(conversation);
        // Nobody owns it yet: it answers as usual.
        await early.SubscribeAsync(conversation);

        var message = await owner.PostAsync(conversation);
        await late.SendAsync(new { type = "subscribe", conversationId = conversation });
        await late.SendAsync(new { type = "subscribe", conversationId = conversation, since = 0 });
        await Statuses.ThreeOfAsync(ownersSocket, message);

        Assert.DoesNotContain(await early.DrainAsync(), f => f.Is("message.status"));
        Assert.All(await late.DrainAsync(), f => Assert.True(f.Is("error"), f.ToString()));
        await AssertForbiddenAsync(HttpMethod.Post, "/v1/messages", stranger.Body(conversation), "conversaId");
        await AssertForbiddenAsync(HttpMethod.Get, $"/v1/conversations/{conversation:D}/messages", null, "id");
        foreach (var path in new[] { $"/v1/messages/{message:D}", $"/v1/messages/{message:D}/timeline" })
        {
            using var response = await stranger.SendAsync(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        async Task AssertForbiddenAsync(HttpMethod method, string path, JsonNode? body, string field)
        {
            using var response = await stranger.SendAsync(method, path, body);
            await AssertProblemAsync(response, HttpStatusCode.Forbidden, field);
        }
    }

    [Fact]
    public async Task Nobody_posts_for_another_organization_or_another_user()
    {
        using var user = new TestUser(graph);
        foreach (var field in new[] { "organizacaoId", "usuarioRemetenteId" })
        {
            var body = user.Body(Guid.NewGuid());
            body[field] = Guid.NewGuid().ToString("D");
            using var response = await user.SendAsync(HttpMethod.Post, "/v1/messages", body);
            await AssertProblemAsync(response, HttpStatusCode.Forbidden, field);
        }
    }

    [Fact]
    public async Task A_token_without_a_tenant_may_not_post()
    {
        using var user = new TestUser(graph, withoutOrganization: true);
        using var response = await user.SendAsync(HttpMethod.Post, "/v1/messages", user.Body(Guid.NewGuid()));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_body_is_refused_with_the_name_of_the_field(string field, string value, string named)
    {
        using var user = new TestUser(graph);
        var body = user.Body(Guid.NewGuid());
        body[field] = JsonNode.Parse(value);
        using var response = await user.SendAsync(HttpMethod.Post, "/v1/messages", body);
        await AssertProblemAsync(response, HttpStatusCode.BadRequest, named);
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{}", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_that_is_no_JSON_object_is_refused(string body, string type, HttpStatusCode status)
    {
        using var user = new TestUser(graph);
        using var response = await user.SendTextAsync("/v1/messages", body, type);
        await AssertProblemAsync(response, status, null);
    }

    [Fact]
    public async Task A_retry_with_its_key_gets_the_first_message_and_another_body_is_refused()
    {
        using var user = new TestUser(graph);
        var (body, key) = (user.Body(Guid.NewGuid()), Guid.NewGuid().ToString());
        using var first = await user.SendAsync(HttpMethod.Post, "/v1/messages", body, key);
        using var second = await user.SendAsync(HttpMethod.Post, "/v1/messages", body, key);
        Assert.Equal((await Json.ReadAsync(first)).Id("messageId"), (await Json.ReadAsync(second)).Id("messageId"));

        body["conteudo"]!["texto"] = "Outra coisa";
        using var other = await user.SendAsync(HttpMethod.Post, "/v1/messages", body, key);
        await AssertProblemAsync(other, HttpStatusCode.UnprocessableEntity, "Idempotency-Key");
    }

    [Theory]
    [MemberData(nameof(BadFrames))]
    public async Task A_frame_that_cannot_be_used_gets_an_error_and_the_sockets_go_on(string frame)
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        await using var other = await user.OpenAsync();
        await socket.SendTextAsync(frame);
        Assert.False(string.IsNullOrEmpty((await socket.ExpectAsync("error")).Text("message")));
        await AssertGoesOnAsync(socket);
        await AssertGoesOnAsync(other);
    }

    [Fact]
    public async Task A_binary_frame_gets_an_error_or_a_close_and_the_other_sockets_go_on()
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        await using var other = await user.OpenAsync();
        await socket.SendBytesAsync(Encoding.UTF8.GetBytes("""{"type":"ping"}"""), WebSocketMessageType.Binary);
        await socket.ExpectAsync("error");
        await AssertGoesOnAsync(other);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_oversize_frame_closes_its_socket_for_good_and_the_others_go_on(bool inPieces)
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        await using var other = await user.OpenAsync();
        var piece = new byte[8 * 1024];
        try
        {
            for (var i = 0; i < 64; i++) await socket.SendBytesAsync(piece, WebSocketMessageType.Text, end: !inPieces && i == 63);
        }
        catch (WebSocketException)
        {
            // It was closed before all of it was sent.
        }
        await socket.WaitForCloseAsync();
        Assert.True(socket.CloseCode is null or (>= 4500 and <= 4999), $"closed with {socket.CloseCode}");
        await AssertGoesOnAsync(other);
    }

    [Fact]
    public async Task A_frame_in_pieces_is_one_frame()
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        await socket.SendBytesAsync("""{"type":"""u8.ToArray(), WebSocketMessageType.Text, end: false);
        await socket.SendBytesAsync(""" "ping"}"""u8.ToArray(), WebSocketMessageType.Text);
        await socket.ExpectAsync("pong");
    }

    [Fact]
    public async Task A_client_that_was_away_gets_what_it_missed_in_order_and_then_the_live_ones()
    {
        using var user = new TestUser(graph);
        var conversation = Guid.NewGuid();
        long since;
        Guid message;
        await using (var socket = await user.OpenAsync())
        {
            await socket.SubscribeAsync(conversation);
            message = await user.PostAsync(conversation);
            since = (await socket.ExpectAsync("message.status")).Seq();
        }
        await user.WaitForStatusAsync(message, "READ");

        await using var again = await user.OpenAsync();
        var subscribed = await again.SubscribeAsync(conversation, since);
        Assert.True(subscribed.GetProperty("recovered").GetBoolean());
        var missed = new[] { await again.ExpectAsync("message.status"), await again.ExpectAsync("message.status") };
        Statuses.AssertEndsInRead(missed);
        Assert.All(missed, f => Assert.Equal(SeedMembers, f.Members().Take(SeedMembers.Length)));
        Assert.True(since < missed[0].Seq() && missed[0].Seq() < missed[1].Seq());

        var next = await user.PostAsync(conversation);
        var live = await again.ExpectAsync("message.status");
        Assert.Equal(next, live.Id("messageId"));
        Assert.True(live.Seq() > missed[1].Seq());
    }

    [Fact]
    public async Task After_unsubscribing_nothing_more_of_the_conversation_comes()
    {
        using var user = new TestUser(graph);
        await using var socket = await user.OpenAsync();
        var conversation = Guid.NewGuid();
        await socket.SubscribeAsync(conversation);
        await socket.SendAsync(new { type = "unsubscribe", conversationId = conversation });
        await socket.ExpectAsync("unsubscribed");
        await user.WaitForStatusAsync(await user.PostAsync(conversation), "READ");
        Assert.Empty(await socket.DrainAsync());
    }

    [Fact]
    public async Task The_channels_say_what_they_report()
    {
        using var user = new TestUser(graph);
        var channels = (await user.GetAsync("/v1/channels")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(ChannelCatalog.Names, channels.Select(c => c.Text("name")));
        Assert.All(channels, c => Assert.Contains("SENT", c.GetProperty("reports").EnumerateArray().Select(r => r.GetString())));
    }

    private static async Task AssertGoesOnAsync(TestSocket socket)
    {
        await socket.SendAsync(new { type = "ping" });
        await socket.ExpectAsync("pong");
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string? field)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await Json.ReadAsync(response);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        if (field is not null) Assert.Contains(field, problem.GetProperty("errors").Members());
    }
}
