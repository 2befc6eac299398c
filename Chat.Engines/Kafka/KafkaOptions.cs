namespace Chat.Engines.Kafka;

/// <summary>Configuration section <c>Kafka</c>; the brokers are <c>ConnectionStrings:kafka</c>.</summary>
public sealed class KafkaOptions
{
    public const string Section = "Kafka";

    /// <summary>The connection string's name, and Aspire's name of the resource.</summary>
    public const string ConnectionName = "kafka";

    /// <summary>Partitions of a topic made by us; one that is there keeps its own.</summary>
    public int Partitions { get; set; } = 6;

    /// <summary>Copies of a topic made by us; -1 is the brokers' default.</summary>
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>Kafka's own settings for the topics made by us, by its names: <c>min.insync.replicas</c>, <c>retention.ms</c>…</summary>
    public Dictionary<string, string> Topic { get; set; } = [];

    /// <summary>
    /// Whether topics that are missing are made, and topics that stamp events with their producers' clocks are set to the brokers'.
    /// False where whoever runs the brokers does both.
    /// </summary>
    public bool ManageTopics { get; set; } = true;

    /// <summary>How long an append may take, retries included, before it throws.</summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a question to the brokers (describing, making a topic) may take.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How old a topic's description may be; a rebalance makes it anew at once.</summary>
    public TimeSpan TopicMaxAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a member looks whether its topic was made anew or got more partitions.</summary>
    public TimeSpan TopicCheckInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The pause before a call that threw is made again.</summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a hand-over waits for a call to end before it takes the partition away from it.</summary>
    public TimeSpan HandOverTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a hand-over waits for the brokers to take the last commit, and a member that leaves for their goodbye.</summary>
    public TimeSpan LastCommitTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Events that a partition holds ready, at most about; fetching pauses above, and goes on below half of it.</summary>
    public int BufferedEvents { get; set; } = 4000;

    /// <summary>The same in bytes of keys and values.</summary>
    public int BufferedBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>How often the consumer lag is measured.</summary>
    public TimeSpan LagInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>librdkafka's own settings for every client, by its names: <c>security.protocol</c>, <c>sasl.username</c>…</summary>
    public Dictionary<string, string> Client { get; set; } = [];

    /// <summary>librdkafka's own settings for the producer.</summary>
    public Dictionary<string, string> Producer { get; set; } = [];

    /// <summary>librdkafka's own settings for the consumers.</summary>
    public Dictionary<string, string> Consumer { get; set; } = [];
}
