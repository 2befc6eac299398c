using Chat.Core.Statuses;

namespace Chat.Connectors.Outbound;

/// <summary>A status that is to be reported of a message that was handed over.</summary>
/// <param name="After">Counted from the hand-over's time in the ledger, so that a redelivery reports the same times again.</param>
/// <param name="Reason">Why, for a failure; null otherwise.</param>
public sealed record PlannedStatus(StatusKind Kind, TimeSpan After, string? Reason = null);
