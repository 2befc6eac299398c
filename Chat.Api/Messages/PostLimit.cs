using Chat.Core.Limits;
using Microsoft.Extensions.Options;

namespace Chat.Api.Messages;

/// <summary>
/// Posts per organization: <see cref="MessagesOptions.PostBurst"/> at once, then <see cref="MessagesOptions.PostsPerSecond"/>. One to
/// a conversation that this instance does not know costs more, since the store has to claim it.
/// </summary>
internal sealed class PostLimit(IOptions<MessagesOptions> options, TimeProvider time)
{
    public const string Name = "posts";

    private readonly int _newConversation = options.Value.NewConversationCost - 1;
    private readonly TokenBuckets<Guid> _organizations = new(options.Value.PostBurst, options.Value.PostsPerSecond, time);

    /// <summary>Takes one post's cost; how long to wait where there is too little left.</summary>
    public TimeSpan? Take(Guid organization) => _organizations.TryTake(organization, cost: 1, out var wait) ? null : wait;

    /// <summary>Takes what a new conversation costs on top of the post that begins it: those that follow wait for it.</summary>
    public void ChargeConversation(Guid organization) => _organizations.Charge(organization, _newConversation);
}
