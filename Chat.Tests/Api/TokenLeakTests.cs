using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using Chat.Core.Time;
using Chat.Tests.Telemetry;

namespace Chat.Tests.Api;

/// <summary>That a token reaches no log and no span, wherever it was sent.</summary>
[Collection(SpanListening.Name)]
public sealed class TokenLeakTests
{
    [Theory]
    [InlineData("/ws/status?access_token=")]
    [InlineData("/ws/status?ACCESS_TOKEN=")]
    [InlineData("/ws/status?access%5Ftoken=")]
    [InlineData("/ws/status?a=b&access_token=")]
    [InlineData("/v1/channels?access_token=")]
    [InlineData("/nothing?access_token=")]
    public async Task A_token_in_a_url_reaches_no_log_and_no_span(string path)
    {
        var token = new Desk().Token;
        var tags = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => tags.Enqueue(string.Join(' ', activity.TagObjects.Select(t => $"{t.Key}={t.Value}"))),
        };
        ActivitySource.AddActivityListener(listener);
        var api = await StartLoudAsync();
        await using (api)
        {
            await api.GetAsync(path + token);
            await api.GetAsync(path + "wrong." + token);
        }

        // The requests were logged, so that what is missing is the token alone.
        Assert.Contains(
            api.Logs.Lines,
            l => l.Contains("Request starting", StringComparison.Ordinal) && l.Contains(path.Split('?')[0], StringComparison.Ordinal));
        Assert.All(api.Logs.Lines, line => Assert.DoesNotContain(token, line, StringComparison.Ordinal));
        Assert.All(api.Logs.Lines, line => Assert.DoesNotContain(token.Split('.')[2], line, StringComparison.Ordinal));
        Assert.NotEmpty(tags);
        Assert.All(tags, line => Assert.DoesNotContain(token.Split('.')[2], line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_in_a_header_reaches_no_log()
    {
        var token = new Desk().Token;
        var api = await StartLoudAsync();
        await using (api)
        {
            await api.GetAsync("/v1/channels", token);
            await api.GetAsync("/v1/channels", token + "x");
            await api.PostAsync("/v1/callbacks/status", token, "{}");
        }

        Assert.NotEmpty(api.Logs.Lines);
        Assert.All(api.Logs.Lines, line => Assert.DoesNotContain(token.Split('.')[2], line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/ws/status")]
    [InlineData("/v1/channels")]
    [InlineData("/nothing")]
    public async Task A_token_that_is_offered_as_a_subprotocol_reaches_no_log(string path)
    {
        var token = new Desk().Token;
        var api = await StartLoudAsync();
        await using (api)
        {
            foreach (var offered in new[] { $"chat.v1, bearer.{token}", $"bearer.{token}", $"Bearer.wrong.{token},chat.v1" })
            {
                await api.SendAsync(HttpMethod.Get, path, token: null, content: null, request =>
                    request.Headers.Add("Sec-WebSocket-Protocol", offered));
                using var socket = new ClientWebSocket();
                foreach (var protocol in offered.Split(',')) socket.Options.AddSubProtocol(protocol.Trim());
                var url = new UriBuilder(api.Client.BaseAddress!) { Scheme = "ws", Path = path };
                await socket.ConnectAsync(url.Uri, TestContext.Current.CancellationToken).WaitQuietlyAsync();
            }
        }

        Assert.Contains(api.Logs.Lines, l => l.Contains("Request starting", StringComparison.Ordinal));
        Assert.All(api.Logs.Lines, line => Assert.DoesNotContain(token.Split('.')[2], line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_socket_opens_by_the_token_in_its_url_and_the_rest_of_the_query_stays()
    {
        await using var api = await StartLoudAsync();
        using var socket = new ClientWebSocket();
        // With a header that is not usual the request is HTTP's, which logs it.
        socket.Options.SetRequestHeader("X-Unusual", "1");

        await socket.ConnectAsync(SocketUrl(api, new Desk().Token), TestContext.Current.CancellationToken);

        Assert.Equal(WebSocketState.Open, socket.State);
        Assert.Contains(api.Logs.Lines, l => l.Contains("/ws/status?a=b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_socket_that_opens_beneath_http_logs_no_token()
    {
        var token = new Desk().Token;
        var api = await StartLoudAsync();
        await using (api)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(SocketUrl(api, token), TestContext.Current.CancellationToken);
            Assert.Equal(WebSocketState.Open, socket.State);
        }

        Assert.Contains(api.Logs.Lines, l => l.Contains(" connected, user ", StringComparison.Ordinal));
        Assert.DoesNotContain(api.Logs.Lines, l => l.Contains("Request starting", StringComparison.Ordinal));
        Assert.All(api.Logs.Lines, line => Assert.DoesNotContain(token.Split('.')[2], line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_are_not_logged_unless_somebody_asks_for_it()
    {
        var api = await ApiHost.StartAsync();
        await using (api) await api.GetAsync("/v1/channels", new Desk().Token);

        Assert.DoesNotContain(api.Logs.Lines, l => l.Contains("Request starting", StringComparison.Ordinal));
    }

    private static Uri SocketUrl(ApiHost api, string token) =>
        new UriBuilder(api.Client.BaseAddress!) { Scheme = "ws", Path = "/ws/status", Query = $"a=b&access_token={token}" }.Uri;

    private static Task<ApiHost> StartLoudAsync() => ApiHost.StartAsync(new()
    {
        ["Logging:LogLevel:Default"] = "Trace",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
    });
}
