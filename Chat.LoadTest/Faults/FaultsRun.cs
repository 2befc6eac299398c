using System.Diagnostics;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>What happened after one process was killed.</summary>
/// <param name="KilledAt">Since the first post.</param>
/// <param name="WorstBehind">The most that the clients were behind a 202, while it was down and until it had caught up.</param>
/// <param name="CaughtUp">Since the kill; null where it did not within the deadline.</param>
/// <param name="Acknowledged">202s from the kill until it had caught up.</param>
/// <param name="AcknowledgedDown">202s while the process was down.</param>
/// <param name="FactsDown">
/// Facts in the store when the process was started again, of messages that were posted while it was down; null where not counted.
/// </param>
internal sealed record FaultResult(
    string Name,
    TimeSpan KilledAt,
    TimeSpan WorstBehind,
    TimeSpan? CaughtUp,
    TimeSpan DownFor,
    long Acknowledged,
    long AcknowledgedDown,
    long? FactsDown,
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
    long Failed,
    long Unanswered,
    long StoredMessages,
    long StoredFacts,
    long NeverAcknowledged,
    IReadOnlyList<ClientResult> Clients)
{
    public bool NothingMissing =>
        Messages > 0
        && Failed == 0
        && StoredMessages == Messages
        && StoredFacts == 3 * Messages
        && NeverAcknowledged <= Unanswered
        && Repeated == 0
        && Clients.All(c => c.Same == Messages && c.FactsShown == 3 * Messages);
}

/// <summary>
/// A fleet under load, while one process after the other is killed and started again, or paused. Counts what was acknowledged, what
/// the store holds, and what each client shows.
/// </summary>
internal sealed class FaultsRun(FaultsOptions options, FaultScenario scenario, RunIds ids, string token, string folder)
{
    // Behind by less than this, or by no more than before the first fault, is caught up: a message is READ 1.2 s after its hand-over.
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly Ledger _ledger = new(2 * options.Sockets);
    private long _started;
    private TimeSpan _caughtUp = AtMost;

    /// <summary>The report, and whether nothing is missing.</summary>
    public async Task<(Markdown Report, bool Good)> RunAsync(CancellationToken cancellationToken)
    {
        using var fleet = await Fleet.StartAsync(options.Servers, folder, FleetPlan.TwoOfMost, cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var result = await RunAsync(fleet, end.Token);
            return (FaultsReport.Write(options, scenario, result), result.NothingMissing);
        }
        finally
        {
            await end.CancelAsync(); // posts that are tried again, before what they are sent with is gone
        }
    }

    private async Task<FaultsResult> RunAsync(Fleet fleet, CancellationToken cancellationToken)
    {
        var (apis, http) = (fleet.Apis, fleet.Http);
        var reader = new StoreReader(http, token);
        var watchers = Enumerable.Range(0, _ledger.Clients)
            .Select(i => new Watcher(i, apis[i % 2].Address, token, ids.Conversations, _ledger))
            .ToArray();
        using var stopWatching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = watchers.Select(w => w.RunAsync(stopWatching.Token)).ToArray();
        await Task.WhenAll(watchers.Select(w => w.Subscribed)).WaitAsync(TimeSpan.FromMinutes(5), cancellationToken);

        var poster = new Poster(http, [.. apis.Select(a => a.Address)], token, ids, _ledger, options.Rate);
        using var stopPosting = new CancellationTokenSource();
        Progress.Say($"posting {options.Rate}/s");
        _started = Stopwatch.GetTimestamp();
        var posting = poster.RunAsync(stopPosting.Token, cancellationToken);
        // As a browser sends its token: in the address, which servers and frameworks like to log.
        (await http.GetAsync(new Uri(apis[0].Address, $"/ws/status?access_token={token}"), cancellationToken)).Dispose();
        await Task.Delay(options.Steady, cancellationToken); // everything runs for the first time
        var normally = await WorstBehindAsync(2 * options.Steady, cancellationToken);
        if (poster.Failed > 0 && _ledger.Acknowledged == 0)
            throw new InvalidOperationException("Posts that are as they should be are refused: no fault would show anything.");
        if (normally > _caughtUp) _caughtUp = normally;
        Progress.Say($"normally behind by up to {normally.TotalSeconds:F1} s, "
            + $"{_ledger.Acknowledged / Since(_started).TotalSeconds:F0} acknowledged/s");

        var faults = new List<FaultResult>();
        foreach (var fault in scenario.Faults(fleet, options.Down))
        {
            faults.Add(await FaultAsync(fleet, fault, poster, reader, cancellationToken));
            await WorstBehindAsync(options.Steady, cancellationToken);
            await fleet.Servers.WaitForCopiesAsync(cancellationToken);
        }

        await stopPosting.CancelAsync();
        var stopped = Stopwatch.GetTimestamp();
        var postingTime = Since(_started);
        await Task.WhenAny(posting, Task.Delay(options.CatchUp, cancellationToken));
        Progress.Say($"{poster.Waiting} posts are without an answer");
        var (_, isQuiet) = await UntilBehindAsync(TimeSpan.Zero, options.CatchUp, cancellationToken);
        TimeSpan? quiet = isQuiet ? Since(stopped) : null;
        Progress.Say($"quiet after {quiet?.TotalSeconds:F1} s; counting");
        var stored = await reader.ReadAllAsync(apis[1].Address, ids.Conversations, cancellationToken);
        await stopWatching.CancelAsync();
        await Task.WhenAll(watching);
        return Count(stored, watchers, poster, faults, postingTime, normally, quiet);
    }

    private async Task<FaultResult> FaultAsync(
        Fleet fleet, Fault fault, Poster poster, StoreReader reader, CancellationToken cancellationToken)
    {
        var (began, before, retries) = (Stopwatch.GetTimestamp(), _ledger.Acknowledged, poster.Retries);
        var beganAt = Since(_started);
        await fault.BeginAsync();
        Progress.Say($"{fault.Name} at {beganAt.TotalSeconds:F0} s");
        var worst = await WorstBehindAsync(fault.Down, cancellationToken);
        var acknowledgedDown = _ledger.Acknowledged - before;
        long? factsWritten = null;
        if (fault.CountsStored)
        {
            var stored = await reader.ReadAllAsync(fleet.Apis[1].Address, ids.Conversations, cancellationToken);
            factsWritten = _ledger.Messages.Where(m => m.AcknowledgedAt > began && stored.ContainsKey(m.Id)).Sum(m => stored[m.Id].Facts);
        }
        await fault.EndAsync();
        var downFor = Since(began);
        if (fleet.Servers.All.Contains(fault.Process)) await fleet.Servers.WaitAsync(fault.Process, cancellationToken);
        var (after, isCaughtUp) = await UntilBehindAsync(_caughtUp, options.CatchUp, cancellationToken);
        var result = new FaultResult(
            fault.Name,
            beganAt,
            after > worst ? after : worst,
            isCaughtUp ? Since(began) : null,
            downFor,
            _ledger.Acknowledged - before,
            acknowledgedDown,
            factsWritten,
            poster.Retries - retries);
        Progress.Say(result.ToString());
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
            poster.Failed, poster.Waiting,
            kept.Count, kept.Sum(m => (long)m.Facts), stored.Count - kept.Count, clients);
    }

    private static TimeSpan Since(long timestamp) => Stopwatch.GetElapsedTime(timestamp);
}
