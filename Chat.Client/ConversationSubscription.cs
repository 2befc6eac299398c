namespace Chat.Client;

/// <summary>
/// One holder's wish to watch a conversation. Several may watch the same one: it is watched until the last of them is disposed.
/// </summary>
public sealed class ConversationSubscription : IDisposable
{
    private Action<ConversationSubscription>? _release;

    internal ConversationSubscription(Guid conversationId, Action<ConversationSubscription> release) =>
        (ConversationId, _release) = (conversationId, release);

    /// <summary>The conversation.</summary>
    public Guid ConversationId { get; }

    /// <summary>Watches it no more.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke(this);
}
