using Chat.Api.Auth;
using Chat.Api.Hub.Feeds;
using Chat.Api.Texts;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sessions;

/// <summary>Opens the sessions of an instance: one for each socket.</summary>
public sealed class HubSessions(
    FeedRegistry feeds,
    HubAccess access,
    ITokenReader tokens,
    TimeProvider time,
    IOptions<HubOptions> options,
    HubMetrics metrics,
    ILogger<HubSession> logger)
{
    private readonly SessionParts _shared = new(
        feeds,
        access,
        tokens,
        new(options.Value.SubscriptionBurst, options.Value.SubscriptionsPerSecond, time),
        new(options.Value.ShownBurst, options.Value.ShownPerSecond, metrics, time),
        time,
        options.Value,
        metrics,
        logger);

    /// <summary>Opens a session: the client gets <c>connected</c>.</summary>
    /// <param name="language">Of the texts in error frames.</param>
    public HubSession Open(string connectionId, ChatUser user, IFrameSink sink, Language language = Language.Portuguese) =>
        new(connectionId, user, sink, language, _shared);
}
