using System.CommandLine;
using Chat.CommandLine;

namespace Chat.LoadTest.Distributed;

/// <summary>The three servers' commands and addresses.</summary>
/// <param name="KafkaRun">
/// A command that becomes the server, with the settings and the data folder that it should use; run once for each node.
/// </param>
/// <param name="Kafka">Each node's address, with commas between; as <paramref name="Cassandra"/>.</param>
/// <param name="Versions">What the report says of them.</param>
internal sealed record ServerOptions(
    string KafkaRun, string CassandraRun, string RedisRun, string Kafka, string Cassandra, string Redis, string Versions)
{
    /// <summary>From so many nodes on each row and each event has three copies, of which two acknowledge.</summary>
    private const short Copies = 3;

    /// <summary>Of a topic with <see cref="KafkaCopies"/>.</summary>
    public const int Acknowledging = 2;

    public IReadOnlyList<string> KafkaNodes => Kafka.Split(',');

    public IReadOnlyList<string> CassandraNodes => Cassandra.Split(',');

    /// <summary>Of a topic; null where it is as the brokers have it.</summary>
    public short? KafkaCopies => KafkaNodes.Count >= Copies ? Copies : null;

    public string CassandraConnection =>
        $"Contact Points={string.Join(',', CassandraNodes.Select(n => n[..n.LastIndexOf(':')]))};"
        + $"Port={Cassandra[(Cassandra.LastIndexOf(':') + 1)..]};Default Keyspace=chat";

    /// <summary>How what the services make (topics, keyspace) is copied, as <see cref="Services.Start"/> takes settings.</summary>
    public IEnumerable<(string Variable, string Value)> Replication
    {
        get
        {
            if (KafkaCopies is { } copies)
            {
                yield return ("Kafka__ReplicationFactor", $"{copies}");
                yield return ("--Kafka:Topic:min.insync.replicas", $"{Acknowledging}");
            }
            if (CassandraNodes.Count >= Copies)
                yield return ("Cassandra__Replication", $"{{'class': 'NetworkTopologyStrategy', 'datacenter1': {Copies}}}");
        }
    }

    /// <summary>The options of the command line.</summary>
    internal sealed class Reader
    {
        private readonly Option<string> _kafkaRun = Run("--kafka-run", "Kafka");
        private readonly Option<string> _cassandraRun = Run("--cassandra-run", "Cassandra");
        private readonly Option<string> _redisRun = Run("--redis-run", "Redis");
        private readonly Option<string> _kafka = Address("--kafka", "127.0.0.1:9092", several: true);
        private readonly Option<string> _cassandra = Address("--cassandra", "127.0.0.1:9042", several: true);
        private readonly Option<string> _redis = Address("--redis", "127.0.0.1:6379");
        private readonly Option<string> _versions = CommandOptions.Text(
            "--versions", "text", "What the report says of the servers", "versions not given");

        public static Option<string> Run(string name, string server) => CommandOptions.RequiredText(
            name,
            "command",
            $"A shell command that becomes {server} (by exec), with its own data folder; its process is killed and the command run again. "
            + "Of several nodes each is $NODE of $NODES to it, counted from 1");

        public static Option<string> Address(string name, string value, bool several = false)
        {
            var option = CommandOptions.Text(
                name, "host:port", $"Where that server listens{(several ? "; of several nodes each, with commas between" : "")}", value);
            option.Validators.Add(result =>
            {
                if (result.Tokens is [var address] && !(several ? address.Value.Split(',') : [address.Value]).All(IsAddress))
                    result.AddError($"{name}: '{address.Value}' is not host:port, as {value}.");
            });
            return option;
        }

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[_kafkaRun, _cassandraRun, _redisRun, _kafka, _cassandra, _redis, _versions])
                command.Add(option);
        }

        public ServerOptions Read(ParseResult parsed) => new(
            parsed.GetRequiredValue(_kafkaRun),
            parsed.GetRequiredValue(_cassandraRun),
            parsed.GetRequiredValue(_redisRun),
            parsed.GetRequiredValue(_kafka),
            parsed.GetRequiredValue(_cassandra),
            parsed.GetRequiredValue(_redis),
            parsed.GetRequiredValue(_versions));

        private static bool IsAddress(string text) =>
            text.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(text.AsSpan(colon + 1), out _);
    }
}
