using System.Diagnostics;
using System.Text.Json;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;
using Chat.LoadTest.Pipeline.History;
using Chat.LoadTest.PipelineFloor;

namespace Chat.LoadTest.Pipeline;

/// <summary>
/// The services on real servers, one of each or several status workers, under one rate after the other: how long a post takes, how long
/// until its first status is on the socket, and what each process uses for a message.
/// </summary>
internal sealed class PipelineRun(PipelineOptions options, string folder)
{
    private const double HighestWarmUp = 400;
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(PipelineOptions options, CancellationToken cancelled)
    {
        var figures = "";
        var code = await ProcessRun.RunAsync(
            options.Logs,
            options.Report,
            "SOMETHING IS MISSING",
            async (folder, cancellationToken) =>
            {
                var result = await new PipelineRun(options, folder).RunAsync(cancellationToken);
                figures = JsonSerializer.Serialize(result.Steps, Indented);
                return (PipelineReport.Write(options, result).ToString(), result.IsComplete);
            },
            cancelled);
        if (options.Json is { } file) await File.WriteAllTextAsync(file, figures, CancellationToken.None);
        return code;
    }

    private async Task<PipelineResult> RunAsync(CancellationToken cancellationToken)
    {
        var plan = FleetPlan.OneOfEach with { Workers = options.StatusWorkers, Settings = [.. options.Settings.Select(Split)] };
        using var fleet = await Fleet.StartAsync(options.Servers, folder, plan, cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tenant = new PipelineTenant(fleet, options);
        var other = options.Beside > 0 ? new PipelineTenant(fleet, options) : null;
        await using var floor = options.Floor ? await FloorRun.StartAsync(fleet, options, folder) : null;
        var watching = new List<Task>();
        try
        {
            watching.Add(await tenant.WatchAsync(end.Token));
            if (other is not null) watching.Add(await other.WatchAsync(end.Token));
            return await MeasureAsync(fleet, tenant, other, floor, end.Token);
        }
        finally
        {
            await end.CancelAsync(); // posts that are tried again, before what they are sent with is gone
            await Task.WhenAll(watching);
        }
    }

    private async Task<PipelineResult> MeasureAsync(
        Fleet fleet, PipelineTenant tenant, PipelineTenant? other, FloorRun? floor, CancellationToken cancellationToken)
    {
        var warmUp = Math.Min(options.Rates.Max(), HighestWarmUp);
        Progress.Say($"warming up at {warmUp}/s");
        await PostAsync(tenant, other, warmUp, () => Task.Delay(options.WarmUp, cancellationToken), cancellationToken);
        if (floor is not null) await floor.WarmUpAsync(warmUp, cancellationToken);
        var (steps, fills) = (new List<PipelineStep>(), new List<Fill>());
        List<MemoryOfAll> rests = [MemoryOfAll.Read(fleet, "at rest, after the warm-up")];
        using var history = options.Stored.Count > 0 ? await HistoryFiller.StartAsync(fleet, options, tenant.Ids, cancellationToken) : null;
        if (history is null) await MeasureRoundsAsync(null);
        foreach (var stored in options.Stored)
        {
            fills.Add(await history!.FillAsync(stored, cancellationToken));
            rests.Add(MemoryOfAll.Read(fleet, $"at rest, {stored:N0} stored"));
            await MeasureRoundsAsync(stored);
        }
        return new(steps) { AtRest = rests, Fills = fills };

        async Task MeasureRoundsAsync(long? stored)
        {
            for (var round = 1; round <= options.Rounds; round++)
            {
                foreach (var rate in options.Rates)
                {
                    Add(await StepAsync(fleet, tenant, other, floor, rate, round, cancellationToken) with { Stored = stored });
                    if (floor is not null) Add(await floor.StepAsync(rate, round, cancellationToken) with { Stored = stored });
                }
            }
        }

        void Add(PipelineStep step)
        {
            Progress.Say(JsonSerializer.Serialize(step));
            steps.Add(step);
        }
    }

    private async Task<PipelineStep> StepAsync(
        Fleet fleet,
        PipelineTenant tenant,
        PipelineTenant? other,
        FloorRun? floor,
        double rate,
        int round,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        Usage? before = null, after = null;
        MemoryOfAll? memory = null;
        var (poster, beside) = await PostAsync(
            tenant,
            other,
            rate,
            async () =>
            {
                await Task.Delay(options.Settle, cancellationToken);
                before = await ReadUsageAsync();
                await Task.Delay(options.Seconds, cancellationToken);
                after = await ReadUsageAsync();
                memory = MemoryOfAll.Read(fleet, $"{rate}/s");
            },
            cancellationToken);
        var (from, until) = (before!.At, after!.At);
        var measured = tenant.Messages(from, until).ToList();
        var read = tenant.CountRead(from, until);
        var used = after.Since(before, read, all: read + (other?.CountRead(from, until) ?? 0));
        return new(
            rate,
            round,
            measured.Count,
            used.ReadPerSecond,
            PipelineTenant.PostTimes(measured),
            PipelineTenant.SentTimes(measured),
            used.Cpu,
            used.Requests,
            poster.Retries,
            Missing(tenant, poster, started),
            PipelineTenant.RefusalsOf(poster, from, until),
            other is null ? null : Evaluate(other, beside!, started, from, until))
        {
            Memory = memory!.Processes,
        };

        Task<Usage> ReadUsageAsync() =>
            Usage.ReadAsync(fleet, options.Servers, fleet.Services.Cpu, floor?.Cpu, cancellationToken);
    }

    private static BesideStep Evaluate(PipelineTenant other, Poster poster, long started, long from, long until)
    {
        var measured = other.Messages(from, until).ToList();
        return new(
            measured.Count,
            PipelineTenant.PostTimes(measured),
            PipelineTenant.SentTimes(measured),
            PipelineTenant.RefusalsOf(poster, from, until),
            Missing(other, poster, started));
    }

    private static long Missing(PipelineTenant tenant, Poster poster, long started) =>
        poster.Waiting + poster.Failed + tenant.Messages(started).LongCount(m => !m.IsReadByAll());

    /// <summary>Posts while something else goes on, and waits until what was posted is shown.</summary>
    private async Task<(Poster Poster, Poster? Other)> PostAsync(
        PipelineTenant tenant, PipelineTenant? other, double rate, Func<Task> meanwhile, CancellationToken cancellationToken)
    {
        var (poster, beside) = (tenant.CreatePoster(rate), other?.CreatePoster(options.Beside));
        using var stop = new CancellationTokenSource();
        var posting = Task.WhenAll(
            poster.RunAsync(stop.Token, cancellationToken), beside?.RunAsync(stop.Token, cancellationToken) ?? Task.CompletedTask);
        await meanwhile();
        await stop.CancelAsync();
        // What is not shown by then counts as missing.
        await Until.TryAsync(
            () => Task.FromResult(posting.IsCompleted && tenant.IsCaughtUp && other?.IsCaughtUp != false),
            "everything is shown as READ",
            options.CatchUp,
            cancellationToken);
        return (poster, beside);
    }

    private static (string Variable, string Value) Split(string setting)
    {
        var sign = setting.IndexOf('=', StringComparison.Ordinal);
        return (setting[..sign], setting[(sign + 1)..]);
    }
}
