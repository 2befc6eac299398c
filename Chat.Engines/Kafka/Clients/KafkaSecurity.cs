using Chat.Core.Security;
using Confluent.Kafka;

namespace Chat.Engines.Kafka.Clients;

/// <summary>TLS and SASL, in librdkafka's settings.</summary>
internal static class KafkaSecurity
{
    public const string TlsSection = $"{KafkaOptions.Section}:{nameof(KafkaOptions.Tls)}";

    private const string SaslSection = $"{KafkaOptions.Section}:{nameof(KafkaOptions.Sasl)}";
    private const string Protocol = "security.protocol";

    private static readonly Dictionary<string, SaslMechanism> Mechanisms = new()
    {
        ["PLAIN"] = SaslMechanism.Plain,
        ["SCRAM-SHA-256"] = SaslMechanism.ScramSha256,
        ["SCRAM-SHA-512"] = SaslMechanism.ScramSha512,
    };

    public static void Apply(ClientConfig config, KafkaOptions options)
    {
        var (tls, sasl) = (options.Tls, options.Sasl);
        // librdkafka's defaults, which nothing may change, wherever TLS is asked for: see Validate.
        config.EnableSslCertificateVerification = true;
        config.SslEndpointIdentificationAlgorithm = SslEndpointIdentificationAlgorithm.Https;
        if (tls.Enabled)
        {
            config.SslCaLocation = tls.CaFile;
            config.SslCertificateLocation = tls.CertificateFile;
            config.SslKeyLocation = tls.KeyFile;
            config.SslKeyPassword = tls.KeyPassword;
        }
        if (sasl.Username is not null && Mechanisms.TryGetValue(sasl.Mechanism, out var mechanism))
        {
            config.SaslMechanism = mechanism;
            config.SaslUsername = sasl.Username;
            config.SaslPassword = sasl.Password;
        }
        if (tls.Enabled || sasl.Username is not null)
        {
            config.SecurityProtocol = (tls.Enabled, sasl.Username is not null) switch
            {
                (true, true) => SecurityProtocol.SaslSsl,
                (true, false) => SecurityProtocol.Ssl,
                _ => SecurityProtocol.SaslPlaintext,
            };
        }
    }

    /// <summary>What is wrong with the settings, by their names.</summary>
    public static IEnumerable<string> Validate(KafkaOptions options)
    {
        var sasl = options.Sasl;
        var problems = ServerTls.Validate(TlsSection, options.Tls).ToList();
        if (!Mechanisms.ContainsKey(sasl.Mechanism))
            problems.Add($"{SaslSection}:Mechanism is '{sasl.Mechanism}', and not one of {string.Join(", ", Mechanisms.Keys)}.");
        if (string.IsNullOrEmpty(sasl.Username) != string.IsNullOrEmpty(sasl.Password) || sasl.Username is "")
            problems.Add($"{SaslSection}:Username and {SaslSection}:Password go together: set both or none.");
        foreach (var (section, settings) in Raw(options))
        {
            foreach (var (name, value) in settings)
            {
                if (SwitchesVerificationOff(name, value))
                {
                    problems.Add(
                        $"{section}:{name} is {value}: the brokers' certificates are always verified. Set {TlsSection}:CaFile "
                        + "for an authority of your own.");
                }
                else if ((options.Tls.Enabled && IsOf(name, "ssl.")) || (sasl.Username is not null && IsOf(name, "sasl.")))
                {
                    problems.Add($"{section}:{name} is set beside {TlsSection} or {SaslSection}, which decide it: set one of them.");
                }
            }
        }
        return problems;
    }

    public static ServerSecurity Describe(KafkaOptions options)
    {
        var raw = options.Client.GetValueOrDefault(Protocol, "").ToUpperInvariant();
        return new(
            "Kafka",
            options.Tls.Enabled || raw.EndsWith("SSL", StringComparison.Ordinal),
            options.Sasl.Username is not null || options.Tls.CertificateFile is not null || raw.StartsWith("SASL", StringComparison.Ordinal)
                || options.Client.ContainsKey("ssl.certificate.location") || options.Client.ContainsKey("ssl.keystore.location"),
            $"{TlsSection}:Enabled",
            $"{SaslSection}:Username and {SaslSection}:Password");
    }

    /// <summary>
    /// The setting because of which a connection is refused by either side, with librdkafka's own words; null for any other error.
    /// librdkafka sees no more of a broker that drops us after the handshake than that the connection ended.
    /// </summary>
    public static string? Explain(Error error) => error.Code switch
    {
        ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed =>
            $"the brokers refuse {SaslSection}:Username or {SaslSection}:Password ({error.Reason})",
        ErrorCode.UnsupportedSaslMechanism => $"the brokers don't take {SaslSection}:Mechanism ({error.Reason})",
        ErrorCode.Local_Ssl when error.Reason.Contains("ertificate verify failed", StringComparison.Ordinal) =>
            $"the brokers' certificate is signed by none of the authorities in {TlsSection}:CaFile, or has another name ({error.Reason})",
        _ => null,
    };

    private static bool IsOf(string name, string kind) => name == Protocol || name.StartsWith(kind, StringComparison.Ordinal);

    private static bool SwitchesVerificationOff(string name, string value) =>
        (name == "enable.ssl.certificate.verification" && !string.Equals(value, "true", StringComparison.OrdinalIgnoreCase))
        || (name == "ssl.endpoint.identification.algorithm" && !string.Equals(value, "https", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<(string Section, Dictionary<string, string> Settings)> Raw(KafkaOptions options) =>
    [
        ($"{KafkaOptions.Section}:{nameof(options.Client)}", options.Client),
        ($"{KafkaOptions.Section}:{nameof(options.Producer)}", options.Producer),
        ($"{KafkaOptions.Section}:{nameof(options.Consumer)}", options.Consumer),
    ];
}
