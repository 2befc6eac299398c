using System.Diagnostics;
using System.Runtime.InteropServices;
using Chat.Core.Channels;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>What happened after one process was killed.</summary>
/// <param name="KilledAt">Since the first post.</param>
/// <param name="WorstBehind">The most that the clients were behind a 202, while it was down and until it had caught up.</param>
/// <param name="CaughtUp">Since the kill; null where it did not within the deadline.</param>
/// <param name="Acknowledged">202s from the kill until it had caught up.</param>
/// <param name="AcknowledgedDown">202s while the process was down.</param>
internal sealed record FaultResult(
    string Name,
    TimeSpan KilledAt,
    TimeSpan WorstBehind,
    TimeSpan? CaughtUp,
    TimeSpan DownFor,
    long Acknowledged,
    long AcknowledgedDown,
    long Retries);

/// <summary>What one client showed in the end.</summary>
/// <param name="FactsShown">A status implies those below it.</param>
/// <param name="Frames">SENT, DELIVERED and READ that came as a frame of their own.</param>
/// <param name="Same">Messages that it shows as the store has them.</param>
internal sealed record ClientResult(
    string Name, int Connects, int Recovered, int Reloaded, long FactsShown, long Frames, long Same);

internal sealed record FaultsResult(
    TimeSpan Duration,
    TimeSpan Posting,
    TimeSpan NormallyBehind,
    TimeSpan CaughtUpBelow,
    IReadOnlyList<FaultResult> Faults,
    TimeSpan? Quiet,
    long Messages,
    long Retries,
    long Repeated,
    long Unanswered,
    long StoredMessages,
    long StoredFacts,
    long NeverAcknowledged,
    IReadOnlyList<ClientResult> Clients,
    string LoadAverage)
{
    public bool NothingMissing =>
        StoredMessages == Messages
        && StoredFacts == 3 * Messages
        && NeverAcknowledged <= Unanswered
        && Repeated == 0
        && Clients.All(c => c.Same == Messages && c.FactsShown == 3 * Messages);
}

/// <summary>
/// The services as processes on the three servers, under load, while one process after the other is killed and started again.
/// Counts what was acknowledged, what the store holds, and what each client shows.
/// </summary>
internal sealed class FaultsRun(FaultsOptions options, string folder)
{
    // Behind by less than this, or by no more than before the first fault, is caught up: a message is READ 1.2 s after its hand-over.
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly FaultIds _ids = FaultIds.Create(options.Conversations);
    private readonly Ledger _ledger = new(2 * options.Sockets);
    private long _started;
    private TimeSpan _caughtUp = AtMost;

    public static async Task<int> RunAsync(FaultsOptions options)
    {
        var folder = options.Logs is { } logs
            ? Directory.CreateDirectory(logs).FullName
            : Directory.CreateTempSubdirectory("chat-faults-").FullName;
        using var cancel = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        var result = await new FaultsRun(options, folder).RunAsync(cancel.Token);
        var report = FaultsReport.Write(options, result);
        Console.WriteLine(report);
        if (options.Report is { } file) await File.WriteAllTextAsync(file, report, cancel.Token);
        if (!result.NothingMissing) Say($"SOMETHING IS MISSING; the processes' output is in {folder}");
        else if (options.Logs is null) Directory.Delete(folder, recursive: true);
        return result.NothingMissing ? 0 : 1;

        // So that the processes of the run end with it.
        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancel.Cancel();
        }
    }

    private async Task<FaultsResult> RunAsync(CancellationToken cancellationToken)
    {
        using var servers = new Servers(options.Servers, folder);
        Say("starting the servers");
        await servers.StartAsync(cancellationToken);
        using var services = new Services(options.Servers, folder);
        Say("starting the services");
        var apis = new[] { services.Start("Chat.Api", "chat-api-1"), services.Start("Chat.Api", "chat-api-2") };
        var workers = new[]
        {
            services.Start("Chat.StatusWorker", "status-worker-1"), services.Start("Chat.StatusWorker", "status-worker-2"),
        };
        services.Start("Chat.RouterWorker", "router-worker");
        foreach (var channel in ChannelCatalog.Names)
        {
            services.Start("Chat.Connectors", $"connector-{channel}", ("Connectors__Run__0", channel));
        }
        await services.WaitAsync(cancellationToken);

        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromSeconds(20) };
        var token = Tokens.Mint(Services.JwtKey, _ids.Organization, _ids.User);
        var reader = new StoreReader(http, token);
        var watchers = Enumerable.Range(0, _ledger.Clients)
            .Select(i => new Watcher(i, apis[i % 2].Address, token, _ids.Conversations, _ledger))
            .ToArray();
        using var stopWatching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = watchers.Select(w => w.RunAsync(stopWatching.Token)).ToArray();
        await Task.WhenAll(watchers.Select(w => w.Subscribed)).WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);

        var poster = new Poster(http, [.. apis.Select(a => a.Address)], token, _ids, _ledger, options.Rate);
        using var stopPosting = new CancellationTokenSource();
        Say($"posting {options.Rate}/s");
        _started = Stopwatch.GetTimestamp();
        var posting = poster.RunAsync(stopPosting.Token, cancellationToken);
        await Task.Delay(options.Steady, cancellationToken); // everything runs for the first time
        var normally = await WorstBehindAsync(2 * options.Steady, cancellationToken);
        if (normally > _caughtUp) _caughtUp = normally;
        Say($"normally behind by up to {normally.TotalSeconds:F1} s, "
            + $"{_ledger.Acknowledged / Since(_started).TotalSeconds:F0} acknowledged/s");

        var faults = new List<FaultResult>();
        foreach (var (name, process) in (IEnumerable<(string, ChildProcess)>)
            [
                ("a StatusWorker", workers[0].Process), ("an API instance", apis[0].Process),
                ("Redis", servers.Redis), ("Kafka", servers.Kafka), ("Cassandra", servers.Cassandra),
            ])
        {
            faults.Add(await FaultAsync(name, process, poster, cancellationToken));
            await WorstBehindAsync(options.Steady, cancellationToken);
        }

        await stopPosting.CancelAsync();
        var stopped = Stopwatch.GetTimestamp();
        var postingTime = Since(_started);
        await Task.WhenAny(posting, Task.Delay(options.CatchUp, cancellationToken));
        Say($"{poster.Waiting} posts are without an answer");
        var (_, isQuiet) = await UntilBehindAsync(TimeSpan.Zero, options.CatchUp, cancellationToken);
        TimeSpan? quiet = isQuiet ? Since(stopped) : null;
        Say($"quiet after {quiet?.TotalSeconds:F1} s; counting");
        var stored = await ReadStoreAsync(reader, apis[1].Address, cancellationToken);
        await stopWatching.CancelAsync();
        await Task.WhenAll(watching);
        return Count(stored, watchers, poster, faults, postingTime, normally, quiet);
    }

    private async Task<FaultResult> FaultAsync(string name, ChildProcess process, Poster poster, CancellationToken cancellationToken)
    {
        var (killed, before, retries) = (Stopwatch.GetTimestamp(), _ledger.Acknowledged, poster.Retries);
        var killedAt = Since(_started);
        await process.KillAsync();
        Say($"killed {name} at {killedAt.TotalSeconds:F0} s");
        var worst = await WorstBehindAsync(options.Down, cancellationToken);
        var acknowledgedDown = _ledger.Acknowledged - before;
        process.Start();
        var downFor = Since(killed);
        var (after, isCaughtUp) = await UntilBehindAsync(_caughtUp, options.CatchUp, cancellationToken);
        var result = new FaultResult(
            name,
            killedAt,
            after > worst ? after : worst,
            isCaughtUp ? Since(killed) : null,
            downFor,
            _ledger.Acknowledged - before,
            acknowledgedDown,
            poster.Retries - retries);
        Say(result.ToString());
        return result;
    }

    private async Task<TimeSpan> WorstBehindAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var worst = TimeSpan.Zero;
        while (Since(started) < time)
        {
            var behind = _ledger.Behind();
            if (behind > worst) worst = behind;
            await Task.Delay(Look, cancellationToken);
        }
        return worst;
    }

    /// <summary>
    /// How far the clients were behind at most until they were within the limit for a second, with posts being answered; and whether
    /// they came within it.
    /// </summary>
    private async Task<(TimeSpan Worst, bool Reached)> UntilBehindAsync(
        TimeSpan limit, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (worst, good, seen) = (TimeSpan.Zero, 0, _ledger.Acknowledged);
        while (Since(started) < timeout)
        {
            var behind = _ledger.Behind();
            if (behind > worst) worst = behind;
            // No client is behind where nothing is acknowledged.
            var flows = limit == TimeSpan.Zero || _ledger.Acknowledged > seen;
            seen = _ledger.Acknowledged;
            good = behind <= limit && flows ? good + 1 : 0;
            if (good == 5) return (worst, true);
            await Task.Delay(Look, cancellationToken);
        }
        return (worst, false);
    }

    private async Task<Dictionary<Guid, StoredMessage>> ReadStoreAsync(StoreReader reader, Uri api, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<Guid, StoredMessage>();
        foreach (var conversation in _ids.Conversations)
        {
            var page = await reader.ReadAsync(api, conversation, cancellationToken) ?? throw new OperationCanceledException();
            foreach (var message in page.Items) stored.Add(message.Id, message);
        }
        return stored;
    }

    private FaultsResult Count(
        Dictionary<Guid, StoredMessage> stored,
        Watcher[] watchers,
        Poster poster,
        List<FaultResult> faults,
        TimeSpan posting,
        TimeSpan normally,
        TimeSpan? quiet)
    {
        var acknowledged = _ledger.Messages.ToDictionary(m => m.Id);
        var kept = stored.Values.Where(m => acknowledged.ContainsKey(m.Id)).ToList();
        var clients = watchers.Select(w => new ClientResult(
            $"client {w.Number + 1}, API instance {(w.Number % 2) + 1}",
            w.Connects,
            w.Recovered,
            w.Reloaded,
            acknowledged.Values.Sum(m => (long)Rank.Facts(m.Shown(w.Number))),
            acknowledged.Values.Sum(m => (long)m.Frames(w.Number)),
            acknowledged.Values.LongCount(m => stored.TryGetValue(m.Id, out var s) && s.Rank == m.Shown(w.Number)))).ToList();
        return new(
            Since(_started), posting, normally, _caughtUp, faults, quiet, acknowledged.Count, poster.Retries, poster.Repeated,
            poster.Waiting,
            kept.Count, kept.Sum(m => (long)m.Facts), stored.Count - kept.Count, clients, LoadAverage.OfFiveMinutes());
    }

    private static TimeSpan Since(long timestamp) => Stopwatch.GetElapsedTime(timestamp);

    private static void Say(string text) => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {text}");
}
