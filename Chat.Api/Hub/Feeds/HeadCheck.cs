using Chat.Core.Bus;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// Compares the heads of watched conversations with the store's: slowly and jittered all the time, so that even a conversation's
/// last event can't be lost by Pub/Sub, and at once when the bus connection came back. In batches, one after the other, so that
/// ten thousand conversations do not load the store all at once.
/// </summary>
public sealed partial class HeadCheck(
    FeedRegistry feeds,
    IChangeStore changes,
    IStatusBus bus,
    TimeProvider time,
    RetryForever retry,
    Random random,
    IOptions<HubOptions> options,
    ILogger<HeadCheck> logger) : BackgroundService
{
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
            while (true)
            {
                // Between three and five quarters of the interval.
                var pause = options.Value.HeadCheckInterval * (0.75 + (random.NextDouble() / 2));
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
                await CheckAsync(wasRestored ? "bus_restored" : "head_check", stoppingToken);
            }
        }
        finally
        {
            bus.Restored -= OnRestored;
        }
    }

    /// <summary>One look at all watched conversations.</summary>
    public async Task CheckAsync(string cause, CancellationToken cancellationToken)
    {
        foreach (var batch in feeds.Snapshot().Chunk(options.Value.HeadCheckBatch))
        {
            var heads = await retry.RunAsync(
                logger,
                "read the heads of",
                $"{batch.Length} conversations",
                ct => changes.GetHeadsAsync([.. batch.Select(f => f.ConversationId)], ct),
                cancellationToken);
            foreach (var feed in batch)
            {
                if (heads.TryGetValue(feed.ConversationId, out var head)) feed.OnHead(head, cause);
            }
        }
    }

    private void OnRestored() => _restored.TrySetResult();

    [LoggerMessage(
        EventId = LogEvents.BusConnectionRestored,
        Level = LogLevel.Information,
        Message = "The bus connection came back: comparing the heads of {Count} conversations")]
    private partial void LogRestored(int count);
}
