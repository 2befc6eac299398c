using Chat.Core.Ids;
using Chat.Core.Statuses;

namespace Chat.Core.Messages;

/// <summary>What the store holds of a message.</summary>
/// <param name="Message">Null where only statuses of it have come so far.</param>
/// <param name="Announced">When the message was announced, and by which event; null until it is. No status: it is shown to nobody.</param>
public sealed record MessageState(MessageKey Key, Message? Message, StatusFacts Facts, Fact? Announced = null)
{
    /// <summary>The fact of a kind; null as the kind is an announcement's.</summary>
    public Fact? FactOf(StatusKind? kind) => kind is { } k ? Facts[k] : Announced;

    /// <summary>The state once a record of this message is written too.</summary>
    public MessageState With(StatusRecord record) => record.Kind is { } kind
        ? this with { Facts = Facts.With(kind, record.Fact) }
        : this with { Announced = Fact.Merge(Announced, record.Fact) };
}

/// <summary>A message and what is known of it.</summary>
public sealed record MessageWithFacts(Message Message, StatusFacts Facts);

/// <summary>A page of a conversation, newest message first, as the log took them.</summary>
/// <param name="Next">The id to give as <c>before</c> for the next page; null on the last.</param>
/// <param name="Seq">The conversation's head, read before the items: a client that shows them continues from there.</param>
public sealed record MessagePage(IReadOnlyList<MessageWithFacts> Items, Guid? Next, long Seq);
