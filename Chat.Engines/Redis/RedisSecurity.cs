using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Chat.Core;
using Chat.Core.Security;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>TLS to Redis, and the real cause where a connection is refused by either side.</summary>
internal sealed class RedisSecurity(RedisOptions options)
{
    public const string TlsSection = $"{RedisOptions.Section}:{nameof(RedisOptions.Tls)}";

    private const string ConnectionString = $"ConnectionStrings:{RedisOptions.ConnectionName}";

    private readonly Lock _gate = new();
    private ServerTls? _tls;
    private ConfigurationOptions? _connection;

    /// <summary>What the driver connects by; there once it was made.</summary>
    public ConfigurationOptions Connection => _connection ?? throw new InvalidOperationException("The driver was not made yet.");

    /// <summary>Our own certificate, for a server that asks for one.</summary>
    public X509Certificate2? Certificate => _tls?.Certificate;

    /// <summary>What was wrong with the server's certificate when it was last verified; null where nothing was.</summary>
    public string? Problem => _tls?.Problem;

    /// <summary>Whether the server's certificate is to be believed; only by TLS.</summary>
    public bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        _tls!.IsTrusted(sender, certificate, chain, errors);

    /// <exception cref="StartUpException">
    /// The settings contradict themselves. The options' validation says it too, but later: by then the password would have been sent.
    /// </exception>
    public void Apply(ConfigurationOptions connection)
    {
        if (ServerTls.Validate(TlsSection, options.Tls).FirstOrDefault() is { } wrong) throw new StartUpException(wrong);
        _connection = connection;
        // Also where the connection string asks for TLS: its own words then say what was wrong with a certificate.
        if (!options.Tls.Enabled && !connection.Ssl) return;
        ServerTls tls;
        lock (_gate) tls = _tls ??= new(TlsSection, options.Tls);
        connection.Ssl = true;
        connection.CertificateValidation += tls.IsTrusted;
        if (tls.Certificate is { } own) connection.CertificateSelection += (_, _, _, _, _) => own;
    }

    /// <summary>Why there is no connection, in a line that names the setting where one is the cause.</summary>
    public async Task<string> ExplainAsync(Exception exception, CancellationToken cancellationToken)
    {
        if (FindRefusal(exception) is { } refusal) return refusal;
        if (_connection is not { } settings) return exception.Message;
        // The driver (3.4) may go on saying what was wrong with an attempt long ago: a fresh one tells what is wrong now.
        var fresh = settings.Clone();
        fresh.AbortOnConnectFail = true;
        fresh.LoggerFactory = null;
        try
        {
            await using var connection =
                await ConnectionMultiplexer.ConnectAsync(fresh).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RedisConnectionException now)
        {
            return FindRefusal(now) ?? exception.Message;
        }
        return exception.Message;
    }

    private string? FindRefusal(Exception exception)
    {
        if (_tls?.Problem is { } problem) return problem;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
                && !cause.Message.Contains("SSL", StringComparison.OrdinalIgnoreCase))
            {
                return $"it refuses the password, or asks for one: set password= (and user=, where it has users) in {ConnectionString}";
            }
        }
        return null;
    }

    public static ServerSecurity Describe(RedisOptions options, string? connectionString)
    {
        var connection = ConfigurationOptions.Parse(connectionString ?? "", ignoreUnknown: true);
        return new(
            "Redis",
            options.Tls.Enabled || connection.Ssl,
            !string.IsNullOrEmpty(connection.Password) || options.Tls.CertificateFile is not null,
            $"{TlsSection}:Enabled",
            $"password= in {ConnectionString}");
    }
}
