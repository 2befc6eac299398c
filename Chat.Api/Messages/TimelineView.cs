using Chat.Core.Ids;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Api.Messages;

/// <summary>One event of a message's timeline.</summary>
/// <param name="Seq">The event's number.</param>
/// <param name="Status">What it says: SENT, DELIVERED, READ, FAILED.</param>
/// <param name="ReportedAt">The time that the provider claimed, where it did.</param>
/// <param name="At">The time that counts: the claimed one, or <paramref name="ReceivedAt"/> where that is absurd.</param>
/// <param name="ReceivedAt">When the log took the event.</param>
/// <param name="Joins">The number of the event that this one repeats, since that came before its message was known.</param>
/// <param name="Applied">Whether the event added anything when it came.</param>
/// <param name="NotApplied">Why not.</param>
/// <param name="Shown">The message's status once this event and those before it are known.</param>
internal sealed record TimelineEntry(
    long Seq,
    string Status,
    string? ReportedAt,
    string At,
    string ReceivedAt,
    string? Reason,
    string? Channel,
    long? Joins,
    bool Applied,
    string? NotApplied,
    string Shown);

/// <summary>Every event that was recorded for a message, by number.</summary>
internal sealed record TimelineView(Guid MessageId, Guid ConversationId, IReadOnlyList<TimelineEntry> Items)
{
    /// <summary>Works out from the events alone what each changed, by merging them in the order of their numbers.</summary>
    public static TimelineView From(MessageKey key, IReadOnlyList<StatusRecord> records)
    {
        var facts = StatusFacts.None;
        var items = new List<TimelineEntry>(records.Count);
        foreach (var record in records.OrderBy(r => r.Seq))
        {
            if (record.Kind is not { } kind) continue;
            var before = facts[kind];
            facts = facts.With(kind, record.Fact);
            items.Add(Entry(record, before, facts[kind], facts.Status));
        }
        return new(key.MessageId, key.ConversationId, items);
    }

    private static TimelineEntry Entry(StatusRecord record, Fact? before, Fact? after, MessageStatus shown)
    {
        var verdict = FactVerdicts.Compare(record.Fact, record.Joins, after);
        return new(
            record.Seq,
            StatusNames.Format(record.Kind),
            record.ReportedAt is { } reported ? WireTime.Format(reported) : null,
            WireTime.Format(record.Fact.At),
            WireTime.Format(record.AppendedAt),
            record.Fact.Reason,
            record.Channel,
            record.Joins,
            verdict is FactVerdict.Stands or FactVerdict.Explains,
            WhyNot(verdict, record, before),
            StatusNames.Format(shown));
    }

    private static string? WhyNot(FactVerdict verdict, StatusRecord record, in Fact? standing) => verdict switch
    {
        FactVerdict.Joins => $"repeats {record.Joins}, which came before the message was known",
        FactVerdict.Copy =>
            $"a copy: {StatusNames.Format(record.Kind)} of the same time is recorded since "
            + $"{FactVerdicts.CopiedSeq(record.Fact, standing!.Value)}",
        FactVerdict.Later =>
            $"{StatusNames.Format(record.Kind)} is recorded since {standing!.Value.Seq} with an earlier time, "
            + WireTime.Format(standing.Value.At),
        _ => null,
    };
}
