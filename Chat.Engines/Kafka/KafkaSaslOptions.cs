namespace Chat.Engines.Kafka;

/// <summary>A name and a password for Kafka's brokers (SASL). Without a name there is no authentication of this kind.</summary>
public sealed class KafkaSaslOptions
{
    /// <summary>
    /// <c>SCRAM-SHA-512</c>, <c>SCRAM-SHA-256</c> or <c>PLAIN</c>. The last one sends the password itself, and wants TLS.
    /// </summary>
    public string Mechanism { get; set; } = "SCRAM-SHA-512";

    public string? Username { get; set; }

    public string? Password { get; set; }
}
