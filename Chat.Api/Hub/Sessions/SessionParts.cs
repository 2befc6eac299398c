using Chat.Api.Auth;
using Chat.Api.Hub.Feeds;
using Chat.Core.Limits;

namespace Chat.Api.Hub.Sessions;

/// <summary>What all sessions of an instance share: one reference in each, since there are many.</summary>
/// <param name="Subscriptions">Of all sockets of a user.</param>
internal sealed record SessionParts(
    FeedRegistry Feeds,
    HubAccess Access,
    ITokenReader Tokens,
    TokenBuckets<Guid> Subscriptions,
    ShownReports Shown,
    TimeProvider Time,
    HubOptions Options,
    HubMetrics Metrics,
    ILogger Logger);
