using Chat.Core.Bus;
using Chat.Core.Engines;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// Compares the heads of watched conversations with the store's: slowly and jittered all the time, so that even a conversation's
/// last event can't be lost by Pub/Sub, and at once when the bus connection came back. In batches, one after the other, so that
/// ten thousand conversations do not load the store all at once. A batch that can't be read is halved until the conversations that
/// fail are found: the others are compared, and those that failed are looked at again a little later, one by one.
/// </summary>
public sealed partial class HeadCheck(
    FeedRegistry feeds,
    IChangeStore changes,
    IStatusBus bus,
    TimeProvider time,
    Random random,
    IOptions<HubOptions> options,
    ILogger<HeadCheck> logger) : BackgroundService
{
    private const string HeadCheckCause = "head_check";

    // Of one round, so that a store that is away costs a bounded number of reads.
    private const int MostFailures = 64;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    // What could not be read by itself: read one by one from then on, until it can.
    private readonly HashSet<Feed> _failing = [];
    private TaskCompletionSource _restored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        bus.Restored += OnRestored;
        try
        {
            // One continuation, kept until the source ends: a new one a round would pile up on it.
            var restored = _restored.Task.WaitQuietlyAsync();
            IReadOnlyList<Feed> left = [];
            var (leftPause, cause) = (FirstPause, HeadCheckCause);
            var untilAll = NextPause();
            while (true)
            {
                var onlyLeft = left.Count > 0 && leftPause < untilAll;
                var pause = onlyLeft ? leftPause : untilAll;
                var began = time.GetTimestamp();
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                var elapsed = Task.Delay(pause, time, waiting.Token);
                await Task.WhenAny(restored, elapsed.WaitQuietlyAsync());
                var wasRestored = restored.IsCompleted;
                waiting.Cancel();
                stoppingToken.ThrowIfCancellationRequested();
                if (wasRestored)
                {
                    _restored = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    restored = _restored.Task.WaitQuietlyAsync();
                    LogRestored(feeds.Count);
                }
                if (onlyLeft && !wasRestored)
                {
                    left = await CheckAsync(left, cause, stoppingToken);
                    (untilAll, leftPause) = (untilAll - time.GetElapsedTime(began), leftPause * 2);
                    if (untilAll < TimeSpan.Zero) untilAll = TimeSpan.Zero;
                }
                else
                {
                    cause = wasRestored ? "bus_restored" : HeadCheckCause;
                    left = await CheckAsync(cause, stoppingToken);
                    (untilAll, leftPause) = (NextPause(), FirstPause);
                }
            }
        }
        finally
        {
            bus.Restored -= OnRestored;
        }
    }

    /// <summary>One look at all watched conversations. Answers those that could not be read.</summary>
    public Task<IReadOnlyList<Feed>> CheckAsync(string cause, CancellationToken cancellationToken) =>
        CheckAsync(feeds.Snapshot(), cause, cancellationToken);

    private async Task<IReadOnlyList<Feed>> CheckAsync(IReadOnlyList<Feed> all, string cause, CancellationToken cancellationToken)
    {
        _failing.RemoveWhere(f => f.HasEnded);
        var round = new Round(cause);
        // With the same before them in each round, some would never have their turn.
        var known = all.Where(_failing.Contains).OrderBy(_ => random.NextDouble()).ToList();
        foreach (var batch in all.Where(f => !_failing.Contains(f)).Chunk(options.Value.HeadCheckBatch))
            await CheckBatchAsync(batch, round, cancellationToken);
        foreach (var feed in known)
            await CheckBatchAsync([feed], round, cancellationToken);
        // Then it is the store that fails, and no conversation.
        if (!round.AnyRead) _failing.Clear();
        if (round.LastFailure is { } failure) LogUnread(failure, round.Left.Count, all.Count);
        return round.Left;
    }

    private Task CheckBatchAsync(IReadOnlyList<Feed> batch, Round round, CancellationToken cancellationToken) => Bisection.RunAsync(
        batch,
        part => CompareAsync(part, round, cancellationToken),
        exception => exception == round.LastFailure,
        (feed, _) =>
        {
            _failing.Add(feed);
            round.Left.Add(feed);
            return Task.CompletedTask;
        });

    private async Task CompareAsync(IReadOnlyList<Feed> some, Round round, CancellationToken cancellationToken)
    {
        if (round.Failures >= MostFailures)
        {
            round.Left.AddRange(some);
            return;
        }
        IReadOnlyDictionary<Guid, long> heads;
        try
        {
            heads = await changes.GetHeadsAsync([.. some.Select(f => f.ConversationId)], cancellationToken);
        }
        // Whatever the store throws at these, the others are looked at.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            round.Failures++;
            round.LastFailure = exception;
            throw;
        }
        round.AnyRead = true;
        foreach (var feed in some)
        {
            _failing.Remove(feed);
            if (heads.TryGetValue(feed.ConversationId, out var head)) feed.OnHead(head, round.Cause);
        }
    }

    private TimeSpan NextPause() => random.Around(options.Value.HeadCheckInterval);

    private void OnRestored() => _restored.TrySetResult();

    [LoggerMessage(
        EventId = LogEvents.BusConnectionRestored,
        Level = LogLevel.Information,
        Message = "The bus connection came back: comparing the heads of {Count} conversations")]
    private partial void LogRestored(int count);

    [LoggerMessage(
        EventId = LogEvents.HeadsUnread,
        Level = LogLevel.Warning,
        Message = "Could not read the heads of {Count} of {Total} conversations; they are looked at again a little later")]
    private partial void LogUnread(Exception exception, int count, int total);

    /// <summary>One look at some conversations.</summary>
    private sealed class Round(string cause)
    {
        public string Cause { get; } = cause;

        public int Failures { get; set; }

        public Exception? LastFailure { get; set; }

        public bool AnyRead { get; set; }

        /// <summary>What could not be read, or was not tried any more.</summary>
        public List<Feed> Left { get; } = [];
    }
}
