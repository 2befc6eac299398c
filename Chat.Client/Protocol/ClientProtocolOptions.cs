namespace Chat.Client;

/// <summary>How the client connects and keeps up.</summary>
public class ClientProtocolOptions
{
    /// <summary>A ping goes out this often. 30 s.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After a ping without any frame for this long, the connection is taken for dead. 10 s.</summary>
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For an attempt to connect. 15 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The n-th delay lies anywhere below this times 2^n. 500 ms.</summary>
    public TimeSpan ReconnectBase { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>No delay is longer. 30 s.</summary>
    public TimeSpan ReconnectCap { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection that lasted this long starts the delays anew. 5 s.</summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A client that can get fresh tokens gives up once they have been refused for this long: right after a wake-up, a token may
    /// be stale for some seconds. 60 s. One that has a single token gives up at once.
    /// </summary>
    public TimeSpan RefusedTokenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Of how many messages the shown status is remembered, at least. 10,000.</summary>
    public int MaxMessages { get; set; } = 10_000;

    /// <summary>
    /// Whether messages are watched too, from either side, and not only what becomes of them: <see cref="MessageCreated"/>. False.
    /// </summary>
    public bool WatchMessages { get; set; }

    /// <summary>
    /// Whether the server is told when each live status was shown, so that it can measure what people really wait, and a message's trace
    /// ends there: when <see cref="ChatStatusClient.StatusChanged"/> was raised. Not what was missed and is caught up on. May be changed
    /// at any time: an application whose window nobody sees sets it to false until somebody does. False.
    /// </summary>
    public bool ReportShown { get; set; }

    /// <summary>Pages of one conversation that are loaded to close a gap. 20.</summary>
    public int MaxPages { get; set; } = 20;

    /// <summary>Conversations that are loaded at a time. 4.</summary>
    public int ParallelLoads { get; set; } = 4;
}
