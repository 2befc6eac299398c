namespace Chat.Core.Conversations;

/// <summary>
/// Who owns each conversation, and who posted in it. <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IConversationStore
{
    /// <summary>
    /// Claims a conversation for an organization by insert-if-absent, and returns its owner: the first claim stays,
    /// and every caller gets it.
    /// </summary>
    ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken);

    /// <summary>The owners of those of the conversations that have one.</summary>
    ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken);

    /// <summary>Notes that a user posted in a conversation.</summary>
    ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken);

    /// <summary>Whether a user ever posted in a conversation.</summary>
    ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken);
}
