using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Client;

/// <summary>One thing known of a message.</summary>
/// <param name="At">When it happened, as the channel tells; UTC.</param>
/// <param name="Reason">Why, of a failure.</param>
/// <param name="Seq">The conversation's number of the event that said so.</param>
public sealed record MessageFact(DateTimeOffset At, string? Reason, long Seq);

/// <summary>What is known of a message; null is "not known".</summary>
/// <param name="Sent">The channel took it.</param>
/// <param name="Delivered">It reached the recipient.</param>
/// <param name="Read">The recipient read it.</param>
/// <param name="Failed">It failed.</param>
public sealed record MessageFacts(MessageFact? Sent, MessageFact? Delivered, MessageFact? Read, MessageFact? Failed);

/// <summary>A message as a page shows it.</summary>
public sealed record MessageItem
{
    /// <summary>The message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The conversation that it belongs to.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>The channel: <c>whatsapp</c>, <c>instagram</c>.</summary>
    public string? Channel { get; init; }

    /// <summary><c>outbound</c> or <c>inbound</c>.</summary>
    public string? Direction { get; init; }

    /// <summary>What the content is: <c>text</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The content, whose members depend on <see cref="Type"/>.</summary>
    public JsonElement Content { get; init; }

    /// <summary>The user who wrote it.</summary>
    public Guid? SenderId { get; init; }

    /// <summary>When it was taken; UTC.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The derived status; null where it is a word that this version doesn't know.</summary>
    [JsonConverter(typeof(MessageStatusConverter))]
    public MessageStatus? Status { get; init; }

    /// <summary>What is known, fact by fact.</summary>
    public MessageFacts? Facts { get; init; }

    /// <summary>Why it failed, where FAILED is shown.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Its place in its conversation, whatever clock made its id: a page is in this order, newest first. Null where an earlier version of
    /// the server stored it; such messages are older than all others.
    /// </summary>
    public long? Position { get; init; }

    /// <summary>When it got its status: the time of the fact that the status stands on, else when it was taken.</summary>
    internal DateTimeOffset? StatusAt => Status switch
    {
        MessageStatus.Sent => Facts?.Sent?.At,
        MessageStatus.Failed => Facts?.Failed?.At,
        MessageStatus.Delivered => Facts?.Delivered?.At,
        MessageStatus.Read => Facts?.Read?.At,
        _ => null,
    } ?? CreatedAt;
}
