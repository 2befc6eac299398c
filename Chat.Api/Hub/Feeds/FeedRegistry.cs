namespace Chat.Api.Hub.Feeds;

/// <summary>The conversations that somebody watches on this instance: one feed each, as long as it is in use.</summary>
public sealed class FeedRegistry(FeedServices services)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Feed> _feeds = [];

    /// <summary>The feed of a conversation, started where it is the first; to be given back by <see cref="ReturnAsync"/>.</summary>
    public Feed Take(Guid conversationId)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(conversationId, out var feed))
            {
                feed = _feeds[conversationId] = new(conversationId, services);
                HubMetrics.Conversations.Add(1);
            }
            feed.References++;
            return feed;
        }
    }

    /// <summary>Ends the feed with its last user.</summary>
    public async ValueTask ReturnAsync(Feed feed)
    {
        lock (_gate)
        {
            if (--feed.References > 0) return;
            _feeds.Remove(feed.ConversationId);
            HubMetrics.Conversations.Add(-1);
        }
        await feed.EndAsync();
    }

    /// <summary>All feeds as of now.</summary>
    public IReadOnlyList<Feed> Snapshot()
    {
        lock (_gate) return [.. _feeds.Values];
    }
}
