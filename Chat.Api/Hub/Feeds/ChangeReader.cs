using System.Collections.Concurrent;
using Chat.Core.Engines;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// Reads changes for repairs and resumes: a bounded number of reads at a time, each tried until the store answers, and one read
/// for all subscribers that ask the same of one conversation at the same time. A place is kept for one try and given back before the
/// pause, and tries after a failure have half of the places at most: conversations that can't be read hold up no other.
/// </summary>
public sealed class ChangeReader(
    IChangeStore changes, RetryForever retry, IOptions<HubOptions> options, HubMetrics metrics, ILogger<ChangeReader> logger)
{
    private readonly FifoSemaphore _room = new(options.Value.MaxConcurrentReads);
    private readonly FifoSemaphore _retries = new(Math.Max(1, options.Value.MaxConcurrentReads / 2));
    private readonly ConcurrentDictionary<(Guid, long), Task<ChangePage>> _underWay = new();

    /// <summary>Changes asked for at a time.</summary>
    public int Page => options.Value.ReadPage;

    /// <summary>The conversation's head.</summary>
    public Task<long> ReadHeadAsync(Guid conversationId, CancellationToken cancellationToken) => retry.RunAsync(
        logger,
        "read the head of",
        conversationId,
        ct => RefusalIsFailure.GuardAsync(
            async read => (await changes.GetHeadsAsync([conversationId], read)).GetValueOrDefault(conversationId), ct),
        cancellationToken);

    /// <summary>A read that begins after this call.</summary>
    public Task<ChangePage> ReadAsync(Guid conversationId, long since, CancellationToken cancellationToken)
    {
        var tries = 0;
        return retry.RunAsync(
            logger,
            "read the changes of",
            conversationId,
            ct => RefusalIsFailure.GuardAsync(read => TryAsync(conversationId, since, isRetry: tries++ > 0, read), ct),
            cancellationToken);
    }

    private async ValueTask<ChangePage> TryAsync(Guid conversationId, long since, bool isRetry, CancellationToken cancellationToken)
    {
        if (isRetry) await _retries.EnterAsync(cancellationToken);
        try
        {
            await _room.EnterAsync(cancellationToken);
            try
            {
                metrics.StoreRead();
                return await changes.ListChangesAsync(conversationId, since, Page, cancellationToken);
            }
            finally
            {
                _room.Leave();
            }
        }
        finally
        {
            if (isRetry) _retries.Leave();
        }
    }

    /// <summary>
    /// A read that may have begun before this call, where another subscriber asked the same; <c>Fresh</c> says that it did not.
    /// </summary>
    /// <param name="lifetime">Of the reader as a whole: a shared read must not end because one of its waiters does.</param>
    public async Task<(ChangePage Page, bool Fresh)> ReadSharedAsync(
        Guid conversationId, long since, CancellationToken lifetime, CancellationToken cancellationToken)
    {
        var key = (conversationId, since);
        // A read that has ended and is still listed is out of date: a caller that asks again would get the same answer again.
        if (_underWay.TryGetValue(key, out var others) && !others.IsCompleted)
            return (await others.WaitAsync(cancellationToken), false);
        var own = ReadAsync(conversationId, since, lifetime);
        var first = _underWay.TryAdd(key, own);
        try
        {
            return (await own.WaitAsync(cancellationToken), true);
        }
        finally
        {
            if (first) _underWay.TryRemove(new(key, own));
        }
    }
}
