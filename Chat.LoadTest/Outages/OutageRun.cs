using System.Collections.Concurrent;
using System.Diagnostics;
using Chat.Client;
using Chat.Client.Protocol;
using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.InProcess;
using HdrHistogram;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.LoadTest.Outages;

/// <summary>
/// Many sockets under load while Redis is killed and started again, over and over: counts what any of them misses in the end, and
/// how long after Redis is back each delayed status reached each socket.
/// </summary>
internal static class OutageRun
{
    private const string Key = "a-key-of-the-benchmark-and-of-nothing-else";
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly MessageStatus?[] Statuses = [MessageStatus.Sent, MessageStatus.Delivered, MessageStatus.Read];

    private sealed record Outage(long KilledAt, long BackAt)
    {
        /// <summary>Whether it may have delayed a status: one that was under way at the kill, or came while Redis was down.</summary>
        public bool Delays(long acknowledged, long shown) =>
            acknowledged >= KilledAt - Stopwatch.Frequency && acknowledged <= BackAt && shown >= KilledAt;
    }

    private sealed class Tally
    {
        private const long Longest = 3_600_000_000;

        // Microseconds.
        public LongHistogram Ordinary { get; } = new(Longest, 3);

        public LongHistogram AfterOutage { get; } = new(Longest, 3);

        public Lock Gate { get; } = new();

        public long Frames;
        public long Backwards;
        public long Closed;
    }

    public static Task<int> RunAsync(OutageOptions options, CancellationToken cancelled) => LoadTest.Report.RunAsync(
        options.Report, (folder, cancellationToken) => RunAsync(options, folder, cancellationToken), cancelled);

    private static async Task<(string Report, bool Good)> RunAsync(
        OutageOptions options, string folder, CancellationToken cancellationToken)
    {
        using var redis = new ChildProcess("redis", options.RedisRun, null, folder);
        await Servers.EnsureFreeAsync([options.Redis], cancellationToken);
        redis.Start();
        await Servers.WaitAsync(redis, options.Redis, StartTimeout, cancellationToken);
        var (app, address) = ChatHost.Build(
            folder, Key, ("ConnectionStrings:redis", $"{options.Redis},abortConnect=false"), ("Hub:MaxQueuedBytes", "2097152"));
        await using var ended = app;
        await app.StartAsync(cancellationToken);
        var conversations = app.Services.GetRequiredService<IConversationStore>();
        var store = app.Services.GetRequiredService<IMessageStore>();
        var log = app.Services.GetRequiredService<IEventLog>();
        for (var i = 0; i < options.Conversations; i++)
            await conversations.ClaimConversationAsync(BenchmarkIds.ConversationOwner(i), cancellationToken);

        using var meter = new HubMeter();
        var tally = new Tally();
        var messages = new ConcurrentDictionary<Guid, WatchedMessage>();
        var outages = new List<Outage>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sockets = await ConnectAsync(options, address, messages, outages, tally, stop.Token);
        Console.Error.WriteLine($"{sockets.Count} sockets are subscribed");

        var started = Stopwatch.GetTimestamp();
        using var posting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        posting.CancelAfter(options.For);
        var load = PostAsync(log, store, options, messages, posting.Token);
        try
        {
            await KillAsync();
        }
        finally
        {
            await posting.CancelAsync();
            await load;
        }
        cancellationToken.ThrowIfCancellationRequested();
        var posted = Stopwatch.GetElapsedTime(started);
        var waited = Stopwatch.GetTimestamp();
        while (Missing(messages) > 0 && Stopwatch.GetElapsedTime(waited) < CatchUp) await Task.Delay(100, cancellationToken);
        var missing = Missing(messages);
        var caughtUp = Stopwatch.GetElapsedTime(waited);
        await stop.CancelAsync();
        foreach (var socket in sockets) socket.Dispose();
        await app.StopAsync(cancellationToken);
        return (
            Report(options, messages.Count, outages.Count, posted, caughtUp, missing, tally, meter),
            missing == 0 && tally.Backwards == 0 && tally.Closed == 0);

        async Task KillAsync()
        {
            while (!posting.IsCancellationRequested)
            {
                await PauseAsync(options.Every - options.Down, posting.Token);
                if (posting.IsCancellationRequested) break;
                if (redis.HasExited) throw new InvalidOperationException($"Redis ended by itself: {redis.LastLine()}");
                var killed = Stopwatch.GetTimestamp();
                await redis.KillAsync();
                await Task.Delay(options.Down, cancellationToken);
                redis.Start();
                await Servers.WaitAsync(redis, options.Redis, StartTimeout, cancellationToken);
                lock (outages) outages.Add(new(killed, Stopwatch.GetTimestamp()));
                Console.Error.WriteLine(
                    $"outage {outages.Count} over; {messages.Count} messages, {tally.Frames} frames, {Missing(messages)} reads to come");
            }
        }
    }

    private static async Task<List<MeasuredSocket>> ConnectAsync(
        OutageOptions options, Uri address, ConcurrentDictionary<Guid, WatchedMessage> messages, List<Outage> outages, Tally tally,
        CancellationToken stop)
    {
        var token = Tokens.Mint(Key, BenchmarkIds.Organization, BenchmarkIds.User);
        var sockets = new List<MeasuredSocket>();
        for (var i = 0; i < options.Sockets; i++)
        {
            var index = i / options.Conversations;
            var socket = new MeasuredSocket(address, token);
            sockets.Add(socket);
            await socket.ConnectAsync(stop);
            var subscribed = new TaskCompletionSource();
            long last = 0;
            var reading = socket.ReadAsync(
                (frame, _) =>
                {
                    var now = Stopwatch.GetTimestamp();
                    if (frame.Type == ServerFrameType.Subscribed) subscribed.TrySetResult();
                    if (frame.Type != ServerFrameType.MessageStatus) return true;
                    Interlocked.Increment(ref tally.Frames);
                    var seq = frame.Seq!.Value;
                    if (seq <= last) Interlocked.Increment(ref tally.Backwards);
                    last = seq;
                    Take(messages[frame.MessageId!.Value], index, Array.IndexOf(Statuses, frame.Status), now, outages, tally);
                    return true;
                },
                stop);
            _ = CountCloseAsync(reading, tally, stop);
            socket.Subscribe(BenchmarkIds.Conversation(i % options.Conversations), null);
            await subscribed.Task.WaitAsync(StartTimeout, stop);
        }
        return sockets;
    }

    /// <summary>Whatever ends a socket before the end of all, a fault in what takes its frames too.</summary>
    private static async Task CountCloseAsync(Task<string?> reading, Tally tally, CancellationToken stop)
    {
        await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stop.IsCancellationRequested) return;
        Console.Error.WriteLine(
            $"a socket ended: {(reading.IsCompletedSuccessfully ? reading.Result : reading.Exception?.InnerException)}");
        Interlocked.Increment(ref tally.Closed);
    }

    private static void Take(WatchedMessage message, int socket, int step, long now, List<Outage> outages, Tally tally)
    {
        for (var s = message.Show(socket, step); s <= step; s++)
        {
            // What reached the socket before the log's answer was noted took no time.
            var acknowledged = message.AcknowledgedAt(s) is var at && at == 0 ? now : at;
            Outage? during;
            lock (outages) during = outages.FirstOrDefault(o => o.Delays(acknowledged, now));
            var from = during is null ? acknowledged : Math.Max(acknowledged, during.BackAt);
            var microseconds = Math.Max(1, (now - from) * 1_000_000 / Stopwatch.Frequency);
            lock (tally.Gate) (during is null || now < during.BackAt ? tally.Ordinary : tally.AfterOutage).RecordValue(microseconds);
        }
    }

    /// <summary>Posts until it is cancelled; a message's three statuses follow each other as fast as the log takes them.</summary>
    private static async Task PostAsync(
        IEventLog log,
        IMessageStore store,
        OutageOptions options,
        ConcurrentDictionary<Guid, WatchedMessage> messages,
        CancellationToken end)
    {
        var ids = new IdSource(TimeProvider.System);
        var started = Stopwatch.GetTimestamp();
        var count = 0;
        while (!end.IsCancellationRequested)
        {
            var due = (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * options.Rate);
            var batch = new List<WatchedMessage>();
            for (; count < due; count++) batch.Add(new(Samples.MessageOf(ids, count % options.Conversations)));
            if (batch.Count > 0)
            {
                await store.AddMessagesAsync([.. batch.Select(m => m.Message)], default);
                foreach (var message in batch) messages[message.Message.MessageId] = message;
                foreach (var kind in Samples.ToRead)
                {
                    await log.AppendAsync([.. batch.Select(m => Samples.EventOf(Topics.Status, m.Message, kind))], default);
                    var now = Stopwatch.GetTimestamp();
                    foreach (var message in batch) message.Acknowledge(now);
                }
            }
            await PauseAsync(TimeSpan.FromMilliseconds(50), end);
        }
    }

    private static long Missing(ConcurrentDictionary<Guid, WatchedMessage> messages) =>
        messages.Values.Sum(m => (long)m.MissingReads());

    private static async Task PauseAsync(TimeSpan pause, CancellationToken end)
    {
        try
        {
            await Task.Delay(pause, end);
        }
        catch (OperationCanceledException)
        {
            // Its time is up; the caller checks.
        }
    }

    private static string Report(
        OutageOptions options, int messages, int outages, TimeSpan posted, TimeSpan caughtUp, long missing, Tally tally, HubMeter meter)
    {
        var repairs = meter.Repairs().ToArray();
        var repairTimes = new Figures(repairs.Select(seconds => seconds * 1000));
        var text = new Markdown()
            .Line("# Redis killed under load")
            .Line()
            .Line(
                $"- Machine: {Machine.Describe()}. Redis is a process of its own; API, hub, status worker, embedded log and store, and the "
                + "sockets' clients share one.")
            .Line(
                "- Command: `dotnet run -c Release --project Chat.LoadTest -p:FullFeed=false -- outages --redis-run '…' "
                + $"--sockets {options.Sockets} --rate {options.Rate} --every {options.Every.TotalSeconds} "
                + $"--down {options.Down.TotalSeconds} "
                + $"--for {options.For.TotalSeconds} --report …`")
            .Line(
                $"- {options.Sockets:N0} sockets, {OutageOptions.SocketsPerConversation} on each of {options.Conversations:N0} "
                + $"conversations; {messages / posted.TotalSeconds:F0} messages/s with three statuses each for {posted.TotalSeconds:F0} s; "
                + $"Redis killed by `kill -9` {outages} times, every {options.Every.TotalSeconds} s for {options.Down.TotalSeconds} s.")
            .Line()
            .Columns("what", "figure")
            .Row("messages × sockets that should show READ", $"{(long)messages * OutageOptions.SocketsPerConversation:N0}")
            .Row($"**missing**, {caughtUp.TotalSeconds:F1} s after the last post", $"**{missing:N0}**")
            .Row("frames received; out of order; sockets closed", $"{tally.Frames:N0}; {tally.Backwards:N0}; {tally.Closed:N0}")
            .Row("log's answer to socket, ordinary: p50, p99, most", Milliseconds(tally.Ordinary))
            .Row(
                "of an outage's statuses, from Redis accepting connections again to the socket: p50, p99, most",
                Milliseconds(tally.AfterOutage))
            .Row(
                "repairs by the hub, and each one's time (`chat.hub.repair.duration`): p50, p99, most",
                $"{repairs.Length:N0}: {repairTimes.At(0.5):F1}, {repairTimes.At(0.99):F1}, {repairTimes.At(1):F1} ms");
        foreach (var (name, count) in meter.Counts())
        {
            if (name.Contains("repairs", StringComparison.Ordinal) || name.Contains("store.reads", StringComparison.Ordinal))
                text.Row($"`{name}`", $"{count:N0}");
        }
        return text.ToString();
    }

    private static string Milliseconds(LongHistogram histogram)
    {
        if (histogram.TotalCount == 0) return "none";
        var (median, high) = (histogram.GetValueAtPercentile(50) / 1000.0, histogram.GetValueAtPercentile(99) / 1000.0);
        return $"{median:F1}, {high:F1}, {histogram.GetMaxValue() / 1000.0:F1} ms of {histogram.TotalCount:N0}";
    }
}
