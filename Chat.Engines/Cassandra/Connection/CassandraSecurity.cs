using System.Net;
using System.Security.Authentication;
using Cassandra;
using Chat.Core.Security;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>TLS and authentication, and the real cause where a connection is refused by either side.</summary>
internal sealed class CassandraSecurity(ServerAddress address, IOptions<CassandraOptions> options)
{
    public const string TlsSection = $"{CassandraOptions.Section}:{nameof(CassandraOptions.Tls)}";

    private const string UsernameSetting = $"{CassandraOptions.Section}:{nameof(CassandraOptions.Username)}";
    private const string PasswordSetting = $"{CassandraOptions.Section}:{nameof(CassandraOptions.Password)}";

    private ServerTls? _tls;

    private string? Username => options.Value.Username ?? address.Username;

    private string? Password => options.Value.Username is null ? address.Password : options.Value.Password;

    /// <param name="names">The contact points' names by their addresses.</param>
    public void Apply(Builder builder, IReadOnlyDictionary<IPAddress, string> names)
    {
        var settings = options.Value;
        if (Username is not null) builder.WithCredentials(Username, Password ?? "");
        if (!settings.Tls.Enabled) return;
        // The connection is made anew until it succeeds, so that files that were replaced count.
        var tls = _tls = new(TlsSection, settings.Tls);
        var ssl = new SSLOptions(SslProtocols.None, checkCertificateRevocation: false, tls.IsTrusted);
        ssl.SetHostNameResolver(node => settings.TlsHostName ?? names.GetValueOrDefault(node, $"{node}"));
        if (tls.Certificate is { } own) ssl.SetCertificateCollection([own]);
        builder.WithSSL(ssl);
    }

    /// <summary>Why there is no connection, in a line that names the setting.</summary>
    public string Explain(Exception exception)
    {
        var causes = exception is NoHostAvailableException { Errors.Count: > 0 } none ? none.Errors.Values.AsEnumerable() : [exception];
        foreach (var cause in causes)
        {
            // The driver's own, which is no failed handshake.
            if (cause is global::Cassandra.AuthenticationException)
            {
                return Username is null
                    ? $"it asks for a user: set {UsernameSetting} and {PasswordSetting}"
                    : $"it refuses the user '{Username}' or the password: {UsernameSetting} and {PasswordSetting}, "
                        + "or Username and Password in ConnectionStrings:cassandra";
            }
        }
        return _tls?.Problem ?? exception.Message;
    }

    public ServerSecurity Describe() => new(
        "Cassandra",
        options.Value.Tls.Enabled,
        Username is not null || options.Value.Tls.CertificateFile is not null,
        $"{TlsSection}:Enabled",
        $"{UsernameSetting} and {PasswordSetting}");
}
