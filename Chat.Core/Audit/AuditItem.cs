using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.Core.Audit;

/// <summary>An event on its way to its outcome.</summary>
internal sealed class AuditItem(TopicPartition partition, LogEvent source, StatusEvent? status, long seq)
{
    public LogEvent Event => source;

    public StatusEvent? Status => status;

    /// <summary>Its number; corrected where it was numbered in an earlier epoch.</summary>
    public long Seq { get; private set; } = seq;

    /// <summary>Its number in the latest epoch: one that came again after its fact was recorded has its change there.</summary>
    public long LatestSeq { get; } = seq;

    public MessageKey? Key { get; set; }

    /// <summary>Whether it lies elsewhere than its conversation does now: its copy stands for it.</summary>
    public bool IsForeign { get; set; }

    /// <summary>Null until it is decided.</summary>
    public AuditOutcome? Outcome { get; set; }

    /// <summary>What it is unless something explains it.</summary>
    public AuditOutcome DefaultOutcome { get; set; } = AuditOutcome.MissingFact;

    public bool FactStands { get; set; }

    public Fact? Standing { get; private set; }

    /// <summary>Whether a change row under <see cref="Seq"/> is due.</summary>
    public bool NeedsChange { get; private set; }

    public long At { get; } = status is null ? 0 : FactTime.Effective(status.Timestamp, source.AppendedAt).ToUnixTimeMilliseconds();

    public Guid? MessageId => Key?.MessageId ?? status?.MessageId;

    public string Subject => status!.MessageId is { } id
        ? ParkedStatuses.SubjectOf(id)
        : ParkedStatuses.SubjectOf(status.Channel, status.ProviderMessageId!);

    public Waiting Waiting => new(Subject, source.Offset, source.AppendedAt.ToUnixTimeMilliseconds());

    /// <summary>Decides by what the store holds of its message.</summary>
    public void Evaluate(MessageState state)
    {
        Standing = state.Facts[status!.Status];
        // An event of an earlier epoch stands under the number of its time. Of this epoch a foreign one stands by its copy alone, even
        // where that has the same offset in its own partition.
        var own = Standing is { } s && SequenceNumber.Offset(s.Seq) == source.Offset && (!IsForeign || s.Seq < Seq);
        if (own) Seq = Standing!.Value.Seq;
        if (IsForeign && !own)
        {
            FactStands = Standing?.At.ToUnixTimeMilliseconds() <= At;
            if (FactStands) Outcome = AuditOutcome.Rekeyed;
            return;
        }
        switch (FactVerdicts.Compare(new(DateTimeOffset.FromUnixTimeMilliseconds(At), null, Seq), status.Joins, Standing))
        {
            case FactVerdict.Unmerged:
                return;
            case FactVerdict.Copy or FactVerdict.Later:
                (FactStands, Outcome) = (true, AuditOutcome.Repeated);
                return;
            default:
                FactStands = true;
                DefaultOutcome = AuditOutcome.MissingChange;
                NeedsChange = state.Message is not null;
                return;
        }
    }

    /// <summary>Decides by what is recorded of its message: whether the one that joins it does stand for it.</summary>
    public void Evaluate(IReadOnlyList<StatusRecord> timeline)
    {
        foreach (var record in timeline)
        {
            if (record.Kind != status!.Status || Standing is not { } standing) continue;
            if (record.Joins is { } joins && SequenceNumber.Offset(joins) == source.Offset && !record.Fact.Precedes(standing))
            {
                (FactStands, Outcome) = (true, AuditOutcome.Joined);
                return;
            }
            if (SequenceNumber.Offset(record.Seq) == source.Offset && record.AppendedAt == source.AppendedAt) Seq = record.Seq;
        }
    }

    public void Count(AuditTally tally)
    {
        var outcome = Outcome ?? DefaultOutcome;
        if (outcome.IsMissing())
        {
            var conversation = Key?.ConversationId ?? status?.ConversationId;
            tally.Add(new AuditFinding(outcome, partition, source, status, MessageId, conversation, Seq), FactStands);
        }
        else
        {
            tally.Add(outcome, FactStands);
        }
    }
}
