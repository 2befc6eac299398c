namespace Chat.LoadTest.Distributed;

/// <summary>The three servers' commands and addresses.</summary>
/// <param name="KafkaRun">A command that becomes the server, with the settings and the data folder that it should use.</param>
/// <param name="Versions">What the report says of them.</param>
internal sealed record ServerOptions(
    string KafkaRun,
    string CassandraRun,
    string RedisRun,
    string Kafka = "127.0.0.1:9092",
    string Cassandra = "127.0.0.1:9042",
    string Redis = "127.0.0.1:6379",
    string Versions = "versions not given")
{
    public static ServerOptions None { get; } = new("", "", "");

    public string CassandraConnection =>
        $"Contact Points={Cassandra[..Cassandra.LastIndexOf(':')]};Port={Cassandra[(Cassandra.LastIndexOf(':') + 1)..]};Default Keyspace=chat";

    /// <summary>With one option of the command line; null where it is none of these.</summary>
    public ServerOptions? With(string option, string value) => option switch
    {
        "--kafka-run" => this with { KafkaRun = value },
        "--cassandra-run" => this with { CassandraRun = value },
        "--redis-run" => this with { RedisRun = value },
        "--kafka" => this with { Kafka = value },
        "--cassandra" => this with { Cassandra = value },
        "--redis" => this with { Redis = value },
        "--versions" => this with { Versions = value },
        _ => null,
    };

    public void Check()
    {
        if (KafkaRun == "" || CassandraRun == "" || RedisRun == "")
            throw new ArgumentException("--kafka-run, --cassandra-run and --redis-run are needed.");
    }
}
