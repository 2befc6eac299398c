using Chat.Core.Log;
using Microsoft.Extensions.Options;

namespace Chat.Api.Backpressure;

/// <summary>
/// Asks the log how far the workers are, while there are posts, and has <see cref="PostAdmission"/> refuse what they can't do in time. A
/// log that does not answer changes nothing: a post finds out by itself.
/// </summary>
internal sealed partial class BacklogWatch(
    ILogReader log,
    PostAdmission admission,
    IConfiguration configuration,
    IOptions<BackpressureOptions> options,
    TimeProvider time,
    ILogger<BacklogWatch> logger) : BackgroundService
{
    private static readonly TimeSpan LeastRetryAfter = TimeSpan.FromSeconds(1);

    private readonly PostRate _rate = new(options.Value.MaxWait);
    private readonly (ConsumerGroup Group, Backlog Backlog)[] _stages =
    [
        // Not the connectors': what they have left waits for a provider, and for its statuses.
        (WorkerGroups.Router(configuration), new()),
        (WorkerGroups.StatusWorker(configuration), new()),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.MaxWait == TimeSpan.Zero) return;
        while (true)
        {
            await Task.Delay(options.Value.Interval, time, stoppingToken);
            await LookAsync(stoppingToken);
        }
    }

    /// <summary>One look, and what follows from it.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var (counts, seconds) = admission.TakeCounts();
        if (counts.Count == 0 && !_rate.IsLimiting)
        {
            foreach (var (_, backlog) in _stages) backlog.Forget();
            return;
        }
        try
        {
            var all = default(BacklogLook?);
            foreach (var (group, backlog) in _stages)
            {
                var look = await LookAtAsync(group, backlog, cancellationToken);
                all = all?.Then(look) ?? look;
            }
            var wasLimited = _rate.IsLimiting;
            var wait = all!.Value.Wait;
            var perSecond = _rate.Next(all.Value, counts, seconds);
            var tooLong = wait - options.Value.MaxWait;
            admission.Set(perSecond, tooLong > LeastRetryAfter ? tooLong : LeastRetryAfter);
            if (perSecond is not null && !wasLimited) LogLimited(wait, options.Value.MaxWait);
            else if (perSecond is null && wasLimited) LogUnlimited();
        }
#pragma warning disable CA1031 // Whatever the log throws, posts go on as they did.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogUnknown(exception.Message);
        }
    }

    private async Task<BacklogLook> LookAtAsync(ConsumerGroup group, Backlog backlog, CancellationToken cancellationToken)
    {
        var committed = await log.GetCommittedAsync(group, cancellationToken);
        var ranges = await log.GetRangesAsync(group.Topic, cancellationToken);
        long done = 0, end = 0;
        foreach (var range in ranges)
        {
            // What retention took before it was read is done too: nobody will do it.
            done += Math.Max(range.Start, range.Partition < committed.Count ? committed[range.Partition] : 0);
            end += range.End;
        }
        return backlog.Note(time.GetElapsedTime(0).TotalSeconds, done, end);
    }

    [LoggerMessage(
        EventId = LogEvents.PostsLimited,
        Level = LogLevel.Warning,
        Message = "A message waits {Wait} for the workers, and may wait {MaxWait}: posts beyond what they can do are refused with 503")]
    private partial void LogLimited(TimeSpan wait, TimeSpan maxWait);

    [LoggerMessage(
        EventId = LogEvents.PostsUnlimited,
        Level = LogLevel.Information,
        Message = "The workers keep up again: all posts are taken")]
    private partial void LogUnlimited();

    [LoggerMessage(
        EventId = LogEvents.BacklogUnknown,
        Level = LogLevel.Warning,
        Message = "How far the workers are is not known, and posts are taken as before: {Reason}")]
    private partial void LogUnknown(string reason);
}
