using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Chat.Api.Auth;
using Chat.Api.Hub.Sockets;
using Chat.Api.Problems;
using Chat.Tests.Api;
using Chat.Tests.Engines.Security;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Hub.Protocol;

/// <summary>
/// Handshakes that are answered beneath HTTP, and those that are HTTP's: which of the two it was shows by the answer's date, which HTTP
/// adds.
/// </summary>
public sealed class PlainHandshakeTests(PlainHandshakeTests.Hosts hosts) : IClassFixture<PlainHandshakeTests.Hosts>
{
    private const string Opened = "HTTP/1.1 101 ";
    private const string Date = "\r\nDate: ";

    private static readonly string Token = ApiHost.Token(Guid.NewGuid(), organization: null);

    /// <summary>What clients write: {host} and {token} are the server's and a good one.</summary>
    public static TheoryData<string> Plain =>
    [
        // Chrome, with the token in the query as the first version's page has it.
        Lines("GET /ws/status?access_token={token}&lang=en HTTP/1.1", "Host: {host}", "Connection: Upgrade", "Pragma: no-cache",
            "Cache-Control: no-cache", "User-Agent: Mozilla/5.0 (X11; Linux x64) Chrome/141", "Upgrade: websocket", "Origin: http://{host}",
            "Sec-WebSocket-Version: 13", "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: pt-BR,pt;q=0.9,en;q=0.8",
            "Cookie: a=b; c=d", "Sec-WebSocket-Key: {key}", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
        // Firefox, with the token as a subprotocol.
        Lines("GET /ws/status HTTP/1.1", "Host: {host}", "User-Agent: Mozilla/5.0 (X11; rv:143.0) Firefox/143.0", "Accept: */*",
            "Accept-Language: en-US,en;q=0.5", "Accept-Encoding: gzip, deflate, br, zstd", "Sec-WebSocket-Version: 13",
            "Origin: http://{host}", "Sec-WebSocket-Protocol: chat.v1, bearer.{token}", "Sec-WebSocket-Extensions: permessage-deflate",
            "Sec-WebSocket-Key: {key}", "DNT: 1", "Sec-GPC: 1", "Connection: keep-alive, Upgrade",
            "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: websocket", "Sec-Fetch-Site: same-origin", "Pragma: no-cache",
            "Cache-Control: no-cache", "Upgrade: websocket"),
        // .NET's client and Node's, with the token as a header.
        Lines("GET /ws/status HTTP/1.1", "Host: {host}", "Authorization: Bearer {token}", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: {key}", "Sec-WebSocket-Protocol: chat.v1"),
        Lines("GET /ws/status?access_token={token} HTTP/1.1", "sec-websocket-version: 13", "sec-websocket-key: {key}",
            "connection: upgrade", "upgrade: WebSocket", "host: {host}"),
    ];

    /// <summary>The same, in one way or another not as usual: each is answered as HTTP answers it, whatever that is.</summary>
    public static TheoryData<string> Unusual
    {
        get
        {
            var usual = Usual();
            string[] heads =
            [
                // What may not be let in.
                usual.Replace("{token}", "no.token.atall", StringComparison.Ordinal),
                usual.Replace("?access_token={token}", "", StringComparison.Ordinal),
                With("Origin: http://elsewhere.example"),
                With("Origin: null"),
                // Request lines.
                "GET HTTP/1.1\r\n\r\n",
                "GET  HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET /ws/status\r\n\r\n",
                usual.Replace("GET ", "get ", StringComparison.Ordinal),
                usual.Replace("GET ", "POST ", StringComparison.Ordinal),
                usual.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal),
                usual.Replace("HTTP/1.1", "HTTP/1.2", StringComparison.Ordinal),
                usual.Replace("HTTP/1.1", "HTTP/1.1 ", StringComparison.Ordinal),
                usual.Replace("/ws/status", "/WS/Status", StringComparison.Ordinal),
                usual.Replace("/ws/status", "/ws/status/", StringComparison.Ordinal),
                usual.Replace("/ws/status", "/ws/status2", StringComparison.Ordinal),
                usual.Replace("/ws/status", "/ws/%73tatus", StringComparison.Ordinal),
                usual.Replace("/ws/status", "/ws/../ws/status", StringComparison.Ordinal),
                usual.Replace("/ws/status", "http://{host}/ws/status", StringComparison.Ordinal),
                usual.Replace("{token} ", "{token}#part ", StringComparison.Ordinal),
                usual.Replace("{token} ", "{token} more ", StringComparison.Ordinal),
                usual.Replace("{token} ", "{token}&name=é ", StringComparison.Ordinal),
                // Headers that something reads on the way, or that nobody knows.
                With("X-Forwarded-For: 192.0.2.1"),
                With("Forwarded: for=192.0.2.1"),
                With("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                With("Content-Length: 0"),
                With("Content-Length: 5"),
                With("Transfer-Encoding: chunked"),
                With("Expect: 100-continue"),
                With("Keep-Alive: timeout=5"),
                With("X-Unusual: 1"),
                With("A-Header-Whose-Name-Is-Longer-Than-All: 1"),
                // Headers twice, or written in an odd way.
                With("Host: {host}"),
                With("Upgrade: websocket"),
                With("Connection: Upgrade"),
                With("Sec-WebSocket-Key: {key}"),
                With("Sec-WebSocket-Version: 13"),
                With("Origin: http://{host}\r\nOrigin: http://elsewhere.example"),
                With("User-Agent: a\r\n b"),
                With("User-Agent : a"),
                With(" User-Agent: a"),
                With("User-Agent:\ta"),
                With("User-Agent: é"),
                With("User-Agent: \0"),
                With("User-Agent: a\rb"),
                With("User-Agent: a\nX-Unusual: b"),
                With("User-Agent"),
                With(": a"),
                // What makes it no handshake, or another one.
                usual.Replace("Host: {host}\r\n", "", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host:", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: a b", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: a/b", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: [::1]:5000", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: a:99999", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: a:+80", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: a:-0", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: a: 80", StringComparison.Ordinal),
                usual.Replace("Host: {host}", "Host: a:", StringComparison.Ordinal),
                usual.Replace("Connection: Upgrade", "Connection: keep-alive", StringComparison.Ordinal),
                usual.Replace("Connection: Upgrade", "Connection: Upgrade, close", StringComparison.Ordinal),
                usual.Replace("Connection: Upgrade", "Connection: Upgrade,", StringComparison.Ordinal),
                usual.Replace("Upgrade: websocket", "Upgrade: h2c", StringComparison.Ordinal),
                usual.Replace("Upgrade: websocket", "Upgrade: websocket, h2c", StringComparison.Ordinal),
                usual.Replace("Version: 13", "Version: 8", StringComparison.Ordinal),
                usual.Replace("Version: 13", "Version: 13, 8", StringComparison.Ordinal),
                usual.Replace("Sec-WebSocket-Key: {key}\r\n", "", StringComparison.Ordinal),
                usual.Replace("{key}", "c2hvcnQ=", StringComparison.Ordinal),
                usual.Replace("{key}", "not base64 at all, but 24", StringComparison.Ordinal),
                usual.Replace("{key}", "AAAAAAAAAAAAAAAAAAAAAAAA", StringComparison.Ordinal),
                // Too long for a request's line, and for all of its headers.
                usual.Replace("{token} ", "{token}&a=" + new string('a', 9_000) + " ", StringComparison.Ordinal),
                With("Cookie: " + new string('a', 33_000)),
            ];
            return [.. heads];

            string With(string line) => usual.Replace("\r\n\r\n", $"\r\n{line}\r\n\r\n", StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Plain))]
    public async Task A_usual_handshake_opens_a_socket_without_http(string head)
    {
        await using var socket = await SendAsync(hosts.Beneath, head);

        Assert.StartsWith(Opened, socket.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Date, socket.Answer, StringComparison.Ordinal);
        Assert.Equal("connected", await socket.NextAsync());
        await using var other = await SendAsync(hosts.Within, head);
        Assert.Equal(Headers(other), Headers(socket));
    }

    [Theory]
    [MemberData(nameof(Unusual))]
    public async Task Every_other_one_is_answered_by_http(string head)
    {
        await using var socket = await SendAsync(hosts.Beneath, head);
        await using var other = await SendAsync(hosts.Within, head);

        Assert.Contains(Date, socket.Answer, StringComparison.Ordinal);
        Assert.Equal(Headers(other), Headers(socket));
        if (socket.Answer.StartsWith(Opened, StringComparison.Ordinal)) Assert.Equal("connected", await socket.NextAsync());
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Random(20261130);
        var limits = new KestrelServerLimits();
        byte[][] heads = [.. Plain.Select(row => Encoding.ASCII.GetBytes(row.Data.Replace("{host}", "a:80", StringComparison.Ordinal)
            .Replace("{key}", RawSocket.Key, StringComparison.Ordinal)))];
        var read = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var head = heads[random.Next(heads.Length)].ToList();
            for (var changes = random.Next(4); changes > 0; changes--) Change(head, random);
            if (PlainHandshake.Read(CollectionsMarshal.AsSpan(head), IPAddress.Loopback, limits) is { } handshake)
            {
                read++;
                Assert.InRange(handshake.Length, 1, head.Count);
            }
        }

        // Those that were not changed, and some others.
        Assert.InRange(read, 25_000, 75_000);
    }

    [Theory]
    [InlineData(null, "HTTP/1.1 401 ")]
    [InlineData("outage", "HTTP/1.1 503 ")]
    [InlineData("defect", "HTTP/1.1 500 ")]
    public async Task What_was_said_against_a_handshake_is_not_asked_again(string? failure, string expected)
    {
        var tokens = new RefusingTokens(failure);
        await using var api = await ApiHost.StartAsync(configure: builder => builder.Services.AddSingleton<ITokenReader>(tokens));

        await using var socket = await SendAsync(api, Usual());

        Assert.StartsWith(expected, socket.Answer, StringComparison.Ordinal);
        Assert.Equal(1, tokens.Asked);
    }

    [Fact]
    public async Task Of_another_host_a_page_opens_one_where_it_may_work_here()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Cors:Origins:0"] = "https://desk.example.com" });

        await using var socket = await SendAsync(
            api, Usual().Replace("\r\n\r\n", "\r\nOrigin: https://desk.example.com\r\n\r\n", StringComparison.Ordinal));

        Assert.StartsWith(Opened, socket.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Date, socket.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_address_has_its_own_limit_of_handshakes()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Hub:HandshakesPerSecond"] = "1", ["Hub:HandshakeBurst"] = "5" });
        for (byte client = 2; client < 32; client++)
        {
            await using var socket = await RawSocket.ConnectAsync(Address(api), new IPAddress([127, 0, 0, client]));
            await socket.SendAsync(Encoding.ASCII.GetBytes(Complete(api, Usual())));
            await socket.ReadAnswerAsync();

            Assert.StartsWith(Opened, socket.Answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_handshake_that_comes_byte_by_byte_opens_a_socket()
    {
        await using var socket = await RawSocket.ConnectAsync(Address(hosts.Beneath));

        foreach (var one in Encoding.ASCII.GetBytes(Complete(hosts.Beneath, Usual()))) await socket.SendAsync([one]);

        await socket.ReadAnswerAsync();
        Assert.StartsWith(Opened, socket.Answer, StringComparison.Ordinal);
        Assert.Equal("connected", await socket.NextAsync());
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_ended_by_http()
    {
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(1)));
        await using var socket = await RawSocket.ConnectAsync(Address(api));

        Assert.Equal("", await socket.ReadToEndAsync());
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_for_who_says_nothing()
    {
        // By this clock nobody's patience ends.
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var api = await ApiHost.StartAsync(configure: builder => builder.Services.AddSingleton<TimeProvider>(time));
        await using var silent = await RawSocket.ConnectAsync(Address(api));
        // Connections are taken in their order.
        await using var later = await SendAsync(api, Usual().Replace("{token}", "no.token.atall", StringComparison.Ordinal));

        await api.App.StopAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal("", await EndOf(silent));
    }

    [Fact]
    public async Task Without_tls_nothing_opens_on_an_endpoint_that_wants_it()
    {
        using var certificates = new TestCertificates();
        var (file, password) = (certificates.Server.Pkcs12, TestCertificates.Password);
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(file, password))));
        await using var socket = await RawSocket.ConnectAsync(new Uri(api.App.Urls.First()));

        await socket.SendAsync(Encoding.ASCII.GetBytes(Complete(api, Usual())));

        var answer = await EndOf(socket);
        Assert.DoesNotContain("101", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("desk.example.com", "desk.example.com", Opened)]
    [InlineData("desk.example.com", "elsewhere.example.com", "HTTP/1.1 400 ")]
    public async Task The_hosts_that_are_served_are_asked_for_by_http(string served, string host, string expected)
    {
        await using var api = await ApiHost.StartAsync(new() { ["AllowedHosts"] = served });

        await using var socket = await SendAsync(api, Usual().Replace("{host}", host, StringComparison.Ordinal));

        Assert.StartsWith(expected, socket.Answer, StringComparison.Ordinal);
        Assert.Contains(Date, socket.Answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MaxRequestHeaderCount", "5", "HTTP/1.1 431 ")]
    [InlineData("MaxRequestHeadersTotalSize", "100", "HTTP/1.1 431 ")]
    [InlineData("MaxRequestLineSize", "100", "HTTP/1.1 414 ")]
    [InlineData("MaxConcurrentUpgradedConnections", "5", Opened)]
    public async Task The_servers_limits_hold(string limit, string value, string expected)
    {
        await using var api = await ApiHost.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var property = typeof(KestrelServerLimits).GetProperty(limit)!;
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            property.SetValue(kestrel.Limits, Convert.ChangeType(value, type, CultureInfo.InvariantCulture));
        }));

        await using var socket = await SendAsync(api, Usual().Replace("\r\n\r\n", "\r\nUser-Agent: a\r\n\r\n", StringComparison.Ordinal));

        Assert.StartsWith(expected, socket.Answer, StringComparison.Ordinal);
        Assert.Contains(Date, socket.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_opens_on_an_endpoint_that_speaks_http2_alone()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });
        await using var socket = await RawSocket.ConnectAsync(new Uri(api.App.Urls.First()));

        await socket.SendAsync(Encoding.ASCII.GetBytes(Complete(api, Usual())));

        Assert.DoesNotContain("101", await EndOf(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshakes_that_open_sockets_are_counted_too()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Hub:HandshakesPerSecond"] = "1", ["Hub:HandshakeBurst"] = "1" });

        RawSocket socket;
        do socket = await SendAsync(api, Usual());
        while (socket.Answer.StartsWith(Opened, StringComparison.Ordinal));

        Assert.StartsWith("HTTP/1.1 429 ", socket.Answer, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 1\r\n", socket.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_handshakes_of_one_connection_each_is_counted()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Hub:HandshakesPerSecond"] = "1", ["Hub:HandshakeBurst"] = "1" });
        var refused = Complete(api, Usual().Replace("{token}", "no.token.atall", StringComparison.Ordinal));
        await using var socket = await RawSocket.ConnectAsync(Address(api));

        // As many in one piece as HTTP answers before a second is over.
        await socket.SendAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(refused, 50))
            + $"GET /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));

        Assert.Contains("HTTP/1.1 429 ", await socket.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_that_http_refuses_is_counted_once()
    {
        // Of one address 200 and one a second: 110 that count twice would be too many, for as long as that takes less than 20 seconds.
        await using var api = await ApiHost.StartAsync(new() { ["Hub:HandshakesPerSecond"] = "1", ["Hub:HandshakeBurst"] = "200" });
        var (refused, limited) = (0, 0);

        for (var i = 0; i < 110; i++)
        {
            await using var socket = await SendAsync(api, Usual().Replace("{token}", "no.token.atall", StringComparison.Ordinal));
            if (socket.Answer.StartsWith("HTTP/1.1 401 ", StringComparison.Ordinal)) refused++;
            else if (socket.Answer.StartsWith("HTTP/1.1 429 ", StringComparison.Ordinal)) limited++;
        }

        Assert.Equal((110, 0), (refused, limited));
    }

    private static void Change(List<byte> head, Random random)
    {
        var (at, length) = (random.Next(head.Count), random.Next(1, 12));
        length = Math.Min(length, head.Count - at);
        switch (random.Next(4))
        {
            case 0:
                head.RemoveRange(at, length);
                break;
            case 1:
                head.InsertRange(random.Next(head.Count), head.GetRange(at, length));
                break;
            case 2:
                head[at] = (byte)random.Next(256);
                break;
            default:
                head.RemoveRange(at, head.Count - at);
                head.AddRange("\r\n\r\n"u8);
                break;
        }
        if (head.Count == 0) head.Add((byte)'G');
    }

    private static string Usual() => Lines(
        "GET /ws/status?access_token={token} HTTP/1.1", "Host: {host}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: {key}");

    private static string Lines(params string[] lines) => string.Join("\r\n", lines) + "\r\n\r\n";

    private static Uri Address(ApiHost api) => api.Client.BaseAddress!;

    private static string Complete(ApiHost api, string head) => head
        .Replace("{host}", new Uri(api.App.Urls.First()).Authority, StringComparison.Ordinal)
        .Replace("{token}", Token, StringComparison.Ordinal)
        .Replace("{key}", RawSocket.Key, StringComparison.Ordinal);

    private static Task<RawSocket> SendAsync(ApiHost api, string head) => RawSocket.SendAsync(Address(api), Complete(api, head));

    private static async Task<string> EndOf(RawSocket socket)
    {
        try
        {
            return await socket.ReadToEndAsync();
        }
        catch (IOException exception) when (exception.InnerException is SocketException)
        {
            return "";
        }
    }

    /// <summary>The answer's lines but those that differ with the moment and the server's port, in any order.</summary>
    private static IEnumerable<string> Headers(RawSocket socket) => socket.Answer.Split("\r\n")
        .Where(l => !l.StartsWith("Date:", StringComparison.Ordinal) && !l.StartsWith("Content-Length:", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private sealed class RefusingTokens(string? failure) : ITokenReader
    {
        private int _asked;

        public int Asked => _asked;

        public ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return failure switch
            {
                "outage" => throw new UnavailableException(new TimeoutException()),
                "defect" => throw new InvalidOperationException(),
                _ => new((ChatUser?)null),
            };
        }
    }

    /// <summary>An API whose sockets leave HTTP behind, and one where everything is HTTP's.</summary>
    public sealed class Hosts : IAsyncLifetime
    {
        internal ApiHost Beneath { get; private set; } = null!;

        internal ApiHost Within { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Beneath = await ApiHost.StartAsync(Settings(beneathHttp: true));
            Within = await ApiHost.StartAsync(Settings(beneathHttp: false));
        }

        public async ValueTask DisposeAsync()
        {
            await Beneath.DisposeAsync();
            await Within.DisposeAsync();
        }

        private static Dictionary<string, string?> Settings(bool beneathHttp) =>
            new() { ["Hub:BeneathHttp"] = $"{beneathHttp}", ["Hub:MaxConnectionsPerUser"] = "1000" };
    }
}
