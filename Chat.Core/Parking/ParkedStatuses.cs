using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Core.Parking;

/// <summary>How statuses that came before their message wait for it, and how they come back.</summary>
public static class ParkedStatuses
{
    /// <summary>What a status waits for that names a message.</summary>
    public static string SubjectOf(Guid messageId) => messageId.ToString("D");

    /// <summary>What a status waits for that names only a provider's id.</summary>
    public static string SubjectOf(ProviderId id) => $"{id.Channel}:{id.Key}";

    /// <summary>What a status waits for: the message that it names, or else the provider's id.</summary>
    public static string SubjectOf(StatusEvent status) => status.MessageId is { } id
        ? SubjectOf(id)
        : SubjectOf(status.ProviderId);

    /// <summary>
    /// Whether a status that waited for its time, and whose message nobody knows, is of a message that nobody here sent: a provider
    /// reported it of an account, by an id that was never given to us, and without the id of ours that comes back with what we sent.
    /// Another system sends from the same account, or did before the account was connected here.
    /// </summary>
    public static bool IsOfAnotherSystem(StatusEvent status) =>
        status is { MessageId: null, ConversationId: null, AccountId: not null, ProviderMessageId: not null };

    /// <summary>
    /// What becomes of a parked status now that its message is known: it goes back through <c>msg.status</c>, so that the log
    /// numbers it; or, where it names another conversation than the message's, into the dead letters. Appending it twice does no
    /// harm.
    /// </summary>
    public static NewEvent Release(ParkedStatus parked, MessageKey key)
    {
        var status = StatusEventJson.TryRead(parked.Value.Span, out var error);
        if (status is null) return GiveUp(parked, error!.ToString());
        if (status.ConversationId is { } claimed && claimed != key.ConversationId)
            return GiveUp(parked, $"conversation_id: message {key.MessageId} belongs to another conversation than {claimed}");
        var joined = Join(status, parked.Seq, parked.AppendedAt, key.MessageId) with { ConversationId = key.ConversationId };
        return new(Topics.Status, MessageIds.Format(key.ConversationId), StatusEventJson.Write(joined));
    }

    /// <summary>A status as it goes into the log again, after it waited under a number.</summary>
    private static StatusEvent Join(StatusEvent status, long seq, DateTimeOffset appendedAt, Guid? messageId) => status with
    {
        MessageId = messageId,
        // Where its event is delivered again now, it is recorded under that number, below what clients have seen: this one tells them.
        // What names no conversation is never recorded itself, and this repeats nothing.
        Joins = status.Joins ?? (status.ConversationId is null ? null : SequenceNumber.WithoutPartition(seq)),
        // An absurd or missing time became the first append's: the joined event must make the same fact.
        Timestamp = FactTime.Effective(status.Timestamp, appendedAt, messageId),
    };

    /// <summary>The record of a parked status that is given up, with the reason.</summary>
    public static NewEvent GiveUp(ParkedStatus parked, string reason) => new(
        Topics.DeadLetter(Topics.Status), parked.Subject, parked.Value, Place(parked, reason));

    /// <summary>
    /// The same where the dead-letter topic refuses the value: it says where the event was, except for its partition, which nobody
    /// noted.
    /// </summary>
    public static NewEvent GiveUpWithoutValue(ParkedStatus parked, string reason) => new(
        Topics.DeadLetter(Topics.Status),
        parked.Subject,
        "null"u8.ToArray(),
        [.. Place(parked, reason), new(HeaderNames.DeadLetterPointer, "true")]);

    private static EventHeader[] Place(ParkedStatus parked, string reason) =>
    [
        DeadLetters.ReasonHeader(reason),
        new(HeaderNames.DeadLetterTopic, Topics.Status),
        new(HeaderNames.DeadLetterOffset, SequenceNumber.Offset(parked.Seq).ToString()),
        new(HeaderNames.DeadLetterSeq, parked.Seq.ToString()),
        new(HeaderNames.DeadLetterAppendedAt, parked.AppendedAt.ToUnixTimeMilliseconds().ToString()),
    ];

    /// <summary>
    /// A given-up status as it goes back: it says under which number it was recorded, or it would be taken for a copy of itself and
    /// shown to nobody. The key and value; null where the dead letter's value can't be read.
    /// </summary>
    public static (string Key, byte[] Value)? PutBack(string subject, ReadOnlyMemory<byte> value, long seq, DateTimeOffset appendedAt)
    {
        if (StatusEventJson.TryRead(value.Span, out _) is not { } status) return null;
        var joined = Join(status, seq, appendedAt, status.MessageId);
        return (status.ConversationId is { } conversation ? MessageIds.Format(conversation) : subject, StatusEventJson.Write(joined));
    }
}
