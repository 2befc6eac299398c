using System.Text.Json.Nodes;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.Browser;

/// <summary>How the JavaScript client keeps up with a conversation: what it says, what it shows, what it loads.</summary>
public sealed class ClientResumeTests(Chromium chromium) : IAsyncLifetime
{
    private const string Conversation = "123e4567-e89b-12d3-a456-426614174000";
    private const string M0 = "01900000-0000-7000-8000-000000000000";
    private const string M1 = "01900000-0000-7000-8000-000000000001";
    private const string M2 = "01900000-0000-7000-8000-000000000002";

    private FakeServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task After_a_reconnect_it_says_the_seq_of_the_last_frame_it_got()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 107);
        await socket.SendStatusAsync(Conversation, M1, "DELIVERED", 112);
        await page.EventsAsync("message.status", 2);

        var next = await ReconnectAsync(page, socket);

        Assert.Equal(112, (long)(await next.ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task A_first_subscription_counts_from_the_seq_of_subscribed()
    {
        await using var page = await ConnectedAsync();

        var next = await ReconnectAsync(page, await _server.SocketAsync(0));

        Assert.Equal(100, (long)(await next.ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task Messages_are_watched_where_that_is_asked_for_and_count_like_statuses()
    {
        await using var page = await ConnectedAsync("{ messages: true }");
        var socket = await _server.SocketAsync(0);
        Assert.Equal("[\"status\",\"message\"]", (await socket.ReceivedAsync("subscribe"))["events"]!.ToJsonString());
        await socket.SendStatusAsync(Conversation, M2, "READ", 101);
        await socket.SendMessageAsync(Item(M1, "SENT"), 102);
        await socket.SendMessageAsync(Item(M1, "SENT"), 102);
        await socket.SendMessageAsync(Item(M2, "SENT"), 103);

        var messages = await page.EventsAsync("message.created", 2);
        Assert.Equal(
            [(M1, "ACCEPTED", 102L), (M2, "READ", 103L)],
            messages.Select(m => ((string)m["message"]!["messageId"]!, (string)m["message"]!["status"]!, (long)m["seq"]!)));
        Assert.Equal("Olá", (string)messages[0]["message"]!["content"]!["texto"]!);
        var again = await (await ReconnectAsync(page, socket)).ReceivedAsync("subscribe");
        Assert.Equal((103L, 2), ((long)again["since"]!, again["events"]!.AsArray().Count));
    }

    [Fact]
    public async Task Messages_that_were_missed_come_from_the_page_and_those_that_were_not_do_not()
    {
        _server.Rest = _ => Task.FromResult(FakeServer.Page([Item(M2, "SENT"), Item(M1, "SENT")], 900));
        await using var page = await ConnectedAsync("{ messages: true }");
        var socket = await _server.SocketAsync(0);
        await socket.SendMessageAsync(Item(M1, "SENT"), 101);
        await page.EventsAsync("message.created", 1);

        await ReconnectAsync(page, socket, answer: NotRecovered(900));
        await page.EventsAsync("resync", 1);

        var messages = await page.EventsAsync("message.created");
        Assert.Equal(2, messages.Count);
        Assert.Equal((M2, true), ((string)messages[1]["message"]!["messageId"]!, (bool)messages[1]["snapshot"]!));
    }

    [Fact]
    public async Task Who_does_not_ask_for_messages_subscribes_as_the_seeds_client_does()
    {
        await using var page = await ConnectedAsync();
        Assert.False((await (await _server.SocketAsync(0)).ReceivedAsync("subscribe")).ContainsKey("events"));
    }

    [Fact]
    public async Task The_seq_of_a_page_loaded_before_may_be_given_as_the_start()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}', {{ since: 55 }});");

        Assert.Equal(55, (long)(await (await _server.SocketAsync(0)).ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task A_later_subscribed_does_not_move_the_count_where_since_was_sent()
    {
        await using var page = await ConnectedAsync();
        var next = await ReconnectAsync(page, await _server.SocketAsync(0), head: 500);
        await next.ReceivedAsync("subscribe");
        await page.EventsAsync("subscribed", 2);

        // It was told that everything after 100 follows; the connection breaks before it does.
        var third = await ReconnectAsync(page, next, index: 2);

        Assert.Equal(100, (long)(await third.ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task A_frame_that_is_not_above_the_last_one_is_dropped()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 100);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        await socket.SendStatusAsync(Conversation, M1, "READ", 99);
        await socket.SendStatusAsync(Conversation, M2, "SENT", 102);

        Assert.Equal([$"{M1} SENT", $"{M2} SENT"], await page.StatusesAsync(2));
    }

    [Fact]
    public async Task Frames_without_seq_are_passed_on_and_do_not_move_the_count()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, M1, "SENT");
        await socket.SendStatusAsync(Conversation, M1, "DELIVERED");
        Assert.Equal([$"{M1} SENT", $"{M1} DELIVERED"], await page.StatusesAsync(2));

        var next = await ReconnectAsync(page, socket);

        Assert.Equal(100, (long)(await next.ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task A_message_never_goes_backwards()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        string[] order =
            ["SENT", "FAILED", "SENT", "DELIVERED", "FAILED", "SENT", "READ", "DELIVERED", "FAILED", "SENT", "ACCEPTED"];
        for (var i = 0; i < order.Length; i++) await socket.SendStatusAsync(Conversation, M1, order[i], 101 + i);
        await socket.SendStatusAsync(Conversation, M2, "SENT", 200);

        Assert.Equal([$"{M1} SENT", $"{M1} FAILED", $"{M1} DELIVERED", $"{M1} READ", $"{M2} SENT"], await page.StatusesAsync(5));
    }

    [Fact]
    public async Task What_is_not_recovered_is_loaded_over_REST_and_counted_from_the_pages_seq()
    {
        _server.Rest = static _ => Task.FromResult(FakeServer.Page(
            [Item(M2, "FAILED", "Número inexistente"), Item(M1, "READ"), Item(M0, "ACCEPTED")], 900));
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        await page.EventsAsync("message.status", 1);

        var next = await ReconnectAsync(page, socket, answer: NotRecovered(900));
        await page.EventsAsync("resync", 1);

        Assert.Equal([$"{M1} SENT", $"{M2} FAILED", $"{M1} READ"], await page.StatusesAsync(3));
        Assert.Equal("Número inexistente", (string?)(await page.EventsAsync("message.status"))[1]["reason"]);
        Assert.Equal(3, ((JsonArray)Assert.Single(await page.EventsAsync("snapshot"))["items"]!).Count);
        var request = Assert.Single(_server.Requests);
        Assert.Equal(
            ("GET", $"/v1/conversations/{Conversation}/messages", "Bearer a-token"),
            (request.Method, request.Path, request.Authorization));
        var third = await ReconnectAsync(page, next, index: 2);
        Assert.Equal(900, (long)(await third.ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task A_reason_whose_frame_was_missed_is_shown_from_the_page()
    {
        _server.Rest = static _ => Task.FromResult(FakeServer.Page([Item(M2, "FAILED", "Número inexistente")], 900));
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, M2, "FAILED", 101);
        await page.EventsAsync("message.status", 1);

        var next = await ReconnectAsync(page, socket, answer: NotRecovered(900));
        await page.EventsAsync("resync", 1);
        await ReconnectAsync(page, next, index: 2, answer: NotRecovered(900));
        await page.EventsAsync("resync", 2);

        Assert.Equal([null, "Número inexistente"], (await page.EventsAsync("message.status")).Select(e => (string?)e["reason"]));
    }

    [Fact]
    public async Task A_long_conversation_is_loaded_page_by_page()
    {
        _server.Rest = static request => Task.FromResult(request.Query.Contains($"before={M2}", StringComparison.Ordinal)
            ? FakeServer.Page([Item(M1, "DELIVERED")], 950)
            : FakeServer.Page([Item(M2, "READ")], 900, next: M2));
        await using var page = await ConnectedAsync();

        var next = await ReconnectAsync(page, await _server.SocketAsync(0), answer: NotRecovered(900));

        var resync = Assert.Single(await page.EventsAsync("resync", 1));
        Assert.Equal((900, 2, true), ((int)resync["seq"]!, (int)resync["messages"]!, (bool)resync["complete"]!));
        Assert.Equal([$"{M2} READ", $"{M1} DELIVERED"], await page.StatusesAsync(2));
        var third = await ReconnectAsync(page, next, index: 2);
        Assert.Equal(900, (long)(await third.ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task While_the_page_is_on_its_way_live_frames_are_shown_and_a_break_loses_nothing()
    {
        var asked = new TaskCompletionSource();
        var answered = new TaskCompletionSource<IResult>();
        _server.Rest = _ =>
        {
            asked.TrySetResult();
            return answered.Task;
        };
        await using var page = await ConnectedAsync();
        var second = await ReconnectAsync(page, await _server.SocketAsync(0), answer: NotRecovered(900));
        await asked.Task.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);

        await second.SendStatusAsync(Conversation, M2, "SENT", 901);
        Assert.Equal([$"{M2} SENT"], await page.StatusesAsync(1));
        var third = await ReconnectAsync(page, second, index: 2, answer: NotRecovered(901));

        // Not 901: what lies between 100 and 900 has not been seen.
        Assert.Equal(100, (long)(await third.ReceivedAsync("subscribe"))["since"]!);
        answered.SetResult(FakeServer.Page([Item(M2, "SENT"), Item(M1, "READ")], 901));
        await page.EventsAsync("resync", 1);
        Assert.Contains($"{M1} READ", await page.StatusesAsync(2));
    }

    [Fact]
    public async Task Live_frames_beyond_the_page_count_once_the_page_is_there()
    {
        var answered = new TaskCompletionSource<IResult>();
        _server.Rest = _ => answered.Task;
        await using var page = await ConnectedAsync();
        var second = await ReconnectAsync(page, await _server.SocketAsync(0), answer: NotRecovered(900));
        await second.ReceivedAsync("subscribe");
        await second.SendStatusAsync(Conversation, M2, "READ", 903);
        await page.EventsAsync("message.status", 1);
        answered.SetResult(FakeServer.Page([Item(M2, "SENT")], 900));
        await page.EventsAsync("resync", 1);

        Assert.Equal([$"{M2} READ"], await page.StatusesAsync(1));
        var third = await ReconnectAsync(page, second, index: 2);
        Assert.Equal(903, (long)(await third.ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task A_page_older_than_the_subscription_closes_no_gap_and_is_loaded_again()
    {
        var pages = 0;
        _server.Rest = _ => Task.FromResult(FakeServer.Page([Item(M1, "READ")], ++pages == 1 ? 850 : 900));
        await using var page = await ConnectedAsync();
        await ReconnectAsync(page, await _server.SocketAsync(0), answer: NotRecovered(900));
        await page.EventsAsync("snapshot", 1);
        Assert.Empty(await page.EventsAsync("resync"));

        await page.AdvanceAsync(500);

        Assert.Equal(900, (int)Assert.Single(await page.EventsAsync("resync", 1))["seq"]!);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task A_page_that_cannot_be_loaded_is_asked_for_again_whatever_was_answered(int status)
    {
        var asked = 0;
        _server.Rest = _ => Task.FromResult(++asked == 1 ? Results.StatusCode(status) : FakeServer.Page([Item(M1, "READ")], 900));
        await using var page = await ConnectedAsync();
        await ReconnectAsync(page, await _server.SocketAsync(0), answer: NotRecovered(900));
        Assert.True((bool)Assert.Single(await page.EventsAsync("error", 1))["retryable"]!);

        await page.AdvanceAsync(500);

        await page.EventsAsync("resync", 1);
    }

    [Fact]
    public async Task A_log_that_was_made_anew_starts_the_count_lower()
    {
        _server.Rest = static _ => Task.FromResult(FakeServer.Page([], 3));
        await using var page = await ConnectedAsync();
        var second = await ReconnectAsync(page, await _server.SocketAsync(0), answer: NotRecovered(3));
        await page.EventsAsync("resync", 1);

        await second.SendStatusAsync(Conversation, M1, "SENT", 4);

        Assert.Equal([$"{M1} SENT"], await page.StatusesAsync(1));
    }

    [Fact]
    public async Task Ids_are_compared_in_lower_case()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync(
            $"client.connect(); client.subscribe('{Conversation.ToUpperInvariant()}'); client.subscribe('{Conversation}');");
        var socket = await _server.SocketAsync(0);
        await socket.ReceivedAsync("subscribe");
        await page.EventsAsync("subscribed", 1);
        await socket.SendStatusAsync(Conversation.ToUpperInvariant(), M1.ToUpperInvariant(), "READ", 101);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 102);
        await socket.SendStatusAsync(Conversation, M2, "SENT", 103);

        Assert.Equal([$"{M1.ToUpperInvariant()} READ", $"{M2} SENT"], await page.StatusesAsync(2));
        Assert.Equal($"[\"{Conversation}\"]", (await page.ValueAsync("[...client.subscriptions]"))!.ToJsonString());
        Assert.Equal(Conversation, (string?)Assert.Single(socket.ReceivedOf("subscribe"))["conversationId"]);
    }

    [Theory]
    [InlineData("123E4567-E89B-12D3-A456-426614174000")]
    [InlineData("{123e4567-e89b-12d3-a456-426614174000}")]
    [InlineData("(123e4567-e89b-12d3-a456-426614174000)")]
    [InlineData("123e4567e89b12d3a456426614174000")]
    [InlineData("{123E4567E89B12D3A456426614174000}")]
    [InlineData("urn:uuid:123e4567-e89b-12d3-a456-426614174000")]
    [InlineData("  123e4567-e89b-12d3-a456-426614174000\\n")]
    public async Task An_id_may_be_spelled_in_other_ways(string spelling)
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync($"client.connect(); client.subscribe('{spelling}');");
        var socket = await _server.SocketAsync(0);
        Assert.Equal(Conversation, (string?)(await socket.ReceivedAsync("subscribe"))["conversationId"]);
        await page.EventsAsync("subscribed", 1);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        Assert.Equal([$"{M1} SENT"], await page.StatusesAsync(1));

        await page.RunAsync($"client.unsubscribe('{spelling}')");
        Assert.Equal(0, (int)(await page.ValueAsync("client.subscriptions.size"))!);
    }

    [Fact]
    public async Task What_one_of_two_components_unsubscribes_from_the_other_keeps()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await page.RunAsync($"client.subscribe('{Conversation}'); client.unsubscribe('{Conversation}');");
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        Assert.Equal([$"{M1} SENT"], await page.StatusesAsync(1));
        Assert.Single(socket.ReceivedOf("subscribe"));
        Assert.Empty(socket.ReceivedOf("unsubscribe"));

        await page.RunAsync($"client.unsubscribe('{Conversation}')");

        await socket.ReceivedAsync("unsubscribe");
        Assert.Equal(0, (int)(await page.ValueAsync("client.subscriptions.size"))!);
    }

    [Fact]
    public async Task A_second_component_that_starts_from_further_back_gets_what_came_in_between()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 120);
        await page.StatusesAsync(1);
        await page.RunAsync($"client.subscribe('{Conversation}', {{ since: 110 }})");
        await page.EventsAsync("subscribed", 2);
        Assert.Equal(110, (long)socket.ReceivedOf("subscribe").Last()["since"]!);

        await socket.SendStatusAsync(Conversation, M2, "SENT", 115);

        Assert.Equal([$"{M1} SENT", $"{M2} SENT"], await page.StatusesAsync(2));
    }

    // What is answered first is the subscription from further on, and its frames are not the other's.
    [Fact]
    public async Task A_second_component_that_comes_before_the_answer_is_asked_for_once_that_is_here()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await page.RunAsync($"client.subscribe('{Conversation}', {{ since: 90 }}); client.subscribe('{Conversation}', {{ since: 50 }});");
        await page.EventsAsync("subscribed", 3);

        Assert.Equal([90, 50], socket.ReceivedOf("subscribe").TakeLast(2).Select(f => (long)f["since"]!));
        await socket.SendStatusAsync(Conversation, M2, "SENT", 60);
        Assert.Equal([$"{M2} SENT"], await page.StatusesAsync(1));
    }

    [Theory]
    [InlineData("delete AbortSignal.timeout")]
    [InlineData("delete window.AbortController; delete window.AbortSignal")]
    public async Task Where_requests_cannot_be_timed_by_the_browser_they_are_given_up_all_the_same(string older)
    {
        var asked = 0;
        var never = new TaskCompletionSource<IResult>();
        _server.Rest = _ => ++asked == 1 ? never.Task : Task.FromResult(FakeServer.Page([Item(M1, "READ")], 900));
        await using var page = await ConnectedAsync("{ connectTimeout: 15000 }", older);
        await ReconnectAsync(page, await _server.SocketAsync(0), answer: NotRecovered(900));
        await Until.TrueAsync(() => asked == 1, "the page is asked for");
        await page.AdvanceAsync(15_000);
        Assert.Equal("resync", (string?)Assert.Single(await page.EventsAsync("error", 1))["code"]);
        await page.AdvanceAsync(500);

        await page.EventsAsync("resync", 1);
        never.SetResult(Results.NoContent());
    }

    [Fact]
    public async Task What_is_unsubscribed_is_neither_shown_nor_asked_for_again()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await page.RunAsync($"client.unsubscribe('{Conversation}')");
        await page.EventsAsync("unsubscribed", 1);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        await socket.SendAsync(new { type = "pong", timestamp = DateTimeOffset.UtcNow });
        await page.EventsAsync("pong", 1);

        Assert.Empty(await page.EventsAsync("message.status"));
        var next = await ReconnectAsync(page, socket);
        await page.RunAsync("client.subscribe('00000000-0000-4000-8000-000000000000')");
        Assert.Equal("00000000-0000-4000-8000-000000000000", (string?)(await next.ReceivedAsync("subscribe"))["conversationId"]);
        Assert.Equal(1, (int)(await page.ValueAsync("client.subscriptions.size"))!);
    }

    [Fact]
    public async Task A_conversation_that_the_server_will_not_show_is_given_up()
    {
        _server.Answer = static (socket, frame) => socket.SendForbiddenAsync((string)frame["conversationId"]!);
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}');");
        await page.EventsAsync("error", 1);

        Assert.Equal(0, (int)(await page.ValueAsync("client.subscriptions.size"))!);
    }

    [Fact]
    public async Task What_cannot_be_shown_now_is_asked_for_again_from_where_it_was_and_less_and_less_often()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        _server.Answer = static (socket, frame) => socket.SendUnavailableAsync((string)frame["conversationId"]!);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        await socket.SendUnavailableAsync(Conversation);
        await page.EventsAsync("error", 1);
        await page.AdvanceAsync(249);
        Assert.Single(await SubscriptionsAsync());
        await page.AdvanceAsync(1);
        await page.EventsAsync("error", 2);
        await page.AdvanceAsync(499);
        Assert.Equal(2, (await SubscriptionsAsync()).Count);
        _server.Answer = static (socket, frame) => socket.AnswerAsync(frame);
        await page.AdvanceAsync(1);
        await page.EventsAsync("subscribed", 2);
        await socket.SendUnavailableAsync(Conversation);
        await page.EventsAsync("error", 3);
        await page.AdvanceAsync(250);
        await page.EventsAsync("subscribed", 3);

        Assert.Equal([null, 101, 101, 101], (await SubscriptionsAsync()).Select(f => (long?)f["since"]));

        async Task<List<JsonObject>> SubscriptionsAsync() =>
            [.. (await page.EventsAsync("sent")).Where(f => (string?)f["type"] == "subscribe")];
    }

    [Fact]
    public async Task What_was_refused_for_now_is_asked_for_once_after_a_reconnect_and_not_once_it_is_wanted_no_more()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        await socket.SendUnavailableAsync(Conversation);
        await page.EventsAsync("error", 1);
        var next = await ReconnectAsync(page, socket);
        await page.EventsAsync("subscribed", 2);
        await page.AdvanceAsync(5000);
        Assert.Single(next.ReceivedOf("subscribe"));

        await next.SendUnavailableAsync(Conversation);
        await page.EventsAsync("error", 2);
        await page.RunAsync($"client.unsubscribe('{Conversation}')");
        await page.AdvanceAsync(5000);
        await page.EventsAsync("unsubscribed", 1);

        Assert.Single(next.ReceivedOf("subscribe"));
    }

    [Fact]
    public async Task What_comes_before_the_end_of_an_earlier_subscription_is_answered_is_that_ones()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        _server.Answer = static (_, _) => Task.CompletedTask;
        await page.RunAsync($"client.unsubscribe('{Conversation}'); client.subscribe('{Conversation}', {{ since: 50 }});");
        await socket.SendSubscribedAsync(Conversation, 120, recovered: true);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 121);
        await socket.SendAsync(new { type = "unsubscribed", conversationId = Conversation, timestamp = DateTimeOffset.UtcNow });
        await socket.SendSubscribedAsync(Conversation, 121, recovered: true);
        await socket.SendStatusAsync(Conversation, M2, "SENT", 60);

        Assert.Equal([$"{M1} SENT", $"{M2} SENT"], await page.StatusesAsync(2));
    }

    [Fact]
    public async Task A_handler_that_fails_does_not_stop_the_others()
    {
        await using var page = await ConnectedAsync();
        await page.RunAsync(
            "client.on('message.status', () => { throw new Error('a bug'); });"
            + "client.on('message.status', d => { window.after = d.status; });");

        await (await _server.SocketAsync(0)).SendStatusAsync(Conversation, M1, "READ", 101);

        await page.EventsAsync("message.status", 1);
        Assert.Equal("READ", (string?)await page.ValueAsync("window.after"));
    }

    [Fact]
    public async Task What_is_no_frame_is_ignored()
    {
        await using var page = await ConnectedAsync();
        var socket = await _server.SocketAsync(0);
        object[] odd = ["text", 5, Array.Empty<int>(), new { nothing = 1 }, new { type = 7 }];
        foreach (var frame in odd) await socket.SendAsync(frame);
        await socket.SendStatusAsync(Conversation, M1, "READ", 101);

        Assert.Equal([$"{M1} READ"], await page.StatusesAsync(1));
        Assert.Equal("open", (string?)(await page.LastStateAsync())["state"]);
    }

    [Fact]
    public async Task Where_it_is_told_to_it_says_what_was_on_the_screen_and_not_what_it_caught_up_on()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server, options: "{ reportShown: true }");
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}', {{ since: 50 }});");
        await page.EventsAsync("subscribed", 1); // up to 100 it catches up
        var socket = await _server.SocketAsync(0);
        var frame = new
        {
            type = "message.status",
            messageId = M1,
            conversationId = Conversation,
            status = "SENT",
            channel = "whatsapp",
            timestamp = "2025-01-15T10:30:10.000Z",
            seq = 101,
            traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        await socket.SendStatusAsync(Conversation, M2, "SENT", 99);
        await socket.SendAsync(frame);
        await socket.SendAsync(frame); // again: nothing new is shown
        await page.EventsAsync("message.status", 2);
        await page.AdvanceAsync(100); // it is painted
        await socket.SendStatusAsync(Conversation, M2, "READ", 102);
        await page.EventsAsync("message.status", 3);
        await page.AdvanceAsync(1500);

        var items = (await socket.ReceivedAsync("shown"))["items"]!.AsArray();
        Assert.Equal([(M1, frame.traceparent), (M2, null)], items.Select(i => ((string)i!["messageId"]!, (string?)i["traceparent"])));
        Assert.All(items, i => Assert.Equal((Conversation, frame.timestamp), ((string)i!["conversationId"]!, (string)i["timestamp"]!)));
        Assert.InRange((double)items[0]!["ago"]!, 900, 1100);
        Assert.InRange((double)items[1]!["ago"]!, 500, 1000);
        await page.AdvanceAsync(5000);
        await AllSentAsync(page);
        Assert.Single(socket.ReceivedOf("shown"));
    }

    [Fact]
    public async Task What_was_on_the_screen_is_said_in_frames_of_a_bounded_size_and_not_unasked()
    {
        await using var quiet = await ConnectedAsync();
        await (await _server.SocketAsync(0)).SendStatusAsync(Conversation, M1, "SENT", 101);
        await quiet.EventsAsync("message.status", 1);
        await quiet.AdvanceAsync(3000);
        await AllSentAsync(quiet);
        Assert.Empty((await _server.SocketAsync(0)).ReceivedOf("shown"));

        await using var page = await ConnectedAsync("{ reportShown: true }");
        var socket = await _server.SocketAsync(1);
        for (var i = 1; i <= 120; i++)
            await socket.SendStatusAsync(Conversation, $"01900000-0000-7000-8000-{i:d12}", "SENT", 100 + i);
        await page.EventsAsync("message.status", 120);
        await page.AdvanceAsync(3000);

        await AllSentAsync(page);
        Assert.Equal(50, (await socket.ReceivedAsync("shown"))["items"]!.AsArray().Count);
        Assert.Single(socket.ReceivedOf("shown"));
    }

    [Fact]
    public async Task What_was_on_the_screen_more_than_a_minute_ago_is_not_said()
    {
        await using var page = await ConnectedAsync("{ reportShown: true }");
        var socket = await _server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, M1, "SENT", 101);
        await page.EventsAsync("message.status", 1);
        await page.AdvanceAsync(100); // it is painted
        await page.SleepAsync(61_000);
        await socket.SendStatusAsync(Conversation, M2, "SENT", 102);
        await page.EventsAsync("message.status", 2);
        await page.AdvanceAsync(1500);

        var items = (await socket.ReceivedAsync("shown"))["items"]!.AsArray();
        Assert.Equal(M2, (string)Assert.Single(items)!["messageId"]!);
        await AllSentAsync(page);
        Assert.Single(socket.ReceivedOf("shown"));
    }

    [Fact]
    public async Task The_memory_of_shown_statuses_is_bounded()
    {
        await using var page = await ConnectedAsync("{ maxMessages: 10 }");
        var socket = await _server.SocketAsync(0);
        for (var i = 1; i <= 50; i++)
            await socket.SendStatusAsync(Conversation, $"01900000-0000-7000-8000-{i:d12}", "SENT", 100 + i);
        await page.EventsAsync("message.status", 50);

        Assert.Equal(10, (int)(await page.ValueAsync("client._shown.entries.size"))!);
    }

    [Fact]
    public async Task Many_conversations_are_loaded_a_few_at_a_time()
    {
        var answered = new TaskCompletionSource<IResult>();
        _server.Rest = _ => answered.Task;
        _server.Answer = NotRecovered(900);
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync(
            "client.connect();"
            + "for (let i = 100; i < 130; i++) client.subscribe(`123e4567-e89b-12d3-a456-426614174${i}`, { since: 1 });");

        await page.EventsAsync("subscribed", 30);
        await Until.TrueAsync(() => _server.Requests.Count >= 4, "the first of them are asked for");
        Assert.Equal("[4,26]", (await page.ValueAsync("[client._loads.running, client._loads.waiting.length]"))!.ToJsonString());
        Assert.Equal(4, _server.Requests.Count);
        answered.SetResult(FakeServer.Page([], 900));

        await page.EventsAsync("resync", 30);
        Assert.Equal(30, _server.Requests.Select(r => r.Path).Distinct().Count());
    }

    /// <summary>The answer of a server that no longer has what was missed.</summary>
    private static Func<FakeSocket, JsonObject, Task> NotRecovered(long head) =>
        (socket, frame) => socket.SendSubscribedAsync((string)frame["conversationId"]!, head, recovered: false);

    private async Task<ClientPage> ConnectedAsync(string options = "{}", string before = "")
    {
        var page = await ClientPage.OpenAsync(chromium, _server, options: options);
        await page.RunAsync(before);
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}');");
        await page.EventsAsync("subscribed", 1);
        return page;
    }

    /// <summary>Waits until what the client sent so far is with the server: frames arrive in their order.</summary>
    private static async Task AllSentAsync(ClientPage page)
    {
        var before = (await page.EventsAsync("subscribed")).Count;
        await page.RunAsync("client.subscribe('00000000-0000-4000-8000-000000000001');");
        await page.EventsAsync("subscribed", before + 1);
    }

    /// <summary>Breaks the connection and gives the next one, whose frames are answered as said.</summary>
    private async Task<FakeSocket> ReconnectAsync(
        ClientPage page, FakeSocket socket, int index = 1, long? head = null, Func<FakeSocket, JsonObject, Task>? answer = null)
    {
        _server.Answer = (s, frame) =>
        {
            s.Head = head ?? s.Head;
            return answer is null ? s.AnswerAsync(frame) : answer(s, frame);
        };
        socket.Abort();
        await page.PassDelayAsync(attempt: index);
        var next = await _server.SocketAsync(index);
        await page.StateAsync("open");
        return next;
    }

    private static JsonObject Item(string messageId, string status, string? reason = null) =>
        FakeServer.Item(Conversation, messageId, "Olá", status, reason);
}
