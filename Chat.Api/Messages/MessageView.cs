using System.Text.Json;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Api.Messages;

/// <summary>One thing known of a message. <c>at</c>: ISO 8601, UTC; <c>seq</c>: the number of the event that said so.</summary>
internal sealed record FactView(string At, string? Reason, long Seq)
{
    public static FactView? From(Fact? fact) => fact is { } f ? new(WireTime.Format(f.At), f.Reason, f.Seq) : null;
}

/// <summary>What is known of a message; null is "not known".</summary>
internal sealed record FactsView(FactView? Sent, FactView? Delivered, FactView? Read, FactView? Failed);

/// <summary>A message as the API shows it.</summary>
/// <param name="Status">Derived: READ, DELIVERED, FAILED, SENT, ACCEPTED, the first that is known.</param>
/// <param name="Reason">Why it failed, where FAILED is shown.</param>
internal sealed record MessageView(
    Guid MessageId,
    Guid ConversationId,
    string Channel,
    string Direction,
    string Type,
    JsonElement Content,
    Guid SenderId,
    string CreatedAt,
    string Status,
    FactsView Facts,
    string? Reason)
{
    public static MessageView From(Message message, in StatusFacts facts) => new(
        message.MessageId,
        message.ConversationId,
        message.Channel,
        message.Direction,
        message.Type,
        MessageContent.Read(message.Content),
        message.SenderId,
        WireTime.Format(message.CreatedAt),
        StatusNames.Format(facts.Status),
        new(FactView.From(facts.Sent), FactView.From(facts.Delivered), FactView.From(facts.Read), FactView.From(facts.Failed)),
        facts.Reason);
}
