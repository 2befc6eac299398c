using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Chat.Api.Hub;

/// <summary>Configuration section <c>Hub</c>: the limits of the WebSocket hub and the pace of its repairs.</summary>
public sealed class HubOptions : IValidatableObject
{
    public const string Section = "Hub";

    /// <summary>The largest message from a client, in bytes, all its fragments together; a token must fit.</summary>
    [Range(256, 16 * 1024 * 1024)]
    public int MaxInboundBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// Frames from a client that are let through at once, each fragment, ping and pong being one: all its subscriptions after a
    /// reconnect.
    /// </summary>
    [Range(1, 1_000_000)]
    public int InboundBurst { get; set; } = 4000;

    /// <summary>Frames from a client per second, once the burst is used up.</summary>
    [Range(1, 1_000_000)]
    public int InboundPerSecond { get; set; } = 100;

    /// <summary>Fragments of one message from a client.</summary>
    [Range(1, 1_000_000)]
    public int MaxFragments { get; set; } = 100;

    /// <summary>
    /// How long a message from a client may take, from its first byte to its last, as <c>hh:mm:ss</c>; from 100 ms to 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Subscriptions of one user, on all its sockets of this instance, that are begun at once; one with <c>since</c> counts two. With
    /// more, each waits its turn.
    /// </summary>
    [Range(1, 1_000_000)]
    public int SubscriptionBurst { get; set; } = 10_000;

    /// <summary>Subscriptions of one user per second, once the burst is used up; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int SubscriptionsPerSecond { get; set; } = 500;

    /// <summary>
    /// Statuses of which one user, on all its sockets of this instance, may say at once that they are shown; what is beyond is not counted.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ShownBurst { get; set; } = 1000;

    /// <summary>The same per second, once the burst is used up; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int ShownPerSecond { get; set; } = 100;

    /// <summary>
    /// WebSocket handshakes that are let through at once from one address, a /64 network of IPv6 being one. The address is that of the
    /// connection, or what a proxy of <c>Proxies:Known</c> says.
    /// </summary>
    [Range(1, 1_000_000)]
    public int HandshakeBurst { get; set; } = 5000;

    /// <summary>WebSocket handshakes from one address per second, once the burst is used up; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int HandshakesPerSecond { get; set; } = 500;

    /// <summary>
    /// Whether an open socket leaves the HTTP server behind, which spares memory and time. Those that came over TLS to this process stay
    /// within it in any case.
    /// </summary>
    public bool BeneathHttp { get; set; } = true;

    /// <summary>The same, as far as the server's limits allow: it counts upgraded connections only as long as their requests.</summary>
    internal bool MayLeaveHttp(KestrelServerOptions server) =>
        BeneathHttp && server.Limits.MaxConcurrentUpgradedConnections is null;

    /// <summary>Subscriptions of one socket.</summary>
    [Range(1, 1_000_000)]
    public int MaxSubscriptions { get; set; } = 2000;

    /// <summary>Sockets of one user on this instance.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerUser { get; set; } = 100;

    /// <summary>Bytes waiting for one socket from which on older statuses of a message are dropped for newer ones.</summary>
    [Range(1, int.MaxValue)]
    public int ConflateAboveBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Bytes waiting for one socket, after conflation, at which it is closed as too slow; more than
    /// <see cref="ConflateAboveBytes"/>.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxQueuedBytes { get; set; } = 512 * 1024;

    /// <summary>How long a close may take before the connection is cut, as <c>hh:mm:ss</c>; from 100 ms to 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a client may be silent before the server pings it, on the protocol's own level, as <c>hh:mm:ss</c>; from 1 s to 1 h.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the server waits for the answer to its ping, as <c>hh:mm:ss</c>; from 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a client may take nothing of what is sent to it (pieces of 64 KiB) before it is closed as too slow, as <c>hh:mm:ss</c>;
    /// from 1 s to 1 h.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Changes read from the store at a time, for a repair or a resume.</summary>
    [Range(1, 100_000)]
    public int ReadPage { get; set; } = 500;

    /// <summary>Reads on the store under way at once, of all repairs and resumes together.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentReads { get; set; } = 16;

    /// <summary>Payloads of one conversation held while it is repaired; with more, it is read again.</summary>
    [Range(1, 1_000_000)]
    public int MaxHeldPayloads { get; set; } = 1024;

    /// <summary>
    /// How often the heads of all watched conversations are compared with the store's, give or take a quarter, as
    /// <c>hh:mm:ss</c>; from 100 ms to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan HeadCheckInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Conversations whose heads are read at a time.</summary>
    [Range(1, 100_000)]
    public int HeadCheckBatch { get; set; } = 500;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConflateAboveBytes >= MaxQueuedBytes)
        {
            yield return new(
                $"Hub:ConflateAboveBytes ({ConflateAboveBytes}) must be less than Hub:MaxQueuedBytes ({MaxQueuedBytes}).",
                [nameof(ConflateAboveBytes), nameof(MaxQueuedBytes)]);
        }
    }
}
