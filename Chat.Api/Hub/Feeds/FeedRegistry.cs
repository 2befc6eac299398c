using Chat.Core.Bus;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Feeds;

/// <summary>The conversations that somebody watches on this instance: one feed each, as long as it is in use.</summary>
public sealed class FeedRegistry(
    IStatusBus bus,
    ChangeReader reader,
    HubAccess access,
    RetryForever retry,
    TimeProvider time,
    Random random,
    IOptions<HubOptions> options,
    HubMetrics metrics,
    ILogger<Feed> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Feed> _feeds = [];

    public int Count
    {
        get
        {
            lock (_gate) return _feeds.Count;
        }
    }

    /// <summary>A conversation's feed, started for the first subscriber; to be returned by <see cref="ReturnAsync"/>.</summary>
    public Feed Take(Guid conversationId)
    {
        Feed? feed;
        lock (_gate)
        {
            if (!_feeds.TryGetValue(conversationId, out feed))
            {
                feed = _feeds[conversationId] = new(
                    conversationId, reader, access, time, random, options.Value.MaxHeldPayloads, metrics, logger);
                metrics.FeedStarted();
            }
            feed.References++;
        }
        // Not under the lock: the embedded store reads on the caller's thread, and all other conversations would wait for it.
        feed.Start(bus, retry);
        return feed;
    }

    /// <summary>Ends the feed with its last user.</summary>
    public async Task ReturnAsync(Feed feed)
    {
        lock (_gate)
        {
            if (--feed.References > 0) return;
            _feeds.Remove(feed.ConversationId);
            metrics.FeedEnded();
        }
        await feed.EndAsync();
    }

    /// <summary>All feeds as of now.</summary>
    public IReadOnlyList<Feed> Snapshot()
    {
        lock (_gate) return [.. _feeds.Values];
    }
}
