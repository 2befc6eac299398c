using Chat.Api.Messages;
using Chat.Api.Operations.Parked;

namespace Chat.Api.Operations.Messages;

/// <summary>What became of a message, without what it says and whom it goes to.</summary>
/// <param name="ConversationId">Null where the message is not stored, and only statuses wait for it; so are those below.</param>
/// <param name="OrganizationId">Whose conversation it is.</param>
/// <param name="CreatedAt">ISO 8601, UTC.</param>
/// <param name="Status">As people see it: READ, DELIVERED, FAILED, SENT, ACCEPTED.</param>
/// <param name="Reason">Why it failed, in the provider's words.</param>
/// <param name="Timeline">Every status event that was recorded, by number.</param>
/// <param name="Parked">Statuses that wait for it.</param>
internal sealed record OperatorMessageView(
    Guid MessageId,
    Guid? ConversationId,
    Guid? OrganizationId,
    string? Channel,
    string? Direction,
    string? CreatedAt,
    string? Status,
    string? Reason,
    IReadOnlyList<TimelineEntry> Timeline,
    IReadOnlyList<ParkedView> Parked);
