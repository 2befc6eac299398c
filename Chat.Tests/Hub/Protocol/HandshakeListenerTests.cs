using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Api.Auth;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chat.Tests.Hub.Protocol;

/// <summary>The transport of the server's plain endpoints: what the server's own does, and sockets beneath it.</summary>
public sealed class HandshakeListenerTests
{
    private const string Opened = "HTTP/1.1 101 ";
    private const string Date = "\r\nDate: ";

    private static readonly string Token = ApiHost.Token(Guid.NewGuid(), organization: null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://*:0", "127.0.0.1")]
    [InlineData("http://0.0.0.0:0", "127.0.0.1")]
    [InlineData("http://127.0.0.1:0", "127.0.0.1")]
    [InlineData("http://localhost:{free}", "127.0.0.1")]
    [InlineData("http://127.0.0.1:0;http://127.0.0.1:0", "127.0.0.1")]
    public async Task However_an_endpoint_is_named_it_answers_both_kinds(string urls, string host)
    {
        urls = urls.Replace("{free}", FreePort().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.UseUrls(urls.Split(';')));
        foreach (var url in api.App.Urls)
        {
            var address = new UriBuilder("http", host, new Uri(url.Replace("[::]", "a", StringComparison.Ordinal)).Port).Uri;

            await using var socket = await RawSocket.OpenAsync(address, Token);
            await using var other = await RawSocket.SendAsync(address, $"HEAD /alive HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");

            Assert.DoesNotContain(Date, socket.Answer, StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 200 ", other.Answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_as_the_server_tells_it()
    {
        await using var api = await ApiHost.StartAsync();
        var taken = api.App.Urls.First();

        var exception = await Assert.ThrowsAsync<IOException>(
            () => ApiHost.StartAsync(configure: builder => builder.WebHost.UseUrls(taken)));

        Assert.Contains("address already in use", exception.Message, StringComparison.Ordinal);
    }

    // As the server counts: an upgraded connection is none of these.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_the_server_limits_connections_open_sockets_are_beside_them(bool beneathHttp)
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Hub:BeneathHttp"] = $"{beneathHttp}" },
            configure: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxConcurrentConnections = 1));
        var address = api.Client.BaseAddress!;
        await using var socket = await RawSocket.OpenAsync(address, Token);
        var request = $"HEAD /alive HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n";
        await using var first = await RawSocket.SendAsync(address, request);
        Assert.StartsWith("HTTP/1.1 200 ", first.Answer, StringComparison.Ordinal);

        await using var second = await RawSocket.ConnectAsync(address);

        Assert.Equal("", await second.ReadToEndAsync());
    }

    [Fact]
    public async Task Over_a_Unix_socket_the_server_listens_itself()
    {
        var path = Path.Combine(Path.GetTempPath(), $"chat-{Path.GetRandomFileName()}");
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenUnixSocket(path);
        }));
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancellation);

        await client.SendAsync(Encoding.ASCII.GetBytes(RawSocket.Handshake(new("http://localhost"), Token)), Cancellation);

        var answer = new byte[Opened.Length];
        await using var stream = new NetworkStream(client);
        await stream.ReadExactlyAsync(answer, Cancellation);
        Assert.Equal(Opened, Encoding.ASCII.GetString(answer));
    }

    [Fact]
    public async Task A_server_that_stops_waits_for_the_closes_of_its_sockets()
    {
        await using var api = await ApiHost.StartAsync();
        await using var socket = await RawSocket.OpenAsync(api.Client.BaseAddress!, Token);

        var stopping = api.App.StopAsync(Cancellation);

        Assert.Equal("close 4000", await socket.NextAsync());
        Assert.False(stopping.IsCompleted);
        await socket.SendAsync(ClientFrames.CloseOf(4000));
        Assert.Equal("end", await socket.NextAsync());
        await stopping.WaitAsync(Until.Deadline, Cancellation);
    }

    [Fact]
    public async Task A_server_that_stops_lets_nobody_wait_for_a_socket_that_does_not_close()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Hub:CloseTimeout"] = "00:05:00" },
            configure: builder => builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(5)));
        var address = api.Client.BaseAddress!;
        await using var socket = await RawSocket.OpenAsync(address, Token);
        await using var idle = await RawSocket.SendAsync(address, $"HEAD /alive HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");
        using var now = new CancellationTokenSource();

        var stopping = api.App.StopAsync(now.Token);

        Assert.Equal("", await idle.ReadToEndAsync());
        Assert.Equal("close 4000", await socket.NextAsync());
        Assert.False(stopping.IsCompleted);
        await now.CancelAsync();
        await stopping.WaitAsync(Until.Deadline, Cancellation);
        Assert.Equal("end", await socket.NextAsync());
    }

    [Fact]
    public async Task A_server_that_stops_cuts_off_who_does_not_close()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Hub:CloseTimeout"] = "00:00:00.5" });
        await using var socket = await RawSocket.OpenAsync(api.Client.BaseAddress!, Token);

        var stopping = api.App.StopAsync(Cancellation);

        Assert.Equal("close 4000", await socket.NextAsync());
        Assert.Equal("end", await socket.NextAsync());
        await stopping.WaitAsync(Until.Deadline, Cancellation);
    }

    [Fact]
    public async Task Connections_of_http_have_the_servers_own_pool_of_buffers()
    {
        var pool = new TaskCompletionSource<MemoryPool<byte>?>();
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection =>
            {
                pool.TrySetResult(connection.Features.Get<IMemoryPoolFeature>()?.MemoryPool);
                return next(connection);
            }))));

        await api.GetAsync("/alive");

        Assert.Equal("PinnedBlockMemoryPool", (await pool.Task.WaitAsync(Until.Deadline, Cancellation))?.GetType().Name);
    }

    [Fact]
    public async Task Who_leaves_while_its_token_is_checked_keeps_no_place()
    {
        var tokens = new SlowTokens();
        await using var api = await ApiHost.StartAsync(
            new() { ["Hub:MaxConnectionsPerUser"] = "1" },
            configure: builder => builder.Services.AddSingleton<ITokenReader>(tokens));
        var address = api.Client.BaseAddress!;
        await using (var socket = await RawSocket.ConnectAsync(address))
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(RawSocket.Handshake(address, Token)));
            await tokens.Asked.Task.WaitAsync(Until.Deadline, Cancellation);
            socket.Reset();
        }
        tokens.Answer.SetResult();

        await Until.TrueAsync(
            async () =>
            {
                await using var next = await RawSocket.SendAsync(address, RawSocket.Handshake(address, Token));
                return next.Answer.StartsWith(Opened, StringComparison.Ordinal);
            },
            "the place is free");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Lets everybody in, once it may answer.</summary>
    private sealed class SlowTokens : ITokenReader
    {
        private static readonly ChatUser User = new(Guid.NewGuid(), OrganizationId: null, DateTimeOffset.MaxValue);

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            await Answer.Task.WaitAsync(cancellationToken);
            return User;
        }
    }
}
