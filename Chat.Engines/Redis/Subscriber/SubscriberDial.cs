using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Chat.Engines.Redis.Subscriber;

/// <summary>
/// Connects to a server that the driver knows, as the driver's own settings say: among those that it found by Sentinel or in a cluster, of
/// which each has all that is published on a channel.
/// </summary>
internal sealed class SubscriberDial(IConnectionMultiplexer driver, RedisSecurity security)
{
    private int _next;

    public string? User => security.Connection.User;

    public string? Password => security.Connection.Password;

    /// <summary>What the server lists the connection by.</summary>
    public string Name { get; } = NameOf(driver.ClientName);

    /// <summary>
    /// Connects on the caller's thread, which waits for it. Nothing is asynchronous here: a socket that ever was is watched by the
    /// runtime, which wakes two of its threads for each piece that comes.
    /// </summary>
    /// <exception cref="IOException">There is no connection; the message says why.</exception>
    public SubscriberLink Connect(TimeProvider time, CancellationToken cancellationToken)
    {
        var settings = security.Connection;
        var endpoint = Choose(settings);
        using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(settings.ConnectTimeout), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        var socket = endpoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The system's own limit too: nothing else ends a connect to a Unix socket that nobody takes, not even its disposal.
            socket.SendTimeout = settings.ConnectTimeout;
            Stream stream;
            using (either.Token.Register(socket.Dispose))
            {
                Connect(socket, endpoint, either.Token);
                stream = new NetworkStream(socket, ownsSocket: true);
                if (settings.Ssl) stream = Secure(stream, settings, endpoint);
            }
            either.Token.ThrowIfCancellationRequested();
            socket.SendTimeout = 0;
            return new(stream, socket);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            var cause = exception switch
            {
                _ when enough.IsCancellationRequested => $"no answer within {settings.ConnectTimeout} ms",
                AuthenticationException => security.Problem ?? exception.Message,
                _ => exception.Message,
            };
            throw new IOException($"{EndPointCollection.ToString(endpoint)}: {cause}", exception);
        }
    }

    private static void Connect(Socket socket, EndPoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint is not DnsEndPoint named)
        {
            socket.Connect(endpoint);
            return;
        }
        // A name that nobody answers for is given up in time, as the rest is.
        var addresses = Dns.GetHostAddressesAsync(named.Host, named.AddressFamily, cancellationToken).GetAwaiter().GetResult();
        socket.Connect(addresses, named.Port);
    }

    private SslStream Secure(Stream stream, ConfigurationOptions settings, EndPoint endpoint)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = settings.SslHost ?? HostOf(endpoint),
            EnabledSslProtocols = settings.SslProtocols ?? default,
            RemoteCertificateValidationCallback = security.IsTrusted,
            CertificateRevocationCheckMode =
                settings.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
        };
        if (security.Certificate is { } own) options.LocalCertificateSelectionCallback = (_, _, _, _, _) => own;
        var secure = new SslStream(stream);
        secure.AuthenticateAsClient(options);
        return secure;
    }

    // Those that the driver reaches first, and primaries before replicas, which may lose theirs.
    private EndPoint Choose(ConfigurationOptions settings)
    {
        var servers = driver.GetServers();
        IServer[][] preferred =
        [
            [.. servers.Where(s => s is { IsConnected: true, IsReplica: false })], [.. servers.Where(s => s.IsConnected)], servers,
        ];
        var turn = (uint)Interlocked.Increment(ref _next);
        foreach (var some in preferred)
        {
            if (some.Length > 0) return some[turn % (uint)some.Length].EndPoint;
        }
        return settings.EndPoints[(int)(turn % (uint)settings.EndPoints.Count)];
    }

    private static string HostOf(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint named => named.Host,
        IPEndPoint numbered => numbered.Address.ToString(),
        _ => "",
    };

    // The server takes no others.
    private static string NameOf(string name) => string.Concat(name.Select(c => c is > ' ' and <= '~' ? c : '-'));
}

/// <summary>A connection to a server.</summary>
internal sealed class SubscriberLink : IDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _isHeard;

    /// <param name="stream">What is sent over the socket goes through it.</param>
    public SubscriberLink(Stream stream, Socket socket)
    {
        (Stream, _socket) = (stream, socket);
        Ended = _ended.Token;
    }

    public Stream Stream { get; }

    /// <summary>
    /// Whether a read would find something at once, after those that wait for this processor had their turn. Under TLS nobody can tell:
    /// part of a record may be what has come.
    /// </summary>
    // Where the machine is busy, those are Redis and who publishes. Where it is not, nobody is let in and next to no time lost.
    public bool HasMore() => Stream is NetworkStream && (HasUnread() || (Thread.Yield() && HasUnread()));

    /// <summary>Cancelled with the connection.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Whether it was cut since it was silent.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>What came is being worked on: that nothing is read then is no silence.</summary>
    public void Hear() => _isHeard = true;

    /// <summary>Whether anything came since this was asked last.</summary>
    public bool WasHeard()
    {
        var was = _isHeard;
        _isHeard = false;
        return was || HasUnread();
    }

    /// <summary>Ends it, since the server says nothing; a read that waits fails.</summary>
    public void CutSilent()
    {
        IsSilent = true;
        Cut();
    }

    /// <summary>Ends it; a read that waits fails.</summary>
    public void Cut() => _socket.Dispose();

    public void Dispose()
    {
        // Not CancelAsync, which goes to the thread pool.
        _ended.Cancel();
        _ended.Dispose();
        Stream.Dispose();
        _socket.Dispose();
    }

    // A reader that is busy has not come to it.
    private bool HasUnread()
    {
        try
        {
            return _socket.Available > 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
