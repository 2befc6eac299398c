using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Core.Text;

namespace Chat.Core.Audit;

/// <summary>An acknowledged event of which something is missing.</summary>
/// <param name="Status">Null where it can't be read.</param>
public sealed record AuditFinding(
    AuditOutcome Outcome,
    TopicPartition Partition,
    LogEvent Event,
    StatusEvent? Status,
    Guid? MessageId,
    Guid? ConversationId,
    long Seq)
{
    /// <summary>One line: what is missing, and of which event.</summary>
    public override string ToString() =>
        $"missing {Outcome.MissingKind()}: {(Status is null ? "unreadable" : StatusNames.Format(Status.Status))}"
        + $" of message {MessageId?.ToString() ?? Printable.Line(Status?.ProviderMessageId ?? "?")},"
        + $" conversation {ConversationId?.ToString() ?? "?"},"
        + $" seq {Seq}, {Partition}:{Event.Offset}";
}
