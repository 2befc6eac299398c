using Chat.Tests.Api;

namespace Chat.Tests.Hub.Protocol;

/// <summary>Every row of <see cref="ProtocolCases"/> against the endpoint of a running API, over a raw connection.</summary>
public abstract class ProtocolTableTests(ProtocolTableTests.Host host)
{
    public static TheoryData<string> Names => [.. ProtocolCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_endpoint_answers_as_the_standard_says(string name)
    {
        var row = ProtocolCases.All[name];
        await using var socket = await host.OpenAsync();

        foreach (var piece in row.Sent) await socket.SendAsync(piece);

        foreach (var expected in row.Expected) Assert.Equal(expected, await socket.NextAsync());
        if (row.Closes || row.Expected is [.., var last] && last.StartsWith("close", StringComparison.Ordinal)) return;
        await socket.SendAsync(ClientFrames.TextOf("""{"type":"ping"}"""));
        Assert.Equal("pong", await socket.NextAsync());
        await socket.SendAsync(ClientFrames.CloseOf(1000));
        Assert.Equal("close 1000", await socket.NextAsync());
        Assert.Equal("end", await socket.NextAsync());
    }

    [Fact]
    public async Task A_close_by_the_server_is_over_with_the_clients_own()
    {
        await using var socket = await host.OpenAsync();
        await socket.SendAsync(ClientFrames.Header(ClientFrames.TextFrame, 100_001));
        Assert.Equal("error too_big", await socket.NextAsync());
        Assert.Equal("close 4509", await socket.NextAsync());

        // What was announced, and then the close.
        await socket.SendAsync([.. new byte[100_001], .. ClientFrames.CloseOf(4509)]);

        Assert.Equal("end", await socket.NextAsync());
    }

    /// <summary>An API with as much room for messages as the table needs.</summary>
    /// <param name="more">Header lines of each handshake: with one that is unusual, it is HTTP's.</param>
    public abstract class Host(bool beneathHttp, bool http2 = false, string more = "") : IAsyncLifetime
    {
        private ApiHost _api = null!;

        public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync(new()
        {
            ["Hub:BeneathHttp"] = $"{beneathHttp}",
            ["Hub:MaxInboundBytes"] = "100000",
            // Within HTTP the connection ends with this where a client that broke the protocol does not close.
            ["Hub:CloseTimeout"] = beneathHttp ? "00:00:30" : "00:00:00.1",
            ["Kestrel:EndpointDefaults:Protocols"] = http2 ? "Http2" : "Http1AndHttp2",
        });

        public async ValueTask DisposeAsync()
        {
            await _api.DisposeAsync();
            GC.SuppressFinalize(this);
        }

        internal Task<RawSocket> OpenAsync()
        {
            var (api, token) = (_api.Client.BaseAddress!, ApiHost.Token(Guid.NewGuid(), organization: null));
            return http2 ? RawSocket.OpenOverHttp2Async(api, token) : RawSocket.OpenAsync(api, token, more);
        }
    }
}

/// <summary>On connections that HTTP has not seen.</summary>
public sealed class ProtocolWithoutHttpTests(ProtocolWithoutHttpTests.Without host)
    : ProtocolTableTests(host), IClassFixture<ProtocolWithoutHttpTests.Without>
{
    public sealed class Without() : Host(beneathHttp: true);
}

/// <summary>On connections that HTTP has left.</summary>
public sealed class ProtocolBeneathHttpTests(ProtocolBeneathHttpTests.Beneath host)
    : ProtocolTableTests(host), IClassFixture<ProtocolBeneathHttpTests.Beneath>
{
    public sealed class Beneath() : Host(beneathHttp: true, more: "X-Unusual: 1\r\n");
}

/// <summary>On upgraded requests, as over TLS.</summary>
public sealed class ProtocolWithinHttpTests(ProtocolWithinHttpTests.Within host)
    : ProtocolTableTests(host), IClassFixture<ProtocolWithinHttpTests.Within>
{
    public sealed class Within() : Host(beneathHttp: false);
}

/// <summary>In streams of HTTP/2 connections.</summary>
public sealed class ProtocolOverHttp2Tests(ProtocolOverHttp2Tests.Over host)
    : ProtocolTableTests(host), IClassFixture<ProtocolOverHttp2Tests.Over>
{
    public sealed class Over() : Host(beneathHttp: false, http2: true);
}
