namespace Chat.Core.Messages;

/// <summary>A message as it was posted; never changed afterwards.</summary>
/// <param name="MessageId">UUIDv7.</param>
/// <param name="Channel">See <see cref="Channels.ChannelCatalog"/>.</param>
/// <param name="Direction">See <see cref="MessageDirection"/>.</param>
/// <param name="Type">What <paramref name="Content"/> holds: <c>text</c>, …</param>
/// <param name="Content">A JSON object, as it was posted (<c>{"texto":"…"}</c>).</param>
/// <param name="Recipient">The recipient's address on the channel (a phone number, an Instagram id); null where none is known.</param>
/// <param name="CreatedAt">The time in <paramref name="MessageId"/>; UTC, whole milliseconds.</param>
/// <param name="Position">
/// Its place in its conversation, whatever clock made its id: epoch · 2^40 + its offset in its partition of <c>messages</c>
/// (<see cref="Log.SequenceNumber"/>). 0 until the router has taken it from the log, and of what an earlier version stored.
/// </param>
/// <param name="AccountId">Which of the organization's accounts it goes from or came to; null for a simulated channel's.</param>
/// <param name="ProviderMessageId">
/// The provider's id of an inbound message; null of an outbound one, which has none yet when it is posted (<see
/// cref="Providers.ISendLedger"/>).
/// </param>
public sealed record Message(
    Guid MessageId,
    Guid ConversationId,
    Guid OrganizationId,
    Guid SenderId,
    string Channel,
    string Direction,
    string Type,
    string Content,
    string? Recipient,
    DateTimeOffset CreatedAt,
    long Position = 0,
    string? AccountId = null,
    string? ProviderMessageId = null);
