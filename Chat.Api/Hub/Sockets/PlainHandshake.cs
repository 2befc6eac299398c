using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text;
using Chat.Api.Auth;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// The handshake of a WebSocket (RFC 6455, section 4.1) as browsers and clients write it, which can be read without knowing HTTP: the
/// request's line and headers that are known here, each once and on one line, in printable ASCII. What is written in any other way is
/// HTTP's to read, so that there is nothing that the two could read differently (request smuggling). A header that is not known may be one
/// that something reads on the way: a proxy's, or a trace's.
/// </summary>
internal sealed class PlainHandshake
{
    private const int KeyBytes = 16;
    private const int MaxNameLength = 32;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Known = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        HeaderNames.Host,
        HeaderNames.Connection,
        HeaderNames.Upgrade,
        HeaderNames.Origin,
        HeaderNames.Authorization,
        HeaderNames.SecWebSocketVersion,
        HeaderNames.SecWebSocketKey,
        HeaderNames.SecWebSocketProtocol,
        HeaderNames.SecWebSocketExtensions,
        HeaderNames.Accept,
        HeaderNames.AcceptEncoding,
        HeaderNames.AcceptLanguage,
        HeaderNames.CacheControl,
        HeaderNames.Cookie,
        HeaderNames.DNT,
        HeaderNames.Pragma,
        HeaderNames.UserAgent,
        "Sec-Fetch-Dest",
        "Sec-Fetch-Mode",
        "Sec-Fetch-Site",
        "Sec-Fetch-Storage-Access",
        "Sec-GPC").GetAlternateLookup<ReadOnlySpan<char>>();

    private PlainHandshake(HttpContext context, int length) => (Context, Length) = (context, length);

    private static ReadOnlySpan<byte> Method => "GET "u8;

    private static ReadOnlySpan<byte> Version => " HTTP/1.1"u8;

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    private static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

    /// <summary>The request, to ask it questions: it has no services and no response. Its token is hidden as in every request.</summary>
    public HttpContext Context { get; }

    /// <summary>Of the request, in bytes.</summary>
    public int Length { get; }

    /// <summary>The handshake with which a connection begins; null where what came is not all of one, or not plain.</summary>
    /// <param name="limits">With a longer request, or more headers, it is HTTP's as well.</param>
    public static PlainHandshake? Read(ReadOnlySpan<byte> bytes, IPAddress? client, KestrelServerLimits limits)
    {
        if (!bytes.StartsWith(Method)) return null;
        var end = bytes.IndexOf(End);
        if (end < 0 || end > limits.MaxRequestLineSize || end > limits.MaxRequestHeadersTotalSize) return null;
        var rest = bytes[..(end + LineEnd.Length)];
        if (ReadTarget(TakeLine(ref rest)) is not { } target) return null;
        if (ReadHeaders(rest, limits.MaxRequestHeaderCount) is not { } headers || !IsHandshake(headers)) return null;
        return new(ContextOf(target, headers, client), end + End.Length);
    }

    /// <summary>The server's side of it, as a response.</summary>
    /// <param name="protocol">The subprotocol, named where the client offers it.</param>
    public ReadOnlyMemory<byte> Answer(string protocol)
    {
        var headers = Context.Request.Headers;
        var accept = Encoding.ASCII.GetBytes(Handshake.AcceptOf(headers.SecWebSocketKey.ToString()));
        byte[] offered = headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol).Contains(protocol)
            ? Encoding.ASCII.GetBytes($"Sec-WebSocket-Protocol: {protocol}\r\n")
            : [];
        return (byte[])
        [
            .. "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "u8,
            .. accept, .. LineEnd, .. offered, .. LineEnd,
        ];
    }

    // Every line ends with one, so that there is always a next end.
    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> rest)
    {
        var line = rest[..rest.IndexOf(LineEnd)];
        rest = rest[(line.Length + LineEnd.Length)..];
        return line;
    }

    private static string? ReadTarget(ReadOnlySpan<byte> line)
    {
        if (line.Length < Method.Length + Version.Length || !line.EndsWith(Version)) return null;
        var target = line[Method.Length..^Version.Length];
        if (target.ContainsAnyExceptInRange((byte)'!', (byte)'~') || target.Contains((byte)'#')) return null;
        var text = Encoding.ASCII.GetString(target);
        var isSocket = text.StartsWith(SocketEndpoint.Path, StringComparison.Ordinal)
            && (text.Length == SocketEndpoint.Path.Length || text[SocketEndpoint.Path.Length] == '?');
        return isSocket ? text : null;
    }

    private static HeaderDictionary? ReadHeaders(ReadOnlySpan<byte> rest, int max)
    {
        var headers = new HeaderDictionary();
        Span<char> name = stackalloc char[MaxNameLength];
        while (!rest.IsEmpty)
        {
            var line = TakeLine(ref rest);
            var colon = line.IndexOf((byte)':');
            if (colon is <= 0 or > MaxNameLength || line.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return null;
            var length = Encoding.ASCII.GetChars(line[..colon], name);
            if (!Known.TryGetValue(name[..length], out var known) || headers.ContainsKey(known) || headers.Count == max) return null;
            headers[known] = Encoding.ASCII.GetString(line[(colon + 1)..].Trim((byte)' '));
        }
        return headers;
    }

    private static bool IsHandshake(IHeaderDictionary headers) =>
        headers.Host is [{ } host] && IsPlainHost(host)
        && headers.Upgrade is [{ } upgrade] && upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase)
        && headers.Connection is [{ } connection] && IsUpgrade(connection)
        && headers.SecWebSocketVersion is ["13"]
        && headers.SecWebSocketKey is [{ Length: 24 } key] && IsKey(key);

    private static bool IsKey(string key) =>
        Convert.TryFromBase64String(key, stackalloc byte[KeyBytes], out var written) && written == KeyBytes;

    // A name or an IPv4 address, with or without a port.
    private static bool IsPlainHost(string host)
    {
        var port = host.IndexOf(':', StringComparison.Ordinal);
        var name = port < 0 ? host : host[..port];
        return name.Length > 0
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
            && (port < 0 || ushort.TryParse(host.AsSpan(port + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }

    private static bool IsUpgrade(string connection)
    {
        var isUpgrade = false;
        foreach (var range in connection.AsSpan().Split(','))
        {
            var option = connection.AsSpan(range).Trim(' ');
            if (option.Equals("Upgrade", StringComparison.OrdinalIgnoreCase)) isUpgrade = true;
            else if (!option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)) return false;
        }
        return isUpgrade;
    }

    private static DefaultHttpContext ContextOf(string target, IHeaderDictionary headers, IPAddress? client)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = HttpProtocol.Http11,
            Method = HttpMethods.Get,
            Scheme = Uri.UriSchemeHttp,
            Path = SocketEndpoint.Path,
            QueryString = query < 0 ? "" : target[query..],
            RawTarget = target,
            Headers = headers,
        });
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            RemoteIpAddress = client,
        });
        AccessToken.TakeFromRequest(features);
        return new(features);
    }
}
