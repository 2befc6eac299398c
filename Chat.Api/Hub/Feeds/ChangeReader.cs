using System.Collections.Concurrent;
using System.Collections.Frozen;
using Chat.Core.Engines;
using Chat.Core.Messages;
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
    IChangeStore changes,
    IMessageStore messages,
    RetryForever retry,
    IOptions<HubOptions> options,
    HubMetrics metrics,
    ILogger<ChangeReader> logger)
{
    public static readonly IReadOnlyDictionary<Guid, Message> NoMessages = FrozenDictionary<Guid, Message>.Empty;

    // Each may have hundreds of kilobytes of content.
    private const int MessagesAtOnce = 50;

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
            ct => RefusalIsFailure.GuardAsync(
                read => TryAsync(
                    token => changes.ListChangesAsync(conversationId, since, Page, token), isRetry: tries++ > 0, read),
                ct),
            cancellationToken);
    }

    /// <summary>The messages that changes announce, as far as they are in the store.</summary>
    public async Task<IReadOnlyDictionary<Guid, Message>> ReadMessagesAsync(ChangePage page, CancellationToken cancellationToken)
    {
        var keys = page.Changes.Where(c => c.IsAnnouncement).Select(c => c.Key).Distinct().ToList();
        if (keys.Count == 0) return NoMessages;
        var found = new Dictionary<Guid, Message>(keys.Count);
        foreach (var some in keys.Chunk(MessagesAtOnce))
        {
            var tries = 0;
            var states = await retry.RunAsync(
                logger,
                "read the messages of",
                some[0].ConversationId,
                ct => RefusalIsFailure.GuardAsync(
                    read => TryAsync(token => messages.GetStatesAsync(some, token), isRetry: tries++ > 0, read), ct),
                cancellationToken);
            foreach (var state in states)
            {
                if (state.Message is { } message) found[message.MessageId] = message;
            }
        }
        return found;
    }

    private async ValueTask<T> TryAsync<T>(
        Func<CancellationToken, ValueTask<T>> read, bool isRetry, CancellationToken cancellationToken)
    {
        if (isRetry) await _retries.EnterAsync(cancellationToken);
        try
        {
            await _room.EnterAsync(cancellationToken);
            try
            {
                metrics.StoreRead();
                return await read(cancellationToken);
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
