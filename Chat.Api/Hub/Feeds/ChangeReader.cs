using System.Collections.Concurrent;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// Reads changes for repairs and resumes: a bounded number at a time, tried until the store answers, and one read for all who
/// ask the same of one conversation at the same time.
/// </summary>
public sealed class ChangeReader(
    IChangeStore changes, RetryForever retry, IOptions<HubOptions> options, ILogger<ChangeReader> logger)
{
    private readonly FifoSemaphore _room = new(options.Value.MaxConcurrentReads);
    private readonly ConcurrentDictionary<(Guid, long), Task<ChangePage>> _underWay = new();

    /// <summary>Changes asked for at a time.</summary>
    public int Page => options.Value.ReadPage;

    /// <summary>A read that begins after this call.</summary>
    public async Task<ChangePage> ReadAsync(Guid conversationId, long since, CancellationToken cancellationToken)
    {
        await _room.EnterAsync(cancellationToken);
        try
        {
            HubMetrics.StoreReads.Add(1);
            return await retry.RunAsync(
                logger,
                "read the changes of",
                conversationId,
                ct => changes.ListChangesAsync(conversationId, since, Page, ct),
                cancellationToken);
        }
        finally
        {
            _room.Leave();
        }
    }

    /// <summary>
    /// A read that may have begun before this call, where somebody else asked the same; <c>Fresh</c> says that it did not.
    /// </summary>
    /// <param name="lifetime">Of the reader as a whole: a read that is shared must not end with one of those who wait for it.</param>
    public async Task<(ChangePage Page, bool Fresh)> ReadSharedAsync(
        Guid conversationId, long since, CancellationToken lifetime, CancellationToken cancellationToken)
    {
        var key = (conversationId, since);
        // One that has ended waits only to be taken out: asking it again would bring the same answer, for as long as that takes.
        if (_underWay.TryGetValue(key, out var others) && !others.IsCompleted) return (await others.WaitAsync(cancellationToken), false);
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
