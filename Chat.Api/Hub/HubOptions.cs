namespace Chat.Api.Hub;

/// <summary>Configuration section <c>Hub</c>: the limits of the WebSocket hub and the pace of its repairs.</summary>
public sealed class HubOptions
{
    public const string Section = "Hub";

    /// <summary>The largest frame from a client, in bytes; a token must fit.</summary>
    public int MaxInboundBytes { get; set; } = 16 * 1024;

    /// <summary>Frames from a client that are let through at once: all its subscriptions after a reconnect.</summary>
    public int InboundBurst { get; set; } = 4000;

    /// <summary>Frames from a client per second, once the burst is used up.</summary>
    public int InboundPerSecond { get; set; } = 100;

    /// <summary>Subscriptions of one socket.</summary>
    public int MaxSubscriptions { get; set; } = 2000;

    /// <summary>Sockets of one user on this instance.</summary>
    public int MaxConnectionsPerUser { get; set; } = 100;

    /// <summary>Bytes waiting for one socket from which on older statuses of a message are dropped for newer ones.</summary>
    public int ConflateAboveBytes { get; set; } = 64 * 1024;

    /// <summary>Bytes waiting for one socket, after conflation, at which it is closed as too slow.</summary>
    public int MaxQueuedBytes { get; set; } = 512 * 1024;

    /// <summary>How long a close may take before the connection is cut.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the server pings a socket on the protocol's own level, and how long it waits for the answer.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="KeepAliveInterval"/>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Changes read from the store at a time, for a repair or a resume.</summary>
    public int ReadPage { get; set; } = 500;

    /// <summary>Reads on the store under way at once, of all repairs and resumes together.</summary>
    public int MaxConcurrentReads { get; set; } = 16;

    /// <summary>Payloads of one conversation held while it is repaired; with more, it is read again.</summary>
    public int MaxHeldPayloads { get; set; } = 1024;

    /// <summary>How often the heads of all watched conversations are compared with the store's, give or take a quarter.</summary>
    public TimeSpan HeadCheckInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Conversations whose heads are read at a time.</summary>
    public int HeadCheckBatch { get; set; } = 500;
}
