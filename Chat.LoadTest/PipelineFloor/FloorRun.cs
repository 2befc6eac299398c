using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;
using Chat.LoadTest.Pipeline;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>
/// The pipeline's floor: the same records, rows and publishes as the services make of a message, on the same servers, by bare clients that
/// look nothing up, check nothing and read no JSON.
/// </summary>
internal sealed class FloorRun(Fleet fleet, PipelineOptions options, FloorProcesses processes, FloorReads reads) : IAsyncDisposable
{
    /// <summary>CPU that its processes have used, by name.</summary>
    public IEnumerable<(string Name, double CpuSeconds)> Cpu => processes.Cpu;

    public static async Task<FloorRun> StartAsync(Fleet fleet, PipelineOptions options, string folder)
    {
        var processes = await FloorProcesses.StartAsync(options.Servers, options.Conversations, folder);
        try
        {
            return new(fleet, options, processes, await FloorReads.SubscribeAsync(options.Servers.Redis));
        }
        catch
        {
            processes.Dispose();
            throw;
        }
    }

    /// <summary>Posts for a while, without a figure.</summary>
    public Task WarmUpAsync(double rate, CancellationToken cancellationToken) =>
        PostAsync(rate, async () =>
        {
            await Task.Delay(options.WarmUp, cancellationToken);
            return (0, 0);
        }, cancellationToken);

    public async Task<PipelineStep> StepAsync(double rate, int round, CancellationToken cancellationToken)
    {
        Usage? before = null, after = null;
        var (posted, missing) = await PostAsync(
            rate,
            async () =>
            {
                await Task.Delay(options.Settle, cancellationToken);
                before = await ReadUsageAsync(cancellationToken);
                await Task.Delay(options.Seconds, cancellationToken);
                after = await ReadUsageAsync(cancellationToken);
                return (before.At, after.At);
            },
            cancellationToken);
        var used = after!.Since(before!, reads.CountRead(before!.At, after.At));
        return new(
            rate,
            round,
            posted.Measured,
            used.ReadPerSecond,
            posted.Time,
            reads.SentTimes(before.At, after.At),
            used.Cpu,
            used.Requests,
            Retries: 0,
            missing,
            new(0, 0, new(0, 0)),
            Beside: null,
            IsFloor: true);
    }

    public async ValueTask DisposeAsync()
    {
        processes.Dispose();
        await reads.DisposeAsync();
    }

    private Task<Usage> ReadUsageAsync(CancellationToken cancellationToken) =>
        Usage.ReadAsync(fleet, options.Servers, processes.Cpu, fleet.Services.Cpu, cancellationToken);

    /// <param name="measure">Takes its time, and answers with the two timestamps between which posts count.</param>
    private async Task<(FloorPoster.Posted Posted, long Missing)> PostAsync(
        double rate, Func<Task<(long From, long Until)>> measure, CancellationToken cancellationToken)
    {
        var before = reads.Count;
        await processes.Poster.SayAsync(FormattableString.Invariant($"post {rate}"));
        var (from, until) = await measure();
        await processes.Poster.SayAsync($"stop {from} {until}");
        var posted = FloorPoster.Posted.Parse(await processes.Poster.ExpectAsync(FloorPoster.Posted.Prefix, cancellationToken));
        await Until.TryAsync(
            () =>
            {
                processes.Check();
                return Task.FromResult(Missing() <= 0);
            },
            "the floor shows everything as READ",
            options.CatchUp,
            cancellationToken);
        return (posted, Missing());

        long Missing() => posted.All - (reads.Count - before);
    }
}
