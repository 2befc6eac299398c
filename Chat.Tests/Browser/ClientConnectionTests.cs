using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.Browser;

/// <summary>How the JavaScript client connects, comes back, and when it stops.</summary>
public sealed class ClientConnectionTests(Chromium chromium) : IAsyncLifetime
{
    private const string Conversation = "123e4567-e89b-12d3-a456-426614174000";

    // Longer than any delay the client can choose.
    private const long LongAfter = 10 * 60 * 1000;

    // Minutes go by at once there: faster than any answer to a ping.
    private const string WithoutPings = "{ pingInterval: 1e9 }";

    private FakeServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task What_was_subscribed_before_the_connection_stood_is_sent_once_it_stands()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server, "'the token/+'");
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}');");

        var frame = await (await _server.SocketAsync(0)).ReceivedAsync("subscribe");

        Assert.Equal(Conversation, (string?)frame["conversationId"]);
        Assert.False(frame.ContainsKey("since"));
        Assert.Equal("the token/+", Assert.Single(_server.Upgrades));
        Assert.Single(await page.EventsAsync("connected", 1));
        Assert.Single(await page.EventsAsync("subscribed", 1));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(4000)]
    [InlineData(4008)]
    [InlineData(4401)]
    [InlineData(4499)]
    public async Task A_close_code_below_4500_is_followed_by_a_new_connection(int code)
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        await (await _server.SocketAsync(0)).CloseAsync(code, "why");

        var state = await page.StateAsync("reconnecting", waiting: true);
        Assert.Equal(code, (int)state["code"]!);
        await page.PassDelayAsync();

        await _server.SocketAsync(1);
        await page.StateAsync("open");
    }

    [Theory]
    [InlineData(4500)]
    [InlineData(4509)]
    [InlineData(4999)]
    public async Task A_close_code_from_4500_to_4999_ends_the_trying(int code)
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        await (await _server.SocketAsync(0)).CloseAsync(code, "too big");

        var closed = Assert.Single(await page.EventsAsync("closed", 1));
        Assert.Equal(code, (int)closed["code"]!);
        Assert.Equal("too big", (string?)closed["reason"]);
        await page.AdvanceAsync(LongAfter);

        Assert.Equal("closed", (string?)(await page.LastStateAsync())["state"]);
        Assert.Single(_server.Upgrades);
    }

    [Fact]
    public async Task After_the_server_said_no_connect_tries_once_more()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        await (await _server.SocketAsync(0)).CloseAsync(4509);
        await page.StateAsync("closed");

        await page.RunAsync("client.connect()");

        await _server.SocketAsync(1);
    }

    [Fact]
    public async Task Delays_double_up_to_thirty_seconds_with_full_jitter()
    {
        _server.Refuse = static _ => 503;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");

        var delays = new List<int>();
        for (var attempt = 1; attempt <= 8; attempt++) delays.Add(await page.PassDelayAsync(attempt));

        Assert.Equal([250, 500, 1000, 2000, 4000, 8000, 15000, 15000], delays);
    }

    [Fact]
    public async Task No_attempt_is_made_before_its_delay_is_over()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        await (await _server.SocketAsync(0)).CloseAsync(1012);
        Assert.Equal(250, (int)(await page.StateAsync("reconnecting", waiting: true))["delay"]!);

        await page.AdvanceAsync(249);
        Assert.Single(_server.Upgrades);

        await page.AdvanceAsync(1);
        await _server.SocketAsync(1);
    }

    [Fact]
    public async Task A_connection_that_lasted_starts_the_delays_anew_and_a_short_one_does_not()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        var delays = new List<int>();
        foreach (var (socket, lasts, attempt) in new[] { (0, 0L, 1), (1, 0L, 2), (2, 6000L, 1) })
        {
            var opened = await _server.SocketAsync(socket);
            await page.StateAsync("open");
            await page.AdvanceAsync(lasts);
            await opened.CloseAsync(1012);
            delays.Add(await page.PassDelayAsync(attempt));
        }

        Assert.Equal([250, 500, 250], delays);
    }

    [Fact]
    public async Task A_broken_connection_is_made_anew()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        (await _server.SocketAsync(0)).Abort();

        await page.PassDelayAsync();

        await _server.SocketAsync(1);
    }

    [Fact]
    public async Task A_ping_goes_out_every_thirty_seconds()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        var socket = await _server.SocketAsync(0);
        await page.StateAsync("open");

        await page.AdvanceAsync(29_999);
        Assert.Empty(await page.EventsAsync("sent"));
        for (var pings = 1; pings <= 3; pings++)
        {
            await page.AdvanceAsync(pings == 1 ? 1 : 30_000);
            await page.EventsAsync("pong", pings);
        }

        Assert.Equal(3, socket.ReceivedOf("ping").Count());
        Assert.Single(_server.Upgrades);
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_within_ten_seconds_is_taken_for_dead()
    {
        _server.Answer = static (_, _) => Task.CompletedTask;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        var socket = await _server.SocketAsync(0);
        await page.StateAsync("open");
        await page.AdvanceAsync(30_000);
        await socket.ReceivedAsync("ping");

        await page.AdvanceAsync(9_999);
        Assert.Equal("open", (string?)(await page.LastStateAsync())["state"]);
        await page.AdvanceAsync(1);

        await page.PassDelayAsync();
        await _server.SocketAsync(1);
    }

    [Fact]
    public async Task A_pong_that_waits_while_the_event_loop_is_blocked_is_not_taken_for_missing()
    {
        _server.Answer = static (_, _) => Task.CompletedTask;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        var socket = await _server.SocketAsync(0);
        await page.EventsAsync("connected", 1);
        await page.AdvanceAsync(30_000);
        await socket.ReceivedAsync("ping");

        await page.SleepAsync(25_000);
        Assert.Equal("open", (string?)(await page.LastStateAsync())["state"]);
        await socket.SendAsync(new { type = "pong", timestamp = DateTimeOffset.UtcNow });
        await page.EventsAsync("pong", 1);
        await page.AdvanceAsync(10_000);

        Assert.Equal("open", (string?)(await page.LastStateAsync())["state"]);
        Assert.Single(_server.Upgrades);
    }

    [Fact]
    public async Task A_peer_that_is_still_silent_after_the_event_loop_was_blocked_is_taken_for_dead()
    {
        _server.Answer = static (_, _) => Task.CompletedTask;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        await _server.SocketAsync(0);
        await page.EventsAsync("connected", 1);
        await page.AdvanceAsync(30_000);

        await page.SleepAsync(25_000);
        await page.AdvanceAsync(10_000);

        Assert.Equal("no answer to a ping", (string?)(await page.StateAsync("reconnecting", waiting: true))["reason"]);
    }

    [Fact]
    public async Task An_attempt_that_is_not_answered_within_fifteen_seconds_is_given_up()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync(
            $"window.client = new ChatStatusClient('http://{silent.LocalEndpoint}', 'a-token');"
            + "client.on('state', s => events.push(['state', s])); client.connect();");
        using var accepted = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        await page.AdvanceAsync(14_999);
        Assert.Equal("connecting", (string?)(await page.LastStateAsync())["state"]);
        await page.AdvanceAsync(1);

        await page.StateAsync("reconnecting", waiting: true);
    }

    [Fact]
    public async Task Any_frame_after_a_ping_is_a_sign_of_life()
    {
        _server.Answer = static (_, _) => Task.CompletedTask;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        var socket = await _server.SocketAsync(0);
        await page.StateAsync("open");
        await page.AdvanceAsync(30_000);
        await socket.ReceivedAsync("ping");
        await socket.SendAsync(new { type = "error", message = "Mensagem inválida" });
        await page.EventsAsync("error", 1);

        await page.AdvanceAsync(15_000);

        Assert.Equal("open", (string?)(await page.LastStateAsync())["state"]);
        // A connection that was given up would be open again by now, and say so as well.
        Assert.Single(_server.Upgrades);
    }

    [Fact]
    public async Task The_network_coming_back_ends_the_waiting()
    {
        _server.Refuse = static _ => 503;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        await page.StateAsync("reconnecting", waiting: true);
        _server.Refuse = static _ => null;

        await page.RunAsync("window.dispatchEvent(new Event('online'))");

        await _server.SocketAsync(0);
    }

    [Theory]
    [InlineData(5, 5250)]
    [InlineData(int.MaxValue, 300_250)] // five minutes at most
    public async Task Retry_After_is_waited_for(int seconds, int delay)
    {
        await using var slow = await FakeServer.StartAsync();
        slow.Refuse = static _ => 429;
        slow.RetryAfter = seconds;
        await using var page = await ClientPage.OpenAsync(chromium, slow);
        await page.RunAsync("client.connect()");

        Assert.Equal(delay, (int)(await page.StateAsync("reconnecting", waiting: true))["delay"]!);
    }

    [Fact]
    public async Task Disconnect_closes_for_good()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}');");
        await (await _server.SocketAsync(0)).ReceivedAsync("subscribe");

        await page.RunAsync("client.disconnect()");
        await page.AdvanceAsync(LongAfter);

        Assert.Equal(1000, (int)Assert.Single(await page.EventsAsync("closed", 1))["code"]!);
        Assert.Single(_server.Upgrades);
        Assert.Equal("closed", (string?)await page.ValueAsync("client.state"));
    }

    [Theory]
    [InlineData("connecting")]
    [InlineData("open")]
    [InlineData("reconnecting")]
    public async Task Disconnect_in_a_handler_closes_for_good_too(string state)
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync($"client.on('state', s => {{ if (s.state === '{state}') client.disconnect(); }}); client.connect();");
        if (state == "reconnecting") await (await _server.SocketAsync(0)).CloseAsync(1012);

        await page.EventsAsync("closed", 1);
        await page.AdvanceAsync(LongAfter);

        Assert.Equal("closed", (string?)(await page.LastStateAsync())["state"]);
        Assert.Equal(state == "connecting" ? 0 : 1, _server.Upgrades.Count);
    }

    [Fact]
    public async Task A_token_that_is_refused_before_the_upgrade_ends_the_trying()
    {
        _server.Refuse = static _ => 401;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");

        var closed = Assert.Single(await page.EventsAsync("closed", 1));
        Assert.Equal(401, (int)closed["code"]!);
        Assert.Equal("unauthorized", (string?)closed["reason"]);
        await page.AdvanceAsync(LongAfter);
        Assert.Single(_server.Upgrades);
    }

    [Fact]
    public async Task A_token_function_is_asked_again_before_every_connection()
    {
        _server.Refuse = static token => token == "token-2" ? 401 : null;
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, "async () => 'token-' + (window.asked = (window.asked ?? 0) + 1)");
        await page.RunAsync("client.connect()");
        await (await _server.SocketAsync(0)).CloseAsync(4401, "token expired");
        await page.PassDelayAsync(attempt: 1);
        await page.PassDelayAsync(attempt: 2);

        await _server.SocketAsync(1);

        Assert.Equal(["token-1", "token-2", "token-3"], _server.Upgrades);
    }

    [Fact]
    public async Task Fresh_tokens_that_are_refused_end_the_trying_after_a_minute()
    {
        _server.Refuse = static _ => 401;
        await using var page = await ClientPage.OpenAsync(chromium, _server, "() => 'never good'");
        await page.RunAsync("client.connect()");
        var passed = 0;
        for (var attempt = 1; passed < 60_000; attempt++) passed += await page.PassDelayAsync(attempt);

        Assert.Equal(401, (int)Assert.Single(await page.EventsAsync("closed", 1))["code"]!);
        var tried = _server.Upgrades.Count;
        await page.AdvanceAsync(LongAfter);
        Assert.Equal(tried, _server.Upgrades.Count);
    }

    [Fact]
    public async Task Stale_tokens_after_wake_ups_do_not_end_the_trying_however_many_they_are()
    {
        _server.Refuse = static token => token == "stale" ? 401 : null;
        await using var page = await ClientPage.OpenAsync(chromium, _server, "() => window.fresh ? 'fresh' : 'stale'");
        await page.RunAsync("client.connect()");
        for (var wakeUps = 1; wakeUps <= 5; wakeUps++)
        {
            await page.StateAsync("reconnecting", waiting: true);
            await page.RunAsync("window.dispatchEvent(new Event('online'))");
            await Until.TrueAsync(() => _server.Upgrades.Count == wakeUps + 1, "it tried again");
        }
        await page.StateAsync("reconnecting", waiting: true);
        await page.RunAsync("window.fresh = true; window.dispatchEvent(new Event('online'))");

        await _server.SocketAsync(0);
    }

    [Fact]
    public async Task A_night_asleep_does_not_count_as_a_night_of_refusals()
    {
        _server.Refuse = static token => token == "stale" ? 401 : null;
        await using var page = await ClientPage.OpenAsync(chromium, _server, "() => window.fresh ? 'fresh' : 'stale'");
        await page.RunAsync("client.connect()");
        await page.StateAsync("reconnecting", waiting: true);

        await page.SleepAsync(8 * 60 * 60 * 1000);
        await Until.TrueAsync(() => _server.Upgrades.Count == 2, "it tried again");
        await page.RunAsync("window.fresh = true");
        await page.PassDelayAsync(attempt: 2);

        await _server.SocketAsync(0);
    }

    [Fact]
    public async Task A_token_function_that_never_answers_is_given_up_after_fifteen_seconds_and_asked_again()
    {
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, "() => (window.asked = (window.asked ?? 0) + 1) === 1 ? new Promise(() => {}) : 'a-token'");
        await page.RunAsync("client.connect()");
        await page.AdvanceAsync(14_999);
        Assert.Empty(await page.EventsAsync("error"));
        await page.AdvanceAsync(1);

        var error = Assert.Single(await page.EventsAsync("error", 1));
        Assert.Equal(("token", true), ((string?)error["code"], (bool)error["retryable"]!));
        await page.PassDelayAsync();
        await _server.SocketAsync(0);
    }

    [Fact]
    public async Task A_token_that_comes_too_late_is_not_used()
    {
        await using var page = await ClientPage.OpenAsync(
            chromium,
            _server,
            "() => (window.asked = (window.asked ?? 0) + 1) === 1 ? new Promise(r => { window.answer = r; }) : 'second'");
        await page.RunAsync("client.connect()");
        await page.AdvanceAsync(15_000);
        await page.PassDelayAsync();
        await _server.SocketAsync(0);
        await page.RunAsync("window.answer('first')");

        Assert.Equal("second", (string?)await page.ValueAsync("client._token"));
        Assert.Equal(["second"], _server.Upgrades);
    }

    [Fact]
    public async Task An_error_that_no_close_follows_is_the_end_of_an_attempt()
    {
        _server.Refuse = static _ => 401;
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, options: "{ WebSocket: class { constructor() { setTimeout(() => this.onerror({})); } close() {} } }");
        await page.RunAsync("client.connect()");
        await page.AdvanceAsync(1);

        Assert.Equal(401, (int)Assert.Single(await page.EventsAsync("closed", 1))["code"]!);
    }

    [Fact]
    public async Task An_error_on_an_open_socket_that_no_close_follows_is_its_end_too()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");
        await _server.SocketAsync(0);
        await page.StateAsync("open");
        await page.RunAsync("client._socket.onerror({})");

        await page.AdvanceAsync(1000);

        Assert.Equal("the connection failed", (string?)(await page.StateAsync("reconnecting", waiting: true))["reason"]);
    }

    [Fact]
    public async Task A_user_with_too_many_sockets_is_told_why()
    {
        _server.Refuse = static _ => 429;
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("client.connect()");

        var error = Assert.Single(await page.EventsAsync("error", 1));
        Assert.Equal(("too_many_connections", true), ((string?)error["code"], (bool)error["retryable"]!));
        Assert.Equal(429, (int)(await page.StateAsync("reconnecting", waiting: true))["code"]!);
    }

    [Fact]
    public async Task Where_there_is_no_WebSocket_connect_says_what_is_needed()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync("delete window.WebSocket; try { client.connect(); } catch (e) { window.message = e.message; }");

        var message = (string?)await page.ValueAsync("window.message");
        Assert.Contains("npm install ws", message, StringComparison.Ordinal);
        Assert.Equal("closed", (string?)await page.ValueAsync("client.state"));
    }

    [Fact]
    public async Task A_token_function_that_fails_is_asked_again_later()
    {
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, "() => { if (!window.ready) throw new Error('signed out'); return 'a-token'; }");
        await page.RunAsync("client.connect()");
        await page.StateAsync("reconnecting", waiting: true);
        Assert.Equal("token", (string?)Assert.Single(await page.EventsAsync("error", 1))["code"]);
        Assert.Empty(_server.Upgrades);

        await page.RunAsync("window.ready = true");
        await page.AdvanceAsync(250);

        await _server.SocketAsync(0);
    }

    [Fact]
    public async Task A_fresh_token_is_sent_on_the_live_socket_before_the_old_one_expires()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (first, second) = (Jwt(now + 600), Jwt(now + 1200));
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, $"() => (window.asked = (window.asked ?? 0) + 1) === 1 ? '{first}' : '{second}'", WithoutPings);
        await page.RunAsync("client.connect()");
        var socket = await _server.SocketAsync(0);
        await page.EventsAsync("connected", 1);

        await page.AdvanceAsync(8 * 60 * 1000); // two minutes are left
        Assert.Empty(socket.ReceivedOf("auth"));
        await page.AdvanceAsync(90 * 1000); // half a minute

        Assert.Equal(second, (string?)(await socket.ReceivedAsync("auth"))["token"]);
        var sent = (await page.EventsAsync("sent", 1)).Single(e => (string?)e["type"] == "auth");
        Assert.Equal("…", (string?)sent["token"]);
        Assert.Equal(first, Assert.Single(_server.Upgrades));
    }

    [Fact]
    public async Task A_token_that_a_page_was_loaded_with_is_sent_on_the_live_socket_too()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (first, second) = (Jwt(now + 600), Jwt(now + 1200));
        var refused = 0;
        _server.Rest = _ => Task.FromResult(
            Interlocked.Increment(ref refused) == 1 ? Results.Unauthorized() : FakeServer.Page([], 900));
        _server.Answer = (socket, frame) => socket.SendSubscribedAsync(Conversation, 900, recovered: false);
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, $"() => window.asked ? '{second}' : (window.asked = '{first}')", WithoutPings);
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}', {{ since: 5 }})");
        var socket = await _server.SocketAsync(0);
        await page.EventsAsync("resync", 1);
        Assert.Equal(2, refused);

        await page.AdvanceAsync(570 * 1000);

        Assert.Equal(second, (string?)(await socket.ReceivedAsync("auth"))["token"]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("'many'")]
    public async Task A_page_size_that_the_server_refuses_is_refused_at_once(string size)
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync($"try {{ new ChatStatusClient('', '', {{ pageSize: {size} }}) }} catch (e) {{ window.why = `${{e}}` }}");

        Assert.Equal("RangeError: pageSize must be 1 to 200", (string?)await page.ValueAsync("window.why"));
    }

    [Fact]
    public async Task A_language_that_cannot_be_told_costs_no_connection()
    {
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, options: "{ language: () => { throw new Error('no language') } }");
        await page.RunAsync("client.connect()");

        await _server.SocketAsync(0);
        Assert.Equal([""], _server.UpgradeQueries);
    }

    [Fact]
    public async Task Its_texts_are_in_the_language_that_it_is_told()
    {
        _server.Answer = (socket, frame) => socket.SendSubscribedAsync(Conversation, 900, recovered: false);
        await using var page = await ClientPage.OpenAsync(chromium, _server, options: "{ language: () => 'pt-BR', tokenIn: 'query' }");
        await page.RunAsync($"client.connect(); client.subscribe('{Conversation}')");
        await Until.TrueAsync(() => _server.Requests.Count > 0, "the page is asked for");

        Assert.Equal(["?lang=pt-BR&access_token=a-token"], _server.UpgradeQueries);
        Assert.Equal("pt-BR", _server.Requests[0].Language);
    }

    [Fact]
    public async Task A_wrong_clock_does_not_mislead_it_about_the_tokens_end()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await using var page = await ClientPage.OpenAsync(
            chromium, _server, $"() => {{ window.asked = (window.asked ?? 0) + 1; return '{Jwt(now + 600)}'; }}", WithoutPings);
        await page.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddHours(3));
        await page.RunAsync("client.connect()");
        await page.EventsAsync("connected", 1);

        await page.AdvanceAsync(5 * 60 * 1000);

        Assert.Equal(1, (int)(await page.ValueAsync("window.asked"))!);
    }

    [Fact]
    public async Task It_comes_as_an_ES_module_too()
    {
        await using var page = await ClientPage.OpenAsync(chromium, _server);
        await page.RunAsync(
            "return import('./chat-status-client.mjs').then(m => { "
            + "window.same = m.default === m.ChatStatusClient && m.default === ChatStatusClient; })");

        Assert.True((bool)(await page.ValueAsync("window.same"))!);
    }

    private static string Jwt(long exp)
    {
        static string Part(JsonObject value) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(value.ToJsonString()));
        return $"{Part(new() { ["alg"] = "none" })}.{Part(new() { ["sub"] = "ação", ["exp"] = exp })}.x";
    }
}
