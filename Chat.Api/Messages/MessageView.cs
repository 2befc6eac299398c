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

/// <summary>A message as the API shows it.</summary>
/// <param name="Status">Derived: READ, DELIVERED, FAILED, SENT, ACCEPTED, the first that is known.</param>
/// <param name="Facts">A member for each kind of fact, in the order of their numbers; null is "not known".</param>
/// <param name="Reason">Why it failed, where FAILED is shown.</param>
/// <param name="Position">Its place in its conversation, which pages are in the order of; null where an earlier version stored it.</param>
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
    IReadOnlyDictionary<string, FactView?> Facts,
    string? Reason,
    long? Position)
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
        FactsOf(facts),
        facts.Reason,
        message.Position > 0 ? message.Position : null);

    private static Dictionary<string, FactView?> FactsOf(in StatusFacts facts)
    {
        var views = new Dictionary<string, FactView?>(StatusKinds.Count);
        foreach (var kind in StatusKinds.All) views.Add(StatusNames.Field(kind), FactView.From(facts[kind]));
        return views;
    }
}
