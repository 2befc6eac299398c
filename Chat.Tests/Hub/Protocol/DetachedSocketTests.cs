using System.Net;
using System.Net.WebSockets;
using System.Text;
using Chat.Tests.Api;
using Chat.Tests.Engines.Security;
using Microsoft.AspNetCore.Hosting;

namespace Chat.Tests.Hub.Protocol;

/// <summary>How a connection leaves HTTP behind, and what must not.</summary>
public sealed class DetachedSocketTests : IAsyncLifetime
{
    private const string Ping = """{"type":"ping"}""";

    private readonly string _token = ApiHost.Token(Guid.NewGuid(), organization: null);
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    private Uri Api => _api.Client.BaseAddress!;

    [Fact]
    public async Task Frames_that_come_with_the_handshake_are_read()
    {
        await using var socket = await RawSocket.ConnectAsync(Api);
        await socket.SendAsync([.. Encoding.ASCII.GetBytes(RawSocket.Handshake(Api, _token)), .. ClientFrames.TextOf(Ping)]);

        await socket.ReadAnswerAsync();

        Assert.StartsWith("HTTP/1.1 101 ", socket.Answer, StringComparison.Ordinal);
        Assert.Equal("connected", await socket.NextAsync());
        Assert.Equal("pong", await socket.NextAsync());
    }

    [Fact]
    public async Task The_answer_is_the_standards_own_and_offers_no_extension()
    {
        await using var socket = await RawSocket.SendAsync(
            Api, RawSocket.Handshake(Api, _token, "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat.v1\r\n"));

        Assert.Contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", socket.Answer, StringComparison.Ordinal);
        Assert.Contains("\r\nUpgrade: websocket\r\n", socket.Answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: Upgrade\r\n", socket.Answer, StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Protocol: chat.v1\r\n", socket.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Extensions", socket.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_opens_on_a_connection_that_was_used_before()
    {
        await using var socket = await RawSocket.SendAsync(Api, $"HEAD /nothing HTTP/1.1\r\nHost: {Api.Authority}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", socket.Answer, StringComparison.Ordinal);

        await socket.SendAsync(Encoding.ASCII.GetBytes(RawSocket.Handshake(Api, _token)));

        await socket.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 101 ", socket.Answer, StringComparison.Ordinal);
        Assert.Equal("connected", await socket.NextAsync());
        await socket.SendAsync(ClientFrames.TextOf(Ping));
        Assert.Equal("pong", await socket.NextAsync());
    }

    [Fact]
    public async Task A_request_that_is_pipelined_before_the_handshake_is_answered_first()
    {
        await using var socket = await RawSocket.SendAsync(
            Api, $"HEAD /nothing HTTP/1.1\r\nHost: {Api.Authority}\r\n\r\n" + RawSocket.Handshake(Api, _token));

        Assert.StartsWith("HTTP/1.1 404 ", socket.Answer, StringComparison.Ordinal);
        await socket.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 101 ", socket.Answer, StringComparison.Ordinal);
        Assert.Equal("connected", await socket.NextAsync());
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n", "426")]
    [InlineData("Transfer-Encoding: chunked\r\n", "426")]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "426")]
    [InlineData("Host: elsewhere\r\n", "400")]
    [InlineData("X-Folded: a\r\n b\r\n", "400")]
    [InlineData("X-Without-Colon\r\n", "400")]
    [InlineData("X Space: a\r\n", "400")]
    [InlineData("X-Zero: \0\r\n", "400")]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "426")]
    public async Task What_is_no_well_formed_upgrade_is_answered_by_the_http_server(string more, string status)
    {
        // What would be smuggled: a request of its own for who takes the head's end for the request's.
        await using var socket = await RawSocket.SendAsync(
            Api, RawSocket.Handshake(Api, _token, more) + $"GET /alive HTTP/1.1\r\nHost: {Api.Authority}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", socket.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_handshake_leaves_a_connection_that_goes_on()
    {
        await using var socket = await RawSocket.ConnectAsync(Api);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            RawSocket.Handshake(Api, "no.token.atall") + $"GET /alive HTTP/1.1\r\nHost: {Api.Authority}\r\nConnection: close\r\n\r\n"));

        var answers = await socket.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 401 ", answers, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK", answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(true, "X-Unusual: 1\r\n")]
    [InlineData(false, "")]
    public async Task The_place_of_a_socket_is_free_again_once_it_is_closed(bool beneathHttp, string more)
    {
        await using var api = await ApiHost.StartAsync(new()
        {
            ["Hub:BeneathHttp"] = $"{beneathHttp}",
            ["Hub:MaxConnectionsPerUser"] = "1",
        });
        var address = api.Client.BaseAddress!;
        for (var i = 0; i < 3; i++)
        {
            await using var socket = await RawSocket.OpenAsync(address, _token, more);
            await using (var second = await RawSocket.SendAsync(address, RawSocket.Handshake(address, _token)))
                Assert.StartsWith("HTTP/1.1 429 ", second.Answer, StringComparison.Ordinal);
            await socket.SendAsync(ClientFrames.CloseOf(1000));
            Assert.Equal("close 1000", await socket.NextAsync());
            Assert.Equal("end", await socket.NextAsync());
        }
    }

    [Fact]
    public async Task A_socket_that_the_client_resets_is_forgotten()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Hub:MaxConnectionsPerUser"] = "1" });
        await using (var socket = await RawSocket.OpenAsync(api.Client.BaseAddress!, _token)) socket.Reset();

        RawSocket? next = null;
        await Graph.Until.TrueAsync(
            async () =>
            {
                var address = api.Client.BaseAddress!;
                next = await RawSocket.SendAsync(address, RawSocket.Handshake(address, _token));
                if (next.Answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)) return true;
                await next.DisposeAsync();
                return false;
            },
            "the place is free");
        await next!.DisposeAsync();
    }

    [Fact]
    public async Task Half_a_handshake_is_timed_out_by_the_http_server_and_open_sockets_are_not()
    {
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(1);
        }));
        var address = api.Client.BaseAddress!;
        await using var open = await RawSocket.OpenAsync(address, _token);
        for (var i = 0; i < 2; i++)
        {
            await using var half = await RawSocket.SendAsync(address, RawSocket.Handshake(address, _token)[..60]);
            Assert.StartsWith("HTTP/1.1 408 ", half.Answer, StringComparison.Ordinal);
        }

        await open.SendAsync(ClientFrames.TextOf(Ping));
        Assert.Equal("pong", await open.NextAsync());
    }

    [Fact]
    public async Task A_socket_over_tls_is_served_within_http()
    {
        using var certificates = new TestCertificates();
        var (file, password) = (certificates.Server.Pkcs12, TestCertificates.Password);
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(file, password))));
        using var socket = new ClientWebSocket();
#pragma warning disable CA5359 // Of the test's own server.
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        var cancellation = TestContext.Current.CancellationToken;
        var address = new UriBuilder(api.App.Urls.First()) { Scheme = "wss", Path = "/ws/status", Query = $"access_token={_token}" };
        await socket.ConnectAsync(address.Uri, cancellation);
        var buffer = new byte[1024];
        Assert.Contains("connected", await ReceiveAsync(), StringComparison.Ordinal);

        await socket.SendAsync(Encoding.UTF8.GetBytes(Ping), WebSocketMessageType.Text, endOfMessage: true, cancellation);

        Assert.Contains("pong", await ReceiveAsync(), StringComparison.Ordinal);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellation);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);

        async Task<string> ReceiveAsync() =>
            Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, cancellation)).Count);
    }
}
