namespace Chat.Core.Erasure;

/// <summary>
/// Removes conversations from the store, for a person who asks for it. <see cref="Messages.IMessageStore"/> says what every port of the
/// store promises.
/// </summary>
public interface IErasure
{
    /// <summary>
    /// The conversations of an organization that are with a person (<see cref="RecipientName"/>): that have a message to them, or in which
    /// they are the contact. Reads through all messages and contacts.
    /// </summary>
    ValueTask<IReadOnlyList<RecipientConversation>> FindConversationsAsync(
        Guid organizationId, string recipient, CancellationToken cancellationToken);

    /// <summary>
    /// Adds to the scope the ids, ours and the providers', of the messages in its conversations and the addresses of who is in them, and
    /// removes those of messages that the store has in another conversation: a status may name any two together.
    /// </summary>
    ValueTask CollectAsync(ErasureScope scope, CancellationToken cancellationToken);

    /// <summary>
    /// Removes everything that the store has of the scope but four things, which say nothing of a person and keep the conversation
    /// working: whose it is, who may read it since they posted in it, its highest number, and when which message was handed over or tried,
    /// with what came of it. Who was in it is a contact of whom nothing is known where they write again. Who
    /// resumes from a number at or below the highest is told to load the page again. Answers with the rows of each table. Where it fails
    /// in the middle, a run with a new scope removes what is left.
    /// </summary>
    /// <param name="dryRun">Removes nothing: answers with what there is.</param>
    ValueTask<IReadOnlyList<ErasedRows>> EraseAsync(ErasureScope scope, bool dryRun, CancellationToken cancellationToken);

    /// <inheritdoc cref="ILogErasure.CompactAsync"/>
    ValueTask CompactAsync(CancellationToken cancellationToken);

    /// <summary>When each of the conversations was last erased; those that never were are missing.</summary>
    ValueTask<IReadOnlyDictionary<Guid, DateTimeOffset>> FindErasedAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken);
}

/// <summary>A conversation with a person.</summary>
/// <param name="IsShared">Whether it has a message to another recipient too.</param>
public sealed record RecipientConversation(Guid ConversationId, bool IsShared);

/// <summary>How many rows of a table, or events of a topic, were removed.</summary>
public sealed record ErasedRows(string Table, long Count);
