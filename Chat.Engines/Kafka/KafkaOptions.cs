using System.ComponentModel.DataAnnotations;
using Chat.Core.Log;
using Chat.Core.Security;
using Chat.Engines.Kafka.Clients;

namespace Chat.Engines.Kafka;

/// <summary>Configuration section <c>Kafka</c>; the brokers are <c>ConnectionStrings:kafka</c>.</summary>
public sealed class KafkaOptions : IValidatableObject
{
    public const string Section = "Kafka";

    /// <summary>The connection string's name, and Aspire's name of the resource.</summary>
    public const string ConnectionName = "kafka";

    /// <summary>Partitions of a topic that is created here; one that is there keeps its own.</summary>
    [Range(1, 10_000)]
    public int Partitions { get; set; } = 6;

    /// <summary>Copies of a topic that is created here; -1 is the brokers' default.</summary>
    [Range(-1, 100), DeniedValues((short)0)]
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>Kafka's own settings for the topics created here, by its names: <c>min.insync.replicas</c>, <c>retention.ms</c>…</summary>
    public Dictionary<string, string> Topic { get; set; } = [];

    /// <summary>
    /// How long topics that are created here keep their events: 1 hour to 10 years. No outage of a service may last longer: what no
    /// consumer read in time is lost (counted by <c>chat.log.lost</c>). <c>Topic:retention.ms</c>, where it is set, counts instead.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>A topic that keeps its events for less gets a warning when it is first used.</summary>
    internal static readonly TimeSpan ShortRetention = TimeSpan.FromDays(1);

    /// <summary>
    /// The largest record that the topics take, as their <c>max.message.bytes</c> says: 1,048,588, Kafka's default, or more. Dead-letter
    /// topics made here take <see cref="DeadLetters.Room"/> more, and so does the producer.
    /// </summary>
    [Range(1_048_588, 1_000_000_000 - DeadLetters.Room)]
    public int MaxMessageBytes { get; set; } = 1_048_588;

    /// <summary>
    /// Whether topics that are missing are created, and those that are there get what they need: the brokers' timestamps, and for dead
    /// letters room for the largest record. False where the people who run the brokers do that.
    /// </summary>
    public bool ManageTopics { get; set; } = true;

    /// <summary>How long an append may take, retries included, before it throws: 100 ms to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request to the brokers (describing or creating a topic) may take: 100 ms to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How old a topic's description may be, 0 to 1 hour; after a rebalance it is asked for at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan TopicMaxAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a member looks whether its topic was created again or got more partitions: 1 ms to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan TopicCheckInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The pause before processing that threw starts again, and before a member rejoins: 0 to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a partition that is revoked waits for its processing to stop, 0 to 1 hour; then it is revoked all the same.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan RevocationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same when the process stops, where it is less.</summary>
    internal static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a revocation waits for the brokers to take the last commit, and a member that leaves for their confirmation: 0 to 1
    /// hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LastCommitTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Events that a partition buffers, at most about; fetching pauses above that, and resumes below half of it.</summary>
    [Range(1, 10_000_000)]
    public int BufferedEvents { get; set; } = 4000;

    /// <summary>The same in bytes of keys and values.</summary>
    [Range(1, int.MaxValue)]
    public int BufferedBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>How often the consumer lag is measured, 0 to 1 day; 0 doesn't.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LagInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>TLS to the brokers.</summary>
    public ServerTlsOptions Tls { get; set; } = new();

    /// <summary>Who we are to the brokers.</summary>
    public KafkaSaslOptions Sasl { get; set; } = new();

    /// <summary>
    /// librdkafka's own settings for every client, by its names, such as <c>socket.timeout.ms</c>. None that switches the verification of
    /// certificates off, and none that <see cref="Tls"/> or <see cref="Sasl"/>, where they are set, already decide.
    /// </summary>
    public Dictionary<string, string> Client { get; set; } = [];

    /// <summary>librdkafka's own settings for the producer.</summary>
    public Dictionary<string, string> Producer { get; set; } = [];

    /// <summary>librdkafka's own settings for the consumers.</summary>
    public Dictionary<string, string> Consumer { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        KafkaSecurity.Validate(this).Select(problem => new ValidationResult(problem));
}
