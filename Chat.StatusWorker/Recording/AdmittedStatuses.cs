using Chat.Core.Bus;
using Chat.Core.Frames;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.StatusWorker.Recording;

/// <summary>A batch of <c>msg.status</c>, third phase: what is recorded, whatever it changes.</summary>
public sealed class AdmittedStatuses
{
    private readonly IReadOnlyList<(IncomingStatus Incoming, StatusRecord Record)> _admitted;
    private readonly SetAside _aside;

    internal AdmittedStatuses(IReadOnlyList<(IncomingStatus Incoming, StatusRecord Record)> admitted, SetAside aside)
    {
        (_admitted, _aside) = (admitted, aside);
        Records = [.. admitted.Select(a => a.Record)];
    }

    /// <summary>What goes into the timeline and the facts.</summary>
    public IReadOnlyList<StatusRecord> Records { get; }

    /// <summary>
    /// Decides by what the store holds once <see cref="Records"/> are written. It merges as this does, and nothing but the events of this
    /// partition changes a message's facts: to read them back would tell nothing new. An event whose own number the fact or its reason
    /// has (or the number of the event that it brings back) is a change; one whose fact has an earlier number is in the timeline alone.
    /// One whose own fact has a number of an earlier epoch is a change too: the worker that wrote that may have died before it wrote
    /// the change.
    /// </summary>
    /// <param name="states">Of each of their messages, as <see cref="ResolvedStatuses.Admit"/> got them.</param>
    /// <param name="sequencer">The partition's; it takes note of the changes.</param>
    /// <param name="heads">
    /// What is merged only now at or below them goes into the log once more, since clients may have passed its number.
    /// </param>
    public AppliedStatuses Apply(IReadOnlyList<MessageState> states, Sequencer sequencer, EarlierHeads heads)
    {
        var aside = _aside.Copy();
        var before = states.ToDictionary(s => s.Key);
        var changes = new List<StatusChange>(_admitted.Count);
        var frames = new List<BusMessage>(_admitted.Count);
        var repeated = 0;
        var merged = Merge(before);
        foreach (var (incoming, record) in _admitted)
        {
            var state = merged[record.Key];
            var message = state.Message!;
            var standing = state.FactOf(record.Kind);
            if (!IsChange(record, standing))
            {
                repeated++;
                continue;
            }
            var isNew = IsHeldBy(standing, record) && !IsHeldBy(before[record.Key].FactOf(record.Kind), record);
            if (isNew && heads.Cover(record.Key.ConversationId, record.Seq)) aside.TellAgain(incoming, record.Key);
            var change = record.Kind is null ? Announce(record, message) : ChangeOf(record, message, state.Facts);
            changes.Add(change);
            var prev = sequencer.Advance(change.ConversationId, change.Seq);
            var frame = change.IsAnnouncement
                ? MessageFrame.EncodeForBus(change, message, prev, incoming.TraceParent)
                : StatusFrame.EncodeForBus(change, message.OrganizationId, prev, incoming.TraceParent);
            frames.Add(new(change.ConversationId, frame));
        }
        return new(merged.Values, changes, frames, repeated, aside);
    }

    /// <summary>Whether a fact has a record's time or reason by its number.</summary>
    private static bool IsHeldBy(in Fact? fact, StatusRecord record) => fact?.Seq == record.Seq || fact?.Why?.Seq == record.Seq;

    private Dictionary<MessageKey, MessageState> Merge(Dictionary<MessageKey, MessageState> before)
    {
        var merged = new Dictionary<MessageKey, MessageState>();
        foreach (var record in Records) merged[record.Key] = merged.GetValueOrDefault(record.Key, before[record.Key]).With(record);
        return merged;
    }

    private static StatusChange ChangeOf(StatusRecord record, Message message, in StatusFacts facts) => new(
        record.Key.ConversationId,
        record.Seq,
        record.Key.MessageId,
        facts.Status,
        message.Channel,
        facts.Decisive!.Value.At,
        facts.Reason,
        record.AppendedAt);

    private static StatusChange Announce(StatusRecord record, Message message) => new(
        record.Key.ConversationId,
        record.Seq,
        record.Key.MessageId,
        MessageStatus.Accepted,
        message.Channel,
        message.CreatedAt,
        Reason: null,
        record.AppendedAt);

    // After a new epoch an event that comes again has another number than its fact got before. Its change goes under the new one,
    // which is above all that a client can have seen; where the old one was written too, it says the same once more.
    private static bool IsChange(StatusRecord record, in Fact? standing) =>
        FactVerdicts.Compare(record.Fact, record.Joins, standing) switch
        {
            FactVerdict.Stands or FactVerdict.Joins or FactVerdict.Explains => true,
            FactVerdict.Copy => FactVerdicts.CopiedSeq(record.Fact, standing!.Value) is { } copied
                && SequenceNumber.Epoch(copied) < SequenceNumber.Epoch(record.Seq),
            _ => false,
        };
}
