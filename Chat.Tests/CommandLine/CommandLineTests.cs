using System.CommandLine;
using Chat.LoadTest;
using Chat.LoadTest.Away;
using Chat.LoadTest.Deployment;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;
using Chat.LoadTest.Outages;
using Chat.LoadTest.Pipeline;
using Chat.LoadTest.Posts;
using Chat.LoadTest.Status;
using Chat.Simulation;
using Chat.Tests.Compliance;
using Chat.Tools;
using Chat.Tools.Audit;
using Chat.Tools.DeadLetters;

namespace Chat.Tests.CommandLine;

/// <summary>What each program's command line takes, and what it says of one that is wrong.</summary>
public sealed class CommandLineTests : IDisposable
{
    private const string Servers = "--kafka-run k --cassandra-run c --redis-run r";

    private readonly string _logs = Directory.CreateTempSubdirectory("chat-options-").FullName;

    private delegate Task<int> Program(string[] args, TextWriter? output, TextWriter? error);

    public void Dispose() => Directory.Delete(_logs, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("forget")]
    [InlineData("dead-letters")]
    [InlineData("dead-letters forget", "forget")]
    [InlineData("dead-letters list --all", "--all")]
    [InlineData("dead-letters list --topic", "--topic")]
    [InlineData("dead-letters list --data /no/such/folder", "--data", "/no/such/folder")]
    [InlineData("dead-letters put-back", "--all", "--topic", "--reason", "--at")]
    [InlineData("dead-letters put-back --all --reason x", "--all")]
    [InlineData("dead-letters put-back --all --full", "--full")]
    [InlineData("dead-letters put-back --topic nowhere", "--topic", "nowhere", "msg.status")]
    [InlineData("audit list", "list")]
    [InlineData("audit --last", "--last")]
    [InlineData("audit --last 1x", "--last", "1x", "90s")]
    [InlineData("audit --last -1h", "--last", "-1h")]
    [InlineData("audit --last 0s", "--last", "0s")]
    [InlineData("audit --last 99999999999d", "--last")]
    [InlineData("audit --grace soon", "--grace", "soon")]
    [InlineData("audit --from 2026-11-23T10:00Z", "--to")]
    [InlineData("audit --from 2026-11-23T10:00Z --to 2026-11-23T10:00Z", "--from", "before")]
    [InlineData("audit --from 0001-01-01 --to 2026-11-23T10:00Z", "--from", "0001-01-01")]
    [InlineData("audit --from yesterday --to now", "--from", "yesterday")]
    [InlineData("audit --last 1h --from 2026-11-23T10:00Z --to 2026-11-23T11:00Z", "--last", "either")]
    [InlineData("revoke", "--token-id", "--until")]
    [InlineData("operator-token", "--user")]
    [InlineData("operator-token --user me", "--user", "'me'")]
    [InlineData("admin-token --user 0be7a704-0000-4000-8000-000000000001", "--organization")]
    [InlineData("revoke --token-id 1 --until soon", "--until", "soon")]
    [InlineData("erase --conversation 123e4567-e89b-12d3-a456-426614174000", "--organization")]
    [InlineData("erase --organization 123e4567-e89b-12d3-a456-426614174000", "--conversation", "--recipient")]
    [InlineData("erase --organization 123e4567-e89b-12d3-a456-426614174000 --conversation x", "--conversation", "'x'")]
    [InlineData("erase --organization 00000000-0000-0000-0000-000000000000 --recipient x", "--organization")]
    [InlineData(
        "erase --organization 123e4567-e89b-12d3-a456-426614174000 --recipient x --conversation 123e4567-e89b-12d3-a456-426614174000",
        "either")]
    [InlineData("conversation")]
    [InlineData("conversation owner", "--conversation")]
    [InlineData("mutate", "files", "--tests")]
    [InlineData("mutate Chat.Core/No.cs --tests Hub --most 0", "--most")]
    public Task A_wrong_call_of_the_tools_ends_with_2_and_is_explained(string call, params string[] named) =>
        AssertWrongAsync(ToolProgram.RunAsync, call, named);

    [Theory]
    [InlineData("")]
    [InlineData("statuses")]
    [InlineData("status --events", "--events")]
    [InlineData("status --events 10 --rounds", "--rounds")]
    [InlineData("status --event 10", "--event")]
    [InlineData("status --events many", "--events", "many")]
    [InlineData("status --events 2", "--events", "at least 3")]
    [InlineData("status --rounds 0", "--rounds", "at least 1")]
    [InlineData("status more", "more")]
    [InlineData("away --slow 0", "--slow")]
    [InlineData("away --changes 1.5", "--changes")]
    [InlineData("away --down 1", "--down")]
    [InlineData("outages", "--redis-run")]
    [InlineData("outages --redis-run r --down 20 --every 10", "--down", "--every")]
    [InlineData("outages --redis-run r --sockets 9", "--sockets", "at least 10")]
    [InlineData("outages --redis-run r --sockets 25", "--sockets", "'25'", "multiple of 10")]
    [InlineData("outages --redis-run r --redis localhost", "--redis", "localhost")]
    [InlineData("outages --redis-run r --rate 0", "--rate")]
    [InlineData("outages --redis-run r --rate 1,5", "--rate", "1,5")]
    [InlineData("faults", "--kafka-run", "--cassandra-run", "--redis-run")]
    [InlineData("faults --kafka-run k --redis-run r", "--cassandra-run")]
    [InlineData("faults --kafka-run k --cassandra-run c --redis-run r --steady", "--steady")]
    [InlineData("faults --kafka-run k --cassandra-run c --redis-run r --steady now", "--steady", "now")]
    [InlineData("faults --kafka-run k --cassandra-run c --redis-run r --scenario rain", "--scenario", "rain", "nodes", "refused")]
    [InlineData("faults --kafka-run k --cassandra-run c --redis-run r --kafka a:1,b", "--kafka", "a:1,b")]
    [InlineData("pipeline --rates 50", "--kafka-run", "--cassandra-run", "--redis-run")]
    [InlineData("pipeline --kafka-run k --cassandra-run c --redis-run r --rates 50,,100", "--rates", "50,,100")]
    [InlineData("pipeline --kafka-run k --cassandra-run c --redis-run r --rates 50,0", "--rates", "50,0", "above 0")]
    [InlineData("pipeline --kafka-run k --cassandra-run c --redis-run r --set =1", "--set", "=1", "NAME=value")]
    [InlineData("pipeline --kafka-run k --cassandra-run c --redis-run r --stored 10,10", "--stored", "10,10", "above the one before")]
    [InlineData("pipeline --kafka-run k --cassandra-run c --redis-run r --stored 0", "--stored", "above 0")]
    [InlineData("pipeline --kafka-run k --cassandra-run c --redis-run r --status-workers 0", "--status-workers", "at least 1")]
    [InlineData("worker --events 30", "--kafka-run")]
    [InlineData("worker --kafka-run k --cassandra-run c --redis-run r --stored 5", "--stored")]
    [InlineData("webhooks", "--url", "--secret")]
    [InlineData("webhooks --url localhost:5000 --secret s", "--url", "localhost:5000")]
    [InlineData("webhooks --url http://localhost:1 --secret s --updates 0", "--updates", "from 1 to 5000")]
    [InlineData("webhooks --url http://localhost:1 --secret s --path v1", "--path", "'v1'")]
    [InlineData("webhooks --url http://localhost:1 --secret s --path /v1?x=1", "--path", "'/v1?x=1'")]
    [InlineData("run", "--url")]
    [InlineData("run --url localhost:5000 --token t", "--url", "localhost:5000", "http://")]
    [InlineData("run --url ftp://localhost --token t", "--url", "ftp://localhost")]
    [InlineData("run --url http://localhost:1", "--token", "--jwt-key")]
    [InlineData("run --url http://localhost:1 --token t --jwt-key a-key-that-is-long-enough-for-HS256", "--token", "--jwt-key", "either")]
    [InlineData("run --url http://localhost:1 --jwt-key short", "--jwt-key", "32 bytes")]
    [InlineData("run --url http://localhost:1 --token t --connections 0", "--connections", "at least 1")]
    [InlineData("run --url http://localhost:1 --token t --conversations none", "--conversations", "none")]
    [InlineData("run --url http://localhost:1 --token t --rate 0", "--rate", "above 0")]
    [InlineData("run --url http://localhost:1 --token t --duration 0s", "--duration", "0s")]
    [InlineData("run --url http://localhost:1 --token t --warm-up soon", "--warm-up", "soon")]
    [InlineData("run --url http://localhost:1 --token t --ramp -1s", "--ramp", "-1s")]
    [InlineData("run --url http://localhost:1 --token t --settle 0", "--settle")]
    [InlineData("run --url http://localhost:1 --token t --floor x", "--floor")]
    [InlineData("run --url http://localhost:1 --token t --max-p99 0", "--max-p99")]
    [InlineData("run --url http://localhost:1 --token t --max-missing -1", "--max-missing", "at least 0")]
    [InlineData("run --url http://localhost:1 --token t --max-refused few", "--max-refused", "few")]
    [InlineData("run --url http://localhost:1 --token t --max-failed few", "--max-failed", "few")]
    [InlineData("run --url http://localhost:1 --token t --churn 1001", "--churn", "from 0.001 to 1000")]
    [InlineData("run --url http://localhost:1 --token t --churn 0.0001", "--churn", "'0.0001'")]
    [InlineData("run --url http://localhost:1 --token t --output", "--output")]
    [InlineData("sockets", "url", "key", "conversations")]
    [InlineData("sockets nowhere k 1", "url", "nowhere")]
    [InlineData("idle-consumer localhost:9092", "topic")]
    public Task A_wrong_call_of_the_load_test_ends_with_2_and_is_explained(string call, params string[] named) =>
        AssertWrongAsync(LoadTestProgram.RunAsync, call, named);

    [Theory]
    [InlineData("--sabotage all", "--sabotage")]
    [InlineData("--seeds", "--seeds")]
    [InlineData("--seeds 0", "--seeds", "at least 1")]
    [InlineData("--seed x", "--seed", "'x'")]
    [InlineData("--seed 1 --seeds 2", "--seed", "--seeds")]
    [InlineData("--hash", "--hash", "--seed")]
    [InlineData("--threads 0", "--threads")]
    [InlineData("--bug", "--bug")]
    [InlineData("--bug Nothing", "--bug", "Nothing", "NoHeadCheck")]
    [InlineData("--bug none", "--bug")]
    [InlineData("--bug all --seed 1", "--bug all")]
    public Task A_wrong_call_of_the_simulation_ends_with_2_and_is_explained(string call, params string[] named) =>
        AssertWrongAsync(SimulationProgram.RunAsync, call, named);

    [Theory]
    [InlineData("audit --help", "--last", "30m", "Exit code")]
    [InlineData("erase --help", "--dry-run", "It can't be undone")]
    [InlineData("dead-letters put-back --help", "--topic", "msg.status.dlq[2]:17")]
    public async Task Help_of_the_tools_says_what_there_is(string call, params string[] named)
    {
        var output = new StringWriter();

        Assert.Equal(0, await ToolProgram.RunAsync(call.Split(' '), output));
        Assert.All(named, name => Assert.Contains(name, output.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Dead_letter_options_are_read_as_given()
    {
        Assert.Equal(new(PutBack: false), Read<DeadLetterOptions>(DeadLetterOptions.CreateCommand, "list"));
        Assert.Equal(
            new(PutBack: true, Topic: "msg.status", Reason: "-x", At: "msg.status.dlq[2]:17"),
            Read<DeadLetterOptions>(
                DeadLetterOptions.CreateCommand, "put-back --topic msg.status --reason -x --at msg.status.dlq[2]:17"));
        Assert.Equal(new(PutBack: true, All: true), Read<DeadLetterOptions>(DeadLetterOptions.CreateCommand, "put-back --all"));
        using var folder = new EmbeddedFolder();
        folder.OpenLog();
        Assert.Equal(
            new(PutBack: false, Full: true, Data: folder.Path),
            Read<DeadLetterOptions>(DeadLetterOptions.CreateCommand, $"list --full --data {folder.Path}"));
    }

    [Fact]
    public void An_audit_window_counts_back_from_now_or_is_the_one_given()
    {
        var now = new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);

        Assert.Equal(new(now.AddHours(-1), now, now.AddSeconds(-30)), Window(""));
        Assert.Equal(new(now.AddDays(-2), now, now), Window("--last 2d --grace 0s"));
        Assert.Equal(new(now.AddSeconds(-90), now, now.AddSeconds(-30)), Window("--last 90"));
        Assert.Equal(
            new(now.AddHours(-3), now.AddHours(-2), now.AddSeconds(-30)), Window("--from 2026-11-23T04:00Z --to 2026-11-23T05:00"));

        Chat.Core.Audit.AuditWindow Window(string call) => Read<AuditCommandOptions>(AuditCommandOptions.CreateCommand, call).Window(now);
    }

    [Fact]
    public void Load_test_options_have_defaults_and_are_read_as_given()
    {
        Assert.Equal(new(120_000, 5, 1_000_000, null), Read<StatusBenchmarkOptions>(StatusBenchmarkOptions.CreateCommand, ""));
        Assert.Equal(
            new(30, 2, 4, "r.md"),
            Read<StatusBenchmarkOptions>(StatusBenchmarkOptions.CreateCommand, "--events 32 --rounds 2 --stored 4 --report r.md"));
        Assert.Equal(new(5000, TimeSpan.FromSeconds(10), 3, null), Read<PostBenchmarkOptions>(PostBenchmarkOptions.CreateCommand, ""));
        Assert.Equal(
            new(0.5, TimeSpan.FromSeconds(90), 2, "r.md"),
            Read<PostBenchmarkOptions>(PostBenchmarkOptions.CreateCommand, "--rate 0.5 --duration 90s --rounds 2 --report r.md"));
        Assert.Equal(new(1000, 100_000, 5, 2_000_000, null), Read<AwayOptions>(AwayOptions.CreateCommand, ""));
        Assert.Equal(
            new("r", "h:1", 20, 1.5, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(0.5), TimeSpan.FromHours(1), null),
            Read<OutageOptions>(
                OutageOptions.CreateCommand, "--redis-run r --redis h:1 --sockets 20 --rate 1.5 --every 1m --down 0.5 --for 1h"));
        var servers = new ServerOptions("k", "c", "r", "127.0.0.1:9092", "127.0.0.1:9042", "127.0.0.1:6379", "versions not given");
        Assert.Equal(
            new(
                servers, FaultScenario.Processes, 500, 50, 2, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2),
                20_000, null, null),
            Read<FaultsOptions>(FaultsOptions.CreateCommand, Servers));
        var cluster = Read<FaultsOptions>(
            FaultsOptions.CreateCommand, $"{Servers} --scenario refused --kafka k1:1,k2:2,k3:3 --cassandra c1:9,c2:9,c3:9");
        Assert.Null(cluster.Scenario);
        Assert.Equal(["k1:1", "k2:2", "k3:3"], cluster.Servers.KafkaNodes);
        Assert.Equal("Contact Points=c1,c2,c3;Port=9;Default Keyspace=chat", cluster.Servers.CassandraConnection);
        Assert.Equal(3, cluster.Servers.Replication.Count());
        Assert.Empty(servers.Replication);
        var pipeline = Read<PipelineOptions>(PipelineOptions.CreateCommand, Servers);
        Assert.Equal([50, 100, 200, 400, 800], pipeline.Rates);
        Assert.Empty(pipeline.Settings);
        Assert.Empty(pipeline.Stored);
        var (seconds, settings) = (TimeSpan.FromSeconds(20), pipeline.Settings);
        Assert.Equal(
            new(
                servers, pipeline.Rates, seconds, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2), 60, false,
                false, 0, false, 5, pipeline.Stored, TimeSpan.FromMinutes(30), 1, settings, null, null, null),
            pipeline);
        var given = Read<PipelineOptions>(
            PipelineOptions.CreateCommand,
            $"{Servers} --rates 7.5,20 --keys --once --beside 2.5 --floor --set A=1 --set B=x=y --json j --seconds 1m --rounds 3 "
            + "--stored 10,2000000 --rest-within 1h --status-workers 4");
        Assert.Equal([7.5, 20], given.Rates);
        Assert.Equal(["A=1", "B=x=y"], given.Settings);
        Assert.Equal((true, "j", TimeSpan.FromMinutes(1), 3), (given.Keys, given.Json, given.Seconds, given.Rounds));
        Assert.Equal((true, 2.5, true), (given.Once, given.Beside, given.Floor));
        Assert.Equal([10, 2_000_000], given.Stored);
        Assert.Equal((TimeSpan.FromHours(1), 4), (given.RestWithin, given.StatusWorkers));
        Assert.Equal(
            new(servers with { Cassandra = "db:9" }, 9, 1, null, _logs),
            Read<WorkerBenchmarkOptions>(
                WorkerBenchmarkOptions.CreateCommand, $"{Servers} --cassandra db:9 --rounds 1 --events 10 --logs {_logs}"));
    }

    [Fact]
    public void Options_of_a_run_have_defaults_and_are_read_as_given()
    {
        var url = new Uri("http://localhost:5000");
        Assert.Equal(
            new(
                url, "t", null, 200, 100, 50, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5), TimeSpan.Zero, TimeSpan.FromSeconds(10),
                TimeSpan.FromSeconds(3), 0, 0, null, TimeSpan.FromSeconds(1), 0, 0, 0, 10, null),
            ReadRun($"--url {url} --token t"));
        var key = new string('k', 32);
        Assert.Equal(
            new(
                url, null, key, 2, 3, 1.5, TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5),
                TimeSpan.Zero, 0.2, 8, 9, TimeSpan.FromSeconds(0.5), 6, 7, 4, 5, _logs),
            ReadRun(
                $"--url {url} --jwt-key {key} --connections 2 --conversations 3 --rate 1.5 --duration 1h --warm-up 0s --ramp 4s "
                + "--settle 5s --floor 0s --max-p99 0.5 --max-missing 6 --max-refused 7 --churn 0.2 "
                + $"--slow-readers 8 --process 9 --max-failed 4 --max-growth 5 --output {_logs}"));

        static RunOptions ReadRun(string call)
        {
            RunOptions? read = null;
            var command = RunOptions.CreateCommand((options, _, _, _) => Task.FromResult((read = options) is null ? 1 : 0));
            return Read(command, call, () => read);
        }
    }

    [Fact]
    public async Task Help_of_a_run_says_what_each_exit_code_means()
    {
        var output = new StringWriter();

        Assert.Equal(0, await LoadTestProgram.RunAsync(["run", "--help"], output));
        Assert.All(
            ["--jwt-key", "--max-missing", "Exit code 0", "2 where it"],
            text => Assert.Contains(text, output.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Simulation_options_have_defaults_and_are_read_as_given()
    {
        Assert.Equal(new(1000, 1, null, false, Environment.ProcessorCount, InjectedBug.None, false), ReadSimulation(""));
        Assert.Equal(
            new(5, 7, null, false, 2, InjectedBug.NoHeadCheck, false),
            ReadSimulation("--seeds 5 --from 7 --threads 2 --bug noheadcheck"));
        Assert.Equal(new(1000, 1, 9, true, 1, InjectedBug.None, false), ReadSimulation("--seed 9 --hash --threads 1"));
        Assert.True(ReadSimulation("--bug all").AllBugs);
    }

    private static async Task AssertWrongAsync(Program program, string call, string[] named)
    {
        var (output, error) = (new StringWriter(), new StringWriter());

        Assert.Equal(2, await program(Split(call), output, error));
        // In what is said of the error, not in the help.
        Assert.All(named, name => Assert.Contains(name, error.ToString(), StringComparison.Ordinal));
        Assert.NotEmpty(error.ToString());
    }

    private static string[] Split(string call) => call.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static T Read<T>(Func<ToolAction<T>, Command> create, string call)
        where T : class
    {
        T? read = null;
        return Read(create((options, _, _) => Task.FromResult((read = options) is null ? 1 : 0)), call, () => read);
    }

    private static T Read<T>(Func<Func<T, CancellationToken, Task<int>>, Command> create, string call)
        where T : class
    {
        T? read = null;
        return Read(create((options, _) => Task.FromResult((read = options) is null ? 1 : 0)), call, () => read);
    }

    private static SimulationOptions ReadSimulation(string call)
    {
        SimulationOptions? read = null;
        return Read(SimulationOptions.CreateCommand((options, _) => (read = options) is null ? 1 : 0), call, () => read);
    }

    private static T Read<T>(Command command, string call, Func<T?> read)
        where T : class
    {
        var parsed = command.Parse(Split(call));
        Assert.Empty(parsed.Errors);
        Assert.Equal(0, parsed.Invoke());
        return read()!;
    }
}
