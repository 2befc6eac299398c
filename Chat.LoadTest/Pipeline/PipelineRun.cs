using System.Diagnostics;
using System.Text.Json;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;

namespace Chat.LoadTest.Pipeline;

/// <summary>
/// The services on real servers, one of each, under one rate after the other: how long a post takes, how long until its first status is
/// on the socket, and what each process uses for a message.
/// </summary>
internal sealed class PipelineRun(PipelineOptions options, string folder)
{
    private const double HighestWarmUp = 400;
    private const int Client = 0;
    private static readonly TimeSpan SubscribeTimeout = TimeSpan.FromMinutes(5);
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly RunIds _ids = RunIds.Create(options.Conversations);
    private readonly Ledger _ledger = new(1);

    public static Task<int> RunAsync(PipelineOptions options) => ProcessRun.RunAsync(
        options.Logs,
        options.Report,
        "SOMETHING IS MISSING",
        async (folder, cancellationToken) =>
        {
            var steps = await new PipelineRun(options, folder).RunAsync(cancellationToken);
            if (options.Json is { } file)
                await File.WriteAllTextAsync(file, JsonSerializer.Serialize(steps, Indented), cancellationToken);
            return (PipelineReport.Write(options, steps), steps.All(s => s.Missing == 0));
        });

    private async Task<IReadOnlyList<PipelineStep>> RunAsync(CancellationToken cancellationToken)
    {
        var plan = FleetPlan.OneOfEach with { Settings = [.. options.Settings.Select(Split)] };
        using var fleet = await Fleet.StartAsync(options.Servers, folder, plan, cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = Tokens.Mint(Services.JwtKey, _ids.Organization, _ids.User);
        var watcher = new Watcher(Client, fleet.Apis[0].Address, token, _ids.Conversations, _ledger);
        var watching = watcher.RunAsync(end.Token);
        try
        {
            await watcher.Subscribed.WaitAsync(SubscribeTimeout, cancellationToken);
            return await MeasureAsync(fleet, token, end.Token);
        }
        finally
        {
            await end.CancelAsync(); // posts that are tried again, before what they are sent with is gone
            await watching;
        }
    }

    private async Task<IReadOnlyList<PipelineStep>> MeasureAsync(Fleet fleet, string token, CancellationToken cancellationToken)
    {
        var warmUp = Math.Min(options.Rates.Max(), HighestWarmUp);
        Progress.Say($"warming up at {warmUp}/s");
        await PostAsync(fleet, token, warmUp, () => Task.Delay(options.WarmUp, cancellationToken), cancellationToken);
        var steps = new List<PipelineStep>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var rate in options.Rates)
            {
                var step = await StepAsync(fleet, token, rate, round, cancellationToken);
                Progress.Say(JsonSerializer.Serialize(step));
                steps.Add(step);
            }
        }
        return steps;
    }

    private async Task<PipelineStep> StepAsync(Fleet fleet, string token, double rate, int round, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        Usage? before = null, after = null;
        var poster = await PostAsync(
            fleet,
            token,
            rate,
            async () =>
            {
                await Task.Delay(options.Settle, cancellationToken);
                before = await Usage.ReadAsync(fleet, options.Servers, cancellationToken);
                await Task.Delay(options.Seconds, cancellationToken);
                after = await Usage.ReadAsync(fleet, options.Servers, cancellationToken);
            },
            cancellationToken);
        return Evaluate(rate, round, started, before!, after!, poster);
    }

    /// <summary>Posts while something else goes on, and waits until what was posted is shown.</summary>
    private async Task<Poster> PostAsync(
        Fleet fleet, string token, double rate, Func<Task> meanwhile, CancellationToken cancellationToken)
    {
        // A run of its own: its numbers, and with them its keys, begin at 0.
        var ids = _ids with { Run = Guid.NewGuid() };
        var poster = new Poster(fleet.Http, [fleet.Apis[0].Address], token, ids, _ledger, rate, keys: options.Keys);
        using var stop = new CancellationTokenSource();
        var posting = poster.RunAsync(stop.Token, cancellationToken);
        await meanwhile();
        await stop.CancelAsync();
        try
        {
            await Until.TrueAsync(
                () => Task.FromResult(posting.IsCompleted && _ledger.Behind() == TimeSpan.Zero),
                "everything is shown as READ",
                options.CatchUp,
                cancellationToken);
        }
        catch (TimeoutException exception)
        {
            Progress.Say(exception.Message); // and counts as missing
        }
        return poster;
    }

    private PipelineStep Evaluate(double rate, int round, long started, Usage before, Usage after, Poster poster)
    {
        var seconds = Stopwatch.GetElapsedTime(before.At, after.At).TotalSeconds;
        var all = _ledger.Messages.Where(m => m.PostedAt >= started).ToList();
        var measured = all.Where(m => IsMeasured(m.PostedAt)).ToList();
        var read = _ledger.Messages.Count(m => IsMeasured(m.ReadAt(Client)));
        return new(
            rate,
            round,
            measured.Count,
            read / seconds,
            Percentiles.Of(measured.Select(m => Milliseconds(m.PostedAt, m.AcknowledgedAt))),
            Percentiles.Of(measured.Where(m => m.FirstShownAt(Client) > 0).Select(m => Milliseconds(m.PostedAt, m.FirstShownAt(Client)))),
            after.Cpu.ToDictionary(p => p.Key, p => (p.Value - before.Cpu[p.Key]) * 1000 / read),
            (double?)(after.Requests - before.Requests) / read,
            poster.Retries,
            poster.Waiting + all.LongCount(m => !m.IsReadByAll()));

        bool IsMeasured(long at) => at >= before.At && at < after.At;
    }

    private static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    private static (string Variable, string Value) Split(string setting)
    {
        var sign = setting.IndexOf('=', StringComparison.Ordinal);
        return (setting[..sign], setting[(sign + 1)..]);
    }
}
