namespace Chat.Core.Conversations;

/// <summary>Who a conversation belongs to. Never changes once it is stored.</summary>
/// <param name="CreatedAt">When it was claimed; UTC, whole milliseconds.</param>
public sealed record ConversationOwner(Guid ConversationId, Guid OrganizationId, DateTimeOffset CreatedAt);
