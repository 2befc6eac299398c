using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Api.Hub.Feeds;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sessions;

/// <summary>What every session needs.</summary>
public sealed class SessionServices(
    FeedRegistry feeds,
    ConversationAccess access,
    ITokenReader tokens,
    RetryForever retry,
    TimeProvider time,
    IOptions<HubOptions> options,
    ILogger<SessionServices> logger)
{
    public FeedRegistry Feeds { get; } = feeds;

    public ConversationAccess Access { get; } = access;

    public ITokenReader Tokens { get; } = tokens;

    public RetryForever Retry { get; } = retry;

    public TimeProvider Time { get; } = time;

    public HubOptions Options { get; } = options.Value;

    public ILogger Logger { get; } = logger;
}
