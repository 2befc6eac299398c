using System.Diagnostics;
using System.Globalization;
using Chat.Core.Channels;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.LoadTest.InProcess;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// Status events per second that one Chat.StatusWorker takes from <c>msg.status</c> to Cassandra and Redis, beside a process that
/// only reads and commits. Each is stopped while a round's events are appended and continued then, so that only its own pace,
/// and its servers', counts.
/// </summary>
internal sealed class WorkerBenchmark(WorkerBenchmarkOptions options, string folder)
{
    /// <summary>Milliseconds; a stopped process must not lose its partitions.</summary>
    public const string SessionTimeout = "300000";

    private const int Conversations = 100;
    private const int AppendBatch = 500;
    private const int Wave = 2_000;
    private const string IdleTopic = "bench.idle";
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(5);

    private readonly IdSource _ids = new(TimeProvider.System);
    private long _idleDone;

    /// <param name="Cores">Of CPU that the contestant used while it worked.</param>
    /// <param name="Cpu">Microseconds of CPU for an event: the contestant's and the servers'.</param>
    private sealed record Round(double EventsPerSecond, double Cores, IReadOnlyDictionary<string, double> Cpu);

    public static Task<int> RunAsync(WorkerBenchmarkOptions options, CancellationToken cancelled) => ProcessRun.RunAsync(
        options.Logs,
        options.Report,
        "NO FIGURES",
        async (folder, cancellationToken) => (await new WorkerBenchmark(options, folder).RunAsync(cancellationToken), true),
        cancelled);

    private async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var servers = new Servers(options.Servers, folder);
        await servers.StartAsync(cancellationToken);
        using var services = new Services(options.Servers, folder);
        var (worker, _) = services.Start("Chat.StatusWorker", "status-worker", ("--Kafka:Consumer:session.timeout.ms", SessionTimeout));
        using var idle = new ChildProcess(
            "idle-consumer",
            $"dotnet \"{typeof(WorkerBenchmark).Assembly.Location}\" {IdleConsumer.CommandName} {options.Servers.Kafka} {IdleTopic}",
            null,
            folder);
        idle.Start();
        await services.WaitAsync(cancellationToken);
        await new CommitLog(options.Servers).UseAsync(cancellationToken);

        using var host = EngineHost.Build(options.Servers);
        await host.StartAsync(cancellationToken);
        var log = host.Services.GetRequiredService<IEventLog>();
        var conversations = host.Services.GetRequiredService<IConversationStore>();
        var store = host.Services.GetRequiredService<IMessageStore>();
        for (var i = 0; i < Conversations; i++)
            await conversations.ClaimConversationAsync(BenchmarkIds.ConversationOwner(i), cancellationToken);
        await using var published = await PublishedReads.SubscribeAsync(options.Servers.Redis);

        var (rounds, nothing) = (new List<Round>(), new List<Round>());
        // One round of each to warm up, and then in turn, so that a drift of the machine affects both.
        for (var round = -1; round < options.Rounds; round++)
        {
            var messages = Messages();
            foreach (var batch in messages.Chunk(500)) await store.AddMessagesAsync(batch, cancellationToken);
            var target = published.Count + messages.Count;
            var worked = await RoundAsync(
                servers, worker, () => AppendAsync(log, Topics.Status, messages, cancellationToken), () => published.Count >= target,
                cancellationToken);
            _idleDone += options.Events;
            var idled = await RoundAsync(
                servers, idle, () => AppendAsync(log, IdleTopic, messages, cancellationToken), () => LastCount(idle.LogFile) >= _idleDone,
                cancellationToken);
            await Console.Error.WriteLineAsync($"round {round}: {worked.EventsPerSecond:N0}/s, doing nothing {idled.EventsPerSecond:N0}/s");
            if (round < 0) continue;
            rounds.Add(worked);
            nothing.Add(idled);
        }
        await host.StopAsync(cancellationToken);
        return Report(rounds, nothing);
    }

    private async Task<Round> RoundAsync(
        Servers servers, ChildProcess contestant, Func<Task> append, Func<bool> isDone, CancellationToken cancellationToken)
    {
        await contestant.SignalAsync("STOP");
        await append();
        ChildProcess[] processes = [contestant, .. servers.All];
        var before = processes.Select(p => p.CpuSeconds).ToArray();
        var started = Stopwatch.GetTimestamp();
        await contestant.SignalAsync("CONT");
        while (!isDone())
        {
            if (Stopwatch.GetElapsedTime(started) > RoundTimeout)
                throw new TimeoutException($"{contestant.Name} did not get through a round.");
            await Task.Delay(10, cancellationToken);
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var used = processes.Select((p, i) => p.CpuSeconds - before[i]).ToArray();
        return new(
            options.Events / seconds,
            used[0] / seconds,
            processes
                .Select((p, i) => (Name: i == 0 ? "itself" : p.Name, Cpu: used[i] * 1e6 / options.Events))
                .GroupBy(p => p.Name.Split('-')[0], p => p.Cpu) // of a server all nodes
                .ToDictionary(p => p.Key, p => p.Sum()));
    }

    private List<Message> Messages() => [.. Enumerable.Range(0, options.Events / 3).Select(i =>
    {
        var id = _ids.Next();
        return new Message(
            id, BenchmarkIds.Conversation(i % Conversations), BenchmarkIds.Organization, BenchmarkIds.User,
            ChannelCatalog.WhatsApp, MessageDirection.Outbound, "text", """{"texto":"Olá, mundo! Seu pedido saiu para entrega."}""",
            "5511999999999", MessageIds.CreatedAt(id)!.Value);
    })];

    /// <summary>SENT, DELIVERED and READ of each message, in waves, so that a message's three come apart, as in reality.</summary>
    private static async Task AppendAsync(IEventLog log, string topic, List<Message> messages, CancellationToken cancellationToken)
    {
        foreach (var wave in messages.Chunk(Wave))
        {
            foreach (var kind in (StatusKind[])[StatusKind.Sent, StatusKind.Delivered, StatusKind.Read])
            {
                foreach (var batch in wave.Chunk(AppendBatch))
                {
                    await log.AppendAsync([.. batch.Select(m => EventOf(topic, m, kind))], cancellationToken);
                }
            }
        }
    }

    private static NewEvent EventOf(string topic, Message message, StatusKind kind) => new(
        topic,
        MessageIds.Format(message.ConversationId),
        StatusEventJson.Write(new(
            message.MessageId, message.ConversationId, message.OrganizationId, message.Channel, kind, DateTimeOffset.UtcNow)));

    private static long LastCount(string file)
    {
        if (!File.Exists(file)) return 0;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-Math.Min(64, stream.Length), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n');
        // The last is empty, or not yet whole.
        return lines.Length > 1 && long.TryParse(lines[^2], CultureInfo.InvariantCulture, out var count) ? count : 0;
    }

    private string Report(List<Round> worker, List<Round> idle)
    {
        var ratio = new Figures(worker.Zip(idle, (w, i) => w.EventsPerSecond / i.EventsPerSecond));
        var text = new Markdown()
            .Line("# Status events per second on Kafka, Cassandra and Redis")
            .Line()
            .Line("One Chat.StatusWorker process takes status events from `msg.status` to the store and the bus, beside a process that")
            .Line("reads and commits through the same engine and does nothing else. Written by:")
            .Line()
            .Line("```bash")
            .Line("dotnet run --project Chat.LoadTest -- worker --kafka-run 'KAFKA' --cassandra-run 'CASSANDRA' --redis-run 'REDIS' \\")
            .Line($"  --events {options.Events} --rounds {options.Rounds} --report docs/benchmarks-distributed.md")
            .Line("```")
            .Line()
            .Line($"- Machine: {Machine.Describe()}. Servers, worker and the producer share it.")
            .Line($"  Load average over 5 minutes at the end: {LoadAverage.OfFiveMinutes()}.")
            .Line($"- Servers: {options.Servers.Versions}.")
            .Line($"- A round: {options.Events:N0} events (SENT, DELIVERED, READ of {options.Events / 3:N0} stored messages in")
            .Line($"  {Conversations} conversations) are appended while the contestant is stopped; from when it is continued until the")
            .Line("  last READ was published on Redis, which comes after the store has it, or until the last event is committed. Median")
            .Line($"  (least – greatest) of {options.Rounds} rounds, which alternate.")
            .Line()
            .Columns(
                "", "events/s", "CPU of its process, µs/event", "cores it used", "Kafka, µs/event", "Cassandra, µs/event",
                "Redis, µs/event");
        foreach (var (name, rounds) in (IEnumerable<(string, List<Round>)>)[("status worker", worker), ("does nothing", idle)])
        {
            text.Row(
                name,
                Summarize(rounds, r => r.EventsPerSecond, "N0"),
                Summarize(rounds, r => r.Cpu["itself"], "F0"),
                Summarize(rounds, r => r.Cores, "F2"),
                Summarize(rounds, r => r.Cpu["kafka"], "F0"),
                Summarize(rounds, r => r.Cpu["cassandra"], "F0"),
                Summarize(rounds, r => r.Cpu["redis"], "F0"));
        }
        return text
            .Line()
            .Line($"The worker reaches {ratio.Show("F3")} of the rate of doing nothing.")
            .ToString();
    }

    private static string Summarize(List<Round> rounds, Func<Round, double> figure, string format) =>
        new Figures(rounds.Select(figure)).Show(format);
}
