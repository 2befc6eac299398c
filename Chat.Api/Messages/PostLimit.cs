using System.Threading.RateLimiting;
using Chat.Api.Auth;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Chat.Api.Messages;

/// <summary>
/// Posts per organization, by the framework's token bucket: <see cref="MessagesOptions.PostBurst"/> at once, then
/// <see cref="MessagesOptions.PostsPerSecond"/>. What is refused is answered with 429 and <c>Retry-After</c>.
/// </summary>
internal sealed class PostLimit(IOptions<MessagesOptions> options) : IRateLimiterPolicy<Guid>
{
    public const string Policy = "posts";

    private readonly MessagesOptions _options = options.Value;

    public Func<OnRejectedContext, CancellationToken, ValueTask> OnRejected { get; } = static async (rejected, _) =>
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var given) ? given : TimeSpan.Zero;
        var context = rejected.HttpContext;
        await Problem.Create(context, StatusCodes.Status429TooManyRequests, UserTexts.TooManyPosts)
            .WithRetryAfter(context, wait)
            .ExecuteAsync(context);
    };

    public RateLimitPartition<Guid> GetPartition(HttpContext httpContext)
    {
        // Without an organization, the endpoint refuses the post anyway.
        if (_options.PostsPerSecond == 0 || httpContext.Features.Get<ChatUser>()?.OrganizationId is not { } organization)
            return RateLimitPartition.GetNoLimiter(Guid.Empty);
        return RateLimitPartition.GetTokenBucketLimiter(organization, _ => new()
        {
            TokenLimit = _options.PostBurst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1) / _options.PostsPerSecond,
            QueueLimit = 0,
        });
    }
}
