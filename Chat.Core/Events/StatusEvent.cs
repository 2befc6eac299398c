using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Core.Events;

/// <summary>
/// An event of <c>msg.status</c>: what a provider says of a message, or that the store has the message (an announcement, which the
/// router appends). See <see cref="StatusEventJson"/> for its JSON.
/// </summary>
/// <param name="MessageId">Null only where the provider's id stands in for it.</param>
/// <param name="Status">What the provider says; null of an announcement.</param>
/// <param name="Timestamp">The provider's time; null where it is missing or can't be read.</param>
/// <param name="Joins">See <see cref="StatusRecord.Joins"/>.</param>
/// <param name="AccountId">
/// The account that the provider reported it to; where it is given, the message must be one of this account's.
/// </param>
/// <param name="Authenticated">Whether <paramref name="Channel"/> is what the sender's key is for, and not only what it says.</param>
public sealed record StatusEvent(
    Guid? MessageId,
    Guid? ConversationId,
    Guid? OrganizationId,
    string? Channel,
    StatusKind? Status,
    DateTimeOffset? Timestamp,
    string? Reason = null,
    string? ProviderMessageId = null,
    long? Joins = null,
    bool Authenticated = false,
    string? AccountId = null)
{
    /// <summary>The provider's id; only of an event that has one.</summary>
    public ProviderId ProviderId => new(Channel ?? "", ProviderMessageId!, AccountId);

    /// <summary>Whether it says that the message is in the store, and nothing about what became of it.</summary>
    public bool IsAnnouncement => Status is null;

    /// <summary>The reason that goes into the fact: that of a FAILED alone.</summary>
    public string? FailureReason => Status == StatusKind.Failed ? Reason : null;
}
