using System.Net.WebSockets;

namespace Chat.Client;

/// <summary>How the client connects and keeps up, and by what means.</summary>
public sealed class ChatStatusClientOptions : ClientProtocolOptions
{
    private const int MostOnPage = 200;

    /// <summary>For the function that gives a token to answer. 15 s.</summary>
    public TimeSpan TokenTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For a request over REST. 15 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For the server to answer a close. 2 s.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Messages on a page that is loaded to close a gap: 1 to 200, of which the server refuses more. 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to another number.</exception>
    public int PageSize
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(PageSize));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MostOnPage, nameof(PageSize));
            field = value;
        }
    } = 100;

    /// <summary>Instead of one of the client's own; it is not disposed.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>
    /// Whether a socket's token goes as a subprotocol instead of a header: where a proxy takes the header away, or in a browser, which
    /// lets nobody set one.
    /// </summary>
    public bool TokenAsProtocol { get; set; } = OperatingSystem.IsBrowser();

    /// <summary>A proxy, certificates, headers: called for each new socket.</summary>
    public Action<ClientWebSocketOptions>? ConfigureWebSocket { get; set; }

    /// <summary>
    /// What sockets are opened with instead of a handler of their own: connections that are made in another way. Some of what
    /// <see cref="ConfigureWebSocket"/> could set is its to set then. It is not disposed.
    /// </summary>
    public HttpMessageInvoker? WebSocketInvoker { get; set; }

    /// <summary>All that is timed goes by it.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>For the jitter of delays.</summary>
    public Random Random { get; set; } = new();
}
