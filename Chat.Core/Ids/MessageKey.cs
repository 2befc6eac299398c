namespace Chat.Core.Ids;

/// <summary>Where a message's row is: its bucket follows from the id, so these two address it.</summary>
public readonly record struct MessageKey(Guid ConversationId, Guid MessageId);
