using System.Diagnostics;
using Chat.CommandLine;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Deployment;

/// <summary>One run on a deployment: sockets, a warm-up, the measured posts, a time to settle, and the report.</summary>
internal sealed class LoadRun(RunOptions options, RunProgress progress)
{
    private const int HttpConnections = 256;
    private static readonly TimeSpan PostTimeout = TimeSpan.FromSeconds(30);

    private readonly WatchPlan _plan = new(options.Connections, options.Conversations);
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private string _phase = "";
    private long _phaseAt;
    private TimeSpan _phaseTime;

    /// <param name="cancellationToken">Ends the posts early: the report is of those that were begun.</param>
    /// <returns>The exit code: 1 where a limit was missed, 2 where it could not be run.</returns>
    public static async Task<int> RunAsync(
        RunOptions options, TextWriter output, RunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var result = await new LoadRun(options, progress).RunAsync(Access.From(options), cancellationToken);
            await output.WriteLineAsync(RunReport.Markdown(result));
            if (options.Output is { } folder)
            {
                await RunReport.WriteAsync(folder, result, CancellationToken.None);
                await output.WriteLineAsync($"Written to {Path.GetFullPath(folder)}: report.html, report.md, report.json, latency.png");
            }
            return result.IsGood ? 0 : 1;
        }
        catch (SetupException exception)
        {
            progress.Say(exception.Message);
            return CommandLineProgram.WrongUsage;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            progress.Say("Interrupted before anything was posted: there is nothing to report.");
            return CommandLineProgram.WrongUsage;
        }
    }

    private async Task<RunResult> RunAsync(Access access, CancellationToken cancellationToken)
    {
        var api = new UriBuilder(options.Url) { Path = options.Url.AbsolutePath.TrimEnd('/') + "/", Query = "", Fragment = "" }.Uri;
        await Preflight.CheckAsync(options, api, access, cancellationToken);
        var floor = await MeasureFloorAsync(cancellationToken);

        using var watch = options.Process is { } id ? ProcessWatch.Open(id) : null;
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = HttpConnections, AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { Timeout = PostTimeout };
        var ids = RunIds.Create(options.Conversations) with { Organization = access.Organization, User = access.User };
        var ledger = new TickLedger(_plan);
        var poster = new OpenLoopPoster(http, api, access, ids, ledger);
        var churn = new ConnectionChurn();
        using var connections = churn.CreateHandler();
        using var invoker = new HttpMessageInvoker(connections);
        var setup = new WatchSetup(api, access, http, invoker, ids.Conversations, _plan, ledger);
        await using var sockets = new SocketGroup(options.Connections, setup);
        var slow = new SlowReaders(setup, options.SlowReaders);

        await DoAsync("connecting", options.Ramp, sockets.ConnectAsync(options.Ramp, options.Token is not null, cancellationToken));
        var isWhole = options.WarmUp == TimeSpan.Zero || await PostAsync("warming up", options.WarmUp, isMeasured: false);
        using var measuring = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        (string Option, Task Work)[] beside =
        [
            ("--churn", churn.RunAsync(options.Churn, measuring.Token)),
            ("--slow-readers", slow.RunAsync(measuring.Token)),
            ("--process", watch?.RunAsync(measuring.Token) ?? Task.CompletedTask),
        ];
        var (cpu, begun) = (CpuTime(), Stopwatch.GetTimestamp());
        isWhole = isWhole && await PostAsync("measuring", options.Duration, isMeasured: true);
        var measured = Stopwatch.GetElapsedTime(begun);
        var cores = measured > TimeSpan.Zero ? (CpuTime() - cpu) / measured : 0;
        await measuring.CancelAsync();
        await Task.WhenAll(beside.Select(b => b.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var settling = Stopwatch.GetTimestamp();
        await DoAsync("settling", options.Settle, SettleAsync(poster, ledger));
        var caughtUp = Stopwatch.GetElapsedTime(settling);
        var socketCounts = new SocketCounts(
            options.Connections, sockets.Reconnects, sockets.LastError, churn.Cut, options.SlowReaders, slow.Closed, slow.Lost);
        return Evaluate(ids.Conversations, ledger, poster, sockets, socketCounts, floor, caughtUp, cores, watch?.Figures) with
        {
            InterruptedAfterSeconds = isWhole ? null : measured.TotalSeconds,
            // What it was measured beside is not what was asked for, but what was measured stands.
            FailedBeside =
            [
                .. beside.Where(b => b.Work.IsFaulted).Select(b => $"{b.Option}: {b.Work.Exception!.GetBaseException().Message}"),
            ],
        };

        // Whether it was done to its end.
        async Task<bool> PostAsync(string phase, TimeSpan time, bool isMeasured)
        {
            try
            {
                await DoAsync(phase, time, poster.RunAsync(options.Rate, time, isMeasured, cancellationToken));
                return true;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                progress.Say("Interrupted: nothing more is posted; the report follows once what was posted is shown.");
                return false;
            }
        }

        Task DoAsync(string phase, TimeSpan time, Task work)
        {
            (_phase, _phaseAt, _phaseTime) = (phase, Stopwatch.GetTimestamp(), time);
            return progress.ShowAsync(() => StateOf(sockets, poster, ledger), work);
        }
    }

    /// <summary>Driven by as many messages a second as the run has, posts and ticks together.</summary>
    private async Task<Floor?> MeasureFloorAsync(CancellationToken cancellationToken)
    {
        if (options.Floor == TimeSpan.Zero) return null;
        var rate = options.Rate * (1 + (TickedMessage.Ticks.Count * _plan.SocketsPerConversation));
        progress.Say($"measuring what this machine does by itself: an echo of {rate:0.#} messages/s");
        try
        {
            return await EchoFloor.MeasureAsync(options.Connections, rate, options.Floor, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new SetupException(
                $"--rate: this machine alone does not keep up with an echo of {rate:0.#} messages/s, posts and ticks together. "
                + "Give a lower --rate or fewer --connections, or --floor 0s to try all the same.",
                exception);
        }
    }

    private async Task SettleAsync(OpenLoopPoster poster, TickLedger ledger)
    {
        try
        {
            await Until.TrueAsync(
                () => Task.FromResult(poster.Waiting == 0 && ledger.IsComplete()), "all is shown", options.Settle, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // What is missing is counted, and named.
        }
    }

    private RunState StateOf(SocketGroup sockets, OpenLoopPoster poster, TickLedger ledger)
    {
        var shown = ledger.Shown;
        return new(
            _phase,
            _phaseTime == TimeSpan.Zero ? 1 : Math.Min(1, Stopwatch.GetElapsedTime(_phaseAt) / _phaseTime),
            sockets.Ready,
            poster.Begun,
            ledger.Acknowledged,
            poster.Refused.Sum(r => r.Count),
            ledger.Expected,
            shown);
    }

    private RunResult Evaluate(
        IReadOnlyList<Guid> conversations,
        TickLedger ledger,
        OpenLoopPoster poster,
        SocketGroup sockets,
        SocketCounts socketCounts,
        Floor? floor,
        TimeSpan caughtUp,
        double cores,
        ProcessFigures? process)
    {
        var messages = ledger.Messages.ToList();
        var posts = new PostCounts(
            poster.Begun, messages.Count, messages.LongCount(m => m.IsMeasured), poster.Waiting, ledger.NeverAcknowledged, poster.Refused);
        var ticks = RunEvaluation.CountTicks(messages, conversations, _plan);
        var series = RunEvaluation.Series(messages, sockets.Watchers);
        return new(
            _startedAt,
            options.CommandLine,
            Machine.Describe(),
            posts,
            ticks,
            caughtUp.TotalSeconds,
            series,
            socketCounts,
            floor,
            new(poster.Late, cores),
            process,
            RunEvaluation.Judge(options, posts, ticks, series, process));
    }

    private static TimeSpan CpuTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
