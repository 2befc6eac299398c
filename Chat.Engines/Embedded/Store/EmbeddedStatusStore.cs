using System.Collections.Immutable;
using Chat.Core.Ids;
using Chat.Core.Statuses;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedStatusStore(StoreDatabase database, StateCache states) : IStatusStore
{
    private const string InsertEvent =
        """
        INSERT INTO timeline (message_id, conversation_id, seq, kind, at, reason, channel, reported_at, appended_at, joins)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
        """;

    private static readonly ImmutableArray<string> MergeFact = [.. StatusKinds.All.Select(StatusNames.Field).Select(Merge)];

    private static readonly string MergeAnnouncement = Merge("announced");

    private static readonly ImmutableArray<string> MergeReason = [.. StatusKinds.All.Select(StatusNames.Field).Select(Explain)];

    public ValueTask RecordStatusesAsync(IReadOnlyList<StatusRecord> records, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var insert = session[InsertEvent];
            for (var i = 0; i < records.Count; i++)
            {
                var r = records[i];
                if (r.Kind is not { } kind)
                {
                    session[MergeAnnouncement].Bind(1, r.Key.MessageId).Bind(2, r.Key.ConversationId)
                        .Bind(3, r.Fact.At).Bind(4, r.Seq).Run();
                    continue;
                }
                insert.Bind(1, r.Key.MessageId).Bind(2, r.Key.ConversationId).Bind(3, r.Seq).Bind(4, (long)kind).Bind(5, r.Fact.At)
                    .Bind(6, r.Fact.Reason).Bind(7, r.Channel).Bind(8, r.ReportedAt).Bind(9, r.AppendedAt).Bind(10, r.Joins).Run();
                session[MergeFact[StatusKinds.Slot(kind)]].Bind(1, r.Key.MessageId).Bind(2, r.Key.ConversationId)
                    .Bind(3, r.Fact.At).Bind(4, r.Seq).Run();
                if (r.Fact.Reason is null) continue;
                session[MergeReason[StatusKinds.Slot(kind)]].Bind(1, r.Key.MessageId).Bind(2, r.Key.ConversationId)
                    .Bind(3, r.Fact.At).Bind(4, r.Seq).Bind(5, r.Fact.Reason).Run();
            }
            return records;
        },
        written =>
        {
            for (var i = 0; i < written.Count; i++) states.Recorded(written[i]);
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StatusRecord>>(
            session => session[
                """
                SELECT seq, kind, at, reason, channel, reported_at, appended_at, joins FROM timeline
                WHERE message_id = ?1 AND conversation_id = ?2 ORDER BY seq
                """]
                .Bind(1, key.MessageId).Bind(2, key.ConversationId)
                .List(row => new StatusRecord(
                    key,
                    (StatusKind)row.Int32(1),
                    new(row.Time(2), row.TextOrNull(3), row.Int64(0)),
                    row.TextOrNull(4),
                    row.IsNull(5) ? null : row.Time(5),
                    row.Time(6),
                    row.IsNull(7) ? null : row.Int64(7))),
            cancellationToken);

    /// <summary><see cref="Fact.Precedes"/> in SQL: the earlier time stays, at a tie the lower number.</summary>
    private static string Merge(string fact) =>
        $"""
        INSERT INTO facts (message_id, conversation_id, {fact}_at, {fact}_seq) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET {fact}_at = ?3, {fact}_seq = ?4
        WHERE {fact}_at IS NULL OR ?3 < {fact}_at OR (?3 = {fact}_at AND ?4 < {fact}_seq)
        """;

    /// <summary><see cref="FactReason.Precedes"/> in SQL, once the fact's row is there.</summary>
    private static string Explain(string fact) =>
        $"""
        UPDATE facts SET {fact}_reason = ?5, {fact}_reason_at = ?3, {fact}_reason_seq = ?4
        WHERE message_id = ?1 AND conversation_id = ?2
            AND ({fact}_reason IS NULL OR ?3 < {fact}_reason_at OR (?3 = {fact}_reason_at AND ?4 < {fact}_reason_seq))
        """;
}
