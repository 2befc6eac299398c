namespace Chat.Core.Security;

/// <summary>
/// How a server is reached by TLS: <c>Kafka:Tls</c>, <c>Redis:Tls</c> and <c>Cassandra:Tls</c>. The server's certificate is always
/// verified, its name too: there is no setting against that.
/// </summary>
public sealed class ServerTlsOptions
{
    /// <summary>Whether the server is reached by TLS, and in no other way.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// The certificates (PEM) of the authorities of which one must have signed the server's certificate. Null takes those that the machine
    /// trusts.
    /// </summary>
    public string? CaFile { get; set; }

    /// <summary>Our own certificate (PEM), for a server that asks for one.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The private key (PEM) of <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The password of <see cref="KeyFile"/>, where it has one.</summary>
    public string? KeyPassword { get; set; }
}
