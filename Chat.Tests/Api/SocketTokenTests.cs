using System.Net;
using System.Net.WebSockets;
using Chat.Client;
using Chat.Tests.Browser;
using Chat.Tests.Graph;

namespace Chat.Tests.Api;

/// <summary>A socket's token as a subprotocol, which is all that a browser can send beside the URL.</summary>
public sealed class SocketTokenTests : IAsyncLifetime
{
    private readonly string _token = new Desk().Token;
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_socket_opens_by_a_token_among_its_subprotocols_and_the_answer_is_the_other_one()
    {
        using var socket = await OpenAsync("chat.v1", $"bearer.{_token}");

        Assert.Equal((WebSocketState.Open, "chat.v1"), (socket.State, socket.SubProtocol));
    }

    [Fact]
    public async Task A_token_that_is_offered_alone_is_not_the_answer()
    {
        using var socket = await OpenAsync($"bearer.{_token}");

        Assert.Equal((WebSocketState.Open, null), (socket.State, socket.SubProtocol));
    }

    [Fact]
    public async Task Subprotocols_that_are_unknown_are_not_the_answer_and_a_token_in_the_url_still_counts()
    {
        using var socket = await OpenAsync($"?access_token={_token}", "graphql-ws");

        Assert.Equal((WebSocketState.Open, null), (socket.State, socket.SubProtocol));
    }

    [Fact]
    public async Task The_protocol_may_be_asked_for_whatever_carries_the_token()
    {
        using var socket = await OpenAsync($"?access_token={_token}", "chat.v1");

        Assert.Equal("chat.v1", socket.SubProtocol);
    }

    [Fact]
    public async Task A_token_that_is_not_valid_and_several_of_them_are_refused()
    {
        string[][] refused =
        [
            ["chat.v1", $"bearer.{_token}x"],
            ["chat.v1", $"bearer.{_token}", $"bearer.{new Desk().Token}"],
            ["chat.v1", "bearer."],
            ["chat.v1"],
        ];
        foreach (var offered in refused) await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(offered));
        // Nor does one in the URL then count.
        await Assert.ThrowsAsync<WebSocketException>(
            () => OpenAsync($"?access_token={_token}", "chat.v1", $"bearer.{_token}", $"bearer.{new Desk().Token}"));
    }

    [Fact]
    public async Task Elsewhere_a_subprotocol_is_no_token()
    {
        var answer = await _api.SendAsync(HttpMethod.Get, "/v1/channels", token: null, content: null, request =>
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", $"chat.v1, bearer.{_token}"));

        answer.IsProblem(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(true, "protocol")]
    [InlineData(false, "header")]
    public async Task The_client_opens_its_socket_by_a_subprotocol_where_it_is_told_to(bool asProtocol, string by)
    {
        var options = new ChatStatusClientOptions { TokenAsProtocol = asProtocol };
        await using (var client = new ChatStatusClient(_api.Client.BaseAddress!, _token, options)) await ConnectAsync(client);

        await using var fake = await FakeServer.StartAsync();
        await using (var client = new ChatStatusClient(new(fake.Url), _token, options)) await ConnectAsync(client);
        Assert.Equal((_token, by), (Assert.Single(fake.Upgrades), Assert.Single(fake.UpgradesBy)));
    }

    private static async Task ConnectAsync(ChatStatusClient client)
    {
        client.Connect();
        await Until.TrueAsync(() => client.State == ConnectionState.Open, "it is connected");
    }

    private Task<ClientWebSocket> OpenAsync(params string[] offered) =>
        offered[0].StartsWith('?') ? OpenAsync(offered[0], offered[1..]) : OpenAsync("", offered);

    private async Task<ClientWebSocket> OpenAsync(string query, string[] offered)
    {
        var socket = new ClientWebSocket();
        foreach (var protocol in offered) socket.Options.AddSubProtocol(protocol);
        var url = new UriBuilder(_api.Client.BaseAddress!) { Scheme = "ws", Path = "/ws/status", Query = query };
        try
        {
            await socket.ConnectAsync(url.Uri, TestContext.Current.CancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
