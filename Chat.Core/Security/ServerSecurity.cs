namespace Chat.Core.Security;

/// <summary>How a server is reached; each engine on a server registers one, and the start warns of what is open.</summary>
/// <param name="Server">Its name: <c>Kafka</c>.</param>
/// <param name="IsEncrypted">Whether by TLS.</param>
/// <param name="IsAuthenticated">Whether we show the server who we are, by a password or a certificate.</param>
/// <param name="TlsSetting">What to set for TLS.</param>
/// <param name="AuthenticationSetting">What to set for authentication.</param>
public sealed record ServerSecurity(
    string Server, bool IsEncrypted, bool IsAuthenticated, string TlsSetting, string AuthenticationSetting);
