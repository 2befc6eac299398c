using Chat.Api.Auth;
using Chat.Core.Limits;
using Microsoft.Extensions.Options;

namespace Chat.Api.Messages;

/// <summary>Reads over REST, in pages of fifty rows or a part of one: of each user, and of all users of an organization together.</summary>
internal sealed class ReadLimit(IOptions<MessagesOptions> options, TimeProvider time)
{
    public const string Name = "reads";

    private readonly TokenBuckets<Guid> _users = new(options.Value.ReadBurst, options.Value.ReadsPerSecond, time);
    private readonly TokenBuckets<Guid> _organizations =
        new(options.Value.OrganizationReadBurst, options.Value.OrganizationReadsPerSecond, time);

    /// <summary>Takes what a read costs; how long to wait where there is too little left.</summary>
    public TimeSpan? Take(ChatUser user, int cost = 1)
    {
        if (!_users.TryTake(user.UserId, cost, out var wait)) return wait;
        return user.OrganizationId is not { } organization || _organizations.TryTake(organization, cost, out wait) ? null : wait;
    }
}
