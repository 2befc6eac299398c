using System.Diagnostics;
using Chat.Core.Channels;
using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.LoadTest.InProcess;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.LoadTest.Status;

/// <summary>
/// Status events per second through log, status worker, store and bus to 100 sockets, beside the same with a worker that only
/// reads and commits. One process has the engines, the worker, the hub and the producer; the sockets' clients are in another one.
/// </summary>
internal static class StatusBenchmark
{
    private const int Conversations = 100;
    private const int AppendBatch = 500;
    private const int RowsBatch = 1000;
    private const int AppendsInFlight = 4;
    private const int Wave = 2_000;
    private const string IdleTopic = "bench.idle";
    private const string Key = "a-key-of-the-benchmark-and-of-nothing-else";
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(5);

    private sealed record Round(double EventsPerSecond, double CpuMicroseconds, double FramesPerEvent);

    public static Task<int> RunAsync(StatusBenchmarkOptions options, CancellationToken cancelled) => LoadTest.Report.RunAsync(
        options.Report,
        async (folder, cancellationToken) => (await RunAsync(options, folder, cancellationToken), true),
        cancelled);

    private static async Task<string> RunAsync(StatusBenchmarkOptions options, string folder, CancellationToken cancellationToken)
    {
        var (app, address) = ChatHost.Build(folder, Key, ("Hub:MaxQueuedBytes", "8388608"));
        await using var ended = app;
        await app.StartAsync(cancellationToken);
        using var sockets = ChildProgram.Start(
            SocketClients.CommandName, $"ws://127.0.0.1:{address.Port}/ws/status", Key, Conversations.ToString());
        var log = app.Services.GetRequiredService<IEventLog>();
        var conversations = app.Services.GetRequiredService<IConversationStore>();
        var store = app.Services.GetRequiredService<IMessageStore>();
        var ids = new IdSource(TimeProvider.System);
        for (var i = 0; i < Conversations; i++)
            await conversations.ClaimConversationAsync(BenchmarkIds.ConversationOwner(i), cancellationToken);
        await sockets.ExpectAsync("READY", cancellationToken);

        var idle = new IdleWorker();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var idling = log.ConsumeAsync(new("bench-idle", IdleTopic), idle.ProcessAsync, stop.Token);

        var halves = new List<(string Name, List<Round> Worker, List<Round> Idle)>();
        foreach (var (name, stored) in new[] { ("an empty store", 0), ($"{options.Stored:N0} stored messages", options.Stored) })
        {
            if (stored > 0) await FillAsync(app.Services, ids, stored, cancellationToken);
            var half = (name, new List<Round>(), new List<Round>());
            // One round of each to warm up, and then in turn, so that a drift of the machine affects both.
            for (var round = -1; round < options.Rounds; round++)
            {
                var worker = await WorkerRoundAsync(log, store, ids, sockets, options.Events, cancellationToken);
                var nothing = await IdleRoundAsync(log, ids, idle, options.Events, cancellationToken);
                Console.Error.WriteLine(
                    $"{name} round {round}: {worker.EventsPerSecond:N0}/s ({worker.CpuMicroseconds:F1} µs), "
                    + $"doing nothing {nothing.EventsPerSecond:N0}/s ({nothing.CpuMicroseconds:F1} µs)");
                if (round < 0) continue;
                half.Item2.Add(worker);
                half.Item3.Add(nothing);
            }
            halves.Add(half);
        }
        await stop.CancelAsync();
        try
        {
            await idling;
        }
        catch (OperationCanceledException)
        {
            // Cancelled above.
        }
        await app.StopAsync(cancellationToken);
        return Report(options, halves, RunRows(folder, ids, options, cancellationToken));
    }

    /// <summary>From the first append until every message's READ is on its socket.</summary>
    private static async Task<Round> WorkerRoundAsync(
        IEventLog log, IMessageStore store, IdSource ids, ChildProgram sockets, int events, CancellationToken cancellationToken)
    {
        var messages = Enumerable.Range(0, events / 3).Select(i => Samples.MessageOf(ids, i % Conversations)).ToList();
        foreach (var batch in messages.Chunk(1000)) await store.AddMessagesAsync(batch, cancellationToken);
        await sockets.SayAsync($"expect {messages.Count}");
        await sockets.ExpectAsync("OK", cancellationToken);
        var (started, cpu) = (Stopwatch.GetTimestamp(), CpuTime());
        await AppendAsync(log, Topics.Status, messages, cancellationToken);
        var done = (await sockets.ExpectAsync("DONE", cancellationToken)).Split(' ');
        return Measure(started, cpu, events, long.Parse(done[1]));
    }

    /// <summary>From the first append until the worker that does nothing has committed the last event.</summary>
    private static async Task<Round> IdleRoundAsync(
        IEventLog log, IdSource ids, IdleWorker worker, int events, CancellationToken cancellationToken)
    {
        var messages = Enumerable.Range(0, events / 3).Select(i => Samples.MessageOf(ids, i % Conversations)).ToList();
        var done = worker.Expect(events);
        var (started, cpu) = (Stopwatch.GetTimestamp(), CpuTime());
        await AppendAsync(log, IdleTopic, messages, cancellationToken);
        await done.WaitAsync(RoundTimeout, cancellationToken);
        return Measure(started, cpu, events, 0);
    }

    /// <summary>The store's floor, once all else is done.</summary>
    private static List<Round> RunRows(
        string folder, IdSource ids, StatusBenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var rows = new RowsAlone(folder);
        var rounds = new List<Round>();
        for (var round = -1; round < options.Rounds; round++)
        {
            var messages = Enumerable.Range(0, options.Events / 3).Select(i => Samples.MessageOf(ids, i % Conversations)).ToList();
            var (started, cpu) = (Stopwatch.GetTimestamp(), CpuTime());
            var events = messages.Chunk(Wave).SelectMany(wave => Samples.ToRead.SelectMany(kind => wave.Select(m => (m, kind))));
            foreach (var batch in events.Chunk(RowsBatch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                rows.Write(batch);
            }
            var measured = Measure(started, cpu, options.Events, 0);
            Console.Error.WriteLine($"rows alone round {round}: {measured.EventsPerSecond:N0}/s, {measured.CpuMicroseconds:F1} µs");
            if (round >= 0) rounds.Add(measured);
        }
        return rounds;
    }

    private static Round Measure(long started, TimeSpan cpu, int events, long frames)
    {
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new(events / seconds, (CpuTime() - cpu).TotalMicroseconds / events, (double)frames / events);
    }

    /// <summary>SENT, DELIVERED and READ of each message, in waves, so that a message's three come apart, as in reality.</summary>
    private static async Task AppendAsync(IEventLog log, string topic, List<Message> messages, CancellationToken cancellationToken)
    {
        var inFlight = new Queue<Task>();
        foreach (var wave in messages.Chunk(Wave))
        {
            foreach (var kind in Samples.ToRead)
            {
                foreach (var batch in wave.Chunk(AppendBatch))
                {
                    if (inFlight.Count >= AppendsInFlight) await inFlight.Dequeue();
                    inFlight.Enqueue(log.AppendAsync([.. batch.Select(m => Samples.EventOf(topic, m, kind))], cancellationToken).AsTask());
                }
            }
        }
        await Task.WhenAll(inFlight);
    }

    /// <summary>Messages with all their statuses, in conversations of ten.</summary>
    private static async Task FillAsync(IServiceProvider services, IdSource ids, int count, CancellationToken cancellationToken)
    {
        var store = services.GetRequiredService<IMessageStore>();
        var statuses = services.GetRequiredService<IStatusStore>();
        var number = 0L;
        for (var done = 0; done < count; done += 1000)
        {
            var batch = Enumerable.Range(done, 1000)
                .Select(i => Samples.MessageOf(ids, 0) with { ConversationId = BenchmarkIds.Conversation(1_000_000 + (i / 10)) })
                .ToList();
            await store.AddMessagesAsync(batch, cancellationToken);
            var records = batch.SelectMany(m => Samples.ToRead.Select(k => new StatusRecord(
                new(m.ConversationId, m.MessageId), k, new(m.CreatedAt, null, ++number), m.Channel, m.CreatedAt, m.CreatedAt, null)))
                .ToList();
            await statuses.RecordStatusesAsync(
                records,
                [.. records.Select(r => new StatusChange(
                    r.Key.ConversationId, r.Seq, r.Key.MessageId, (MessageStatus)r.Kind!, ChannelCatalog.WhatsApp, r.Fact.At, null,
                    DateTimeOffset.UtcNow))],
                cancellationToken);
        }
    }

    private static TimeSpan CpuTime() => Process.GetCurrentProcess().TotalProcessorTime;

    private static string Report(
        StatusBenchmarkOptions options, List<(string Name, List<Round> Worker, List<Round> Idle)> halves, List<Round> rows)
    {
        var text = new Markdown()
            .Line("# Status events per second on the embedded engines")
            .Line()
            .Line($"- Machine: {Machine.Describe()}. Producer, engines, worker, hub and the sockets' clients share it.")
            .Line(
                "- Command: `dotnet run -c Release --project Chat.LoadTest -p:FullFeed=false -- status "
                + $"--events {options.Events} --rounds {options.Rounds} --stored {options.Stored} --report …`")
            .Line(
                $"- A round: {options.Events:N0} events (SENT, DELIVERED, READ of {options.Events / 3:N0} messages in {Conversations} "
                + $"conversations), appended {AppendBatch} at a time with {AppendsInFlight} appends in flight, each acknowledged only once "
                + "on disk. *Status worker*: until the READ of every message has reached its socket. *Does nothing*: the same appends to a "
                + "topic whose consumer only reads and commits.")
            .Line(
                "- Median (least – greatest) of the rounds, which alternate. CPU is that of the process with producer, engines, worker and "
                + "hub; the sockets' clients are another process.")
            .Line()
            .Columns(
                "with", "status worker, events/s", "does nothing, events/s", "ratio", "CPU µs/event", "CPU µs/event, nothing",
                "frames/event");
        foreach (var (name, worker, idle) in halves)
        {
            text.Row(
                name,
                Summarize(worker, r => r.EventsPerSecond, "N0"),
                Summarize(idle, r => r.EventsPerSecond, "N0"),
                new Figures(worker.Zip(idle, (w, i) => w.EventsPerSecond / i.EventsPerSecond)).Show("F2"),
                Summarize(worker, r => r.CpuMicroseconds, "F1"),
                Summarize(idle, r => r.CpuMicroseconds, "F1"),
                Summarize(worker, r => r.FramesPerEvent, "F2"));
        }
        text.Line()
            .Line(
                $"The same rows by Microsoft.Data.Sqlite alone, {RowsBatch} events a transaction: "
                + $"{Summarize(rows, r => r.EventsPerSecond, "N0")} events/s, {Summarize(rows, r => r.CpuMicroseconds, "F1")} µs of CPU an "
                + "event.");
        return text.ToString();
    }

    private static string Summarize(List<Round> rounds, Func<Round, double> figure, string format) =>
        new Figures(rounds.Select(figure)).Show(format);

    /// <summary>The measure of the log alone: reads and commits.</summary>
    private sealed class IdleWorker
    {
        private TaskCompletionSource _done = new();
        private int _left;

        public Task Expect(int events)
        {
            _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _left, events);
            return _done.Task;
        }

        public async Task ProcessAsync(IPartitionConsumer partition, CancellationToken revoked)
        {
            while (true)
            {
                var events = await partition.ReadAsync(1000, revoked);
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
                if (Interlocked.Add(ref _left, -events.Count) == 0) _done.TrySetResult();
            }
        }
    }
}
