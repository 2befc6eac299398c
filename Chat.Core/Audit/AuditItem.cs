using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.Core.Audit;

/// <summary>An event while its outcome is worked out.</summary>
/// <param name="seq">Its number in the latest epoch.</param>
internal sealed class AuditItem(TopicPartition partition, LogEvent source, StatusEvent? status, long seq)
{
    public LogEvent Event => source;

    /// <summary>Null where the event can't be read.</summary>
    public StatusEvent? Status => status;

    /// <summary>The number that it was recorded under: of an earlier epoch, once the store shows that it was.</summary>
    public long Seq { get; private set; } = seq;

    /// <summary>
    /// Its number in the latest epoch. Its change row is here where it was processed again after its fact was recorded.
    /// </summary>
    public long LatestSeq { get; } = seq;

    /// <summary>Its message; null until it is found.</summary>
    public MessageKey? Key { get; set; }

    /// <summary>
    /// Whether the worker appends it again and records that copy: it names no conversation, or is in another partition than its.
    /// </summary>
    public bool IsRekeyed { get; set; }

    /// <summary>Null until it is decided.</summary>
    public AuditOutcome? Outcome { get; set; }

    /// <summary>The outcome if nothing else explains it.</summary>
    public AuditOutcome DefaultOutcome { get; set; } = AuditOutcome.MissingFact;

    /// <summary>Whether the store has its fact, from this event or another.</summary>
    public bool IsFactStored { get; set; }

    /// <summary>What the store has for the fact of its kind.</summary>
    public Fact? StoredFact { get; private set; }

    /// <summary>Whether the store must have a change row of it.</summary>
    public bool NeedsChange { get; private set; }

    /// <summary>
    /// The number of the event that it repeats, where that made the stored fact: delivered again after this one, it has the change row, and
    /// this one was a copy of another that repeats it.
    /// </summary>
    public long? JoinedSeq => NeedsChange && status?.Joins is { } joins && joins == StoredFact?.Seq ? joins : null;

    /// <summary>The effective time of its fact, in Unix milliseconds.</summary>
    public long At => status is null
        ? 0
        : FactTime.Effective(status.Timestamp, source.AppendedAt, MessageId).ToUnixTimeMilliseconds();

    public Guid? MessageId => Key?.MessageId ?? status?.MessageId;

    /// <summary>What it waits for if it is parked.</summary>
    public string Subject => ParkedStatuses.SubjectOf(status!);

    public ParkedKey ParkedKey => new(Subject, source.Offset, source.AppendedAt.ToUnixTimeMilliseconds());

    /// <summary>What it states; only where its message is known.</summary>
    public StatedFact StatedFact => new(MessageId!.Value, status!.Status, At);

    /// <summary>Decides by what the store has of its message.</summary>
    public void Evaluate(MessageState state)
    {
        StoredFact = state.FactOf(status!.Status);
        // Recorded from this very event if the stored number has its offset, in whatever epoch. The copy of a re-keyed event may
        // have the same offset in its own partition by chance, though; of the latest epoch such a number proves nothing.
        var own = OwnNumber(StoredFact?.Seq) ?? OwnNumber(StoredFact?.Why?.Seq);
        if (own is { } number) Seq = number;
        if (IsRekeyed && own is null)
        {
            // Its copy has another number, which is not known here.
            IsFactStored = StoredFact is { } stored && stored.Covers(FactUnder(SequenceNumber.Max));
            if (IsFactStored) Outcome = AuditOutcome.Rekeyed;
            return;
        }
        switch (FactVerdicts.Compare(FactUnder(Seq), status.Joins, StoredFact))
        {
            case FactVerdict.Unmerged:
                return;
            case FactVerdict.Copy or FactVerdict.Later:
                (IsFactStored, Outcome) = (true, AuditOutcome.Repeated);
                return;
            default:
                IsFactStored = true;
                DefaultOutcome = AuditOutcome.MissingChange;
                NeedsChange = state.Message is not null;
                return;
        }
    }

    private long? OwnNumber(long? stored) =>
        stored is { } s && SequenceNumber.Offset(s) == source.Offset && (!IsRekeyed || s < Seq) ? s : null;

    private Fact FactUnder(long number) =>
        new(DateTimeOffset.FromUnixTimeMilliseconds(At), status!.FailureReason, number);

    /// <summary>
    /// Decides by the timeline of its message: whether a later event joins this one, and under which number this one was
    /// recorded.
    /// </summary>
    public void Evaluate(IReadOnlyList<StatusRecord> timeline)
    {
        // Announcements are in no timeline, and one of a message, whichever it was, is as good as another.
        if (status is { IsAnnouncement: true } && StoredFact is not null && !NeedsChange)
        {
            (IsFactStored, Outcome) = (true, AuditOutcome.Joined);
            return;
        }
        foreach (var record in timeline)
        {
            if (record.Kind != status!.Status || StoredFact is not { } stored) continue;
            if (record.Joins is { } joins && SequenceNumber.Offset(joins) == source.Offset && stored.Covers(record.Fact))
            {
                (IsFactStored, Outcome) = (true, AuditOutcome.Joined);
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
            tally.Add(new AuditFinding(outcome, partition, source, status, MessageId, conversation, Seq), IsFactStored);
        }
        else
        {
            tally.Add(outcome, IsFactStored);
        }
    }
}
