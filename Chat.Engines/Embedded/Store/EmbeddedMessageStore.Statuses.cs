using Chat.Core.Statuses;
using Chat.Core.Store;

namespace Chat.Engines.Embedded.Store;

public sealed partial class EmbeddedMessageStore
{
    private const string InsertEvent = "INSERT INTO timeline VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING";

    private static readonly Dictionary<StatusKind, string> MergeFact = new()
    {
        [StatusKind.Sent] = Merge("sent"),
        [StatusKind.Delivered] = Merge("delivered"),
        [StatusKind.Read] = Merge("read"),
        [StatusKind.Failed] = Merge("failed"),
    };

    public async ValueTask RecordStatusesAsync(IReadOnlyList<StatusRecord> records, CancellationToken cancellationToken) => await WriteAsync(
        session =>
        {
            var insert = session[InsertEvent];
            for (var i = 0; i < records.Count; i++)
            {
                var r = records[i];
                insert.Bind(1, r.Key.MessageId).Bind(2, r.Key.ConversationId).Bind(3, r.Seq).Bind(4, (long)r.Kind).Bind(5, r.Fact.At)
                    .Bind(6, r.Fact.Reason).Bind(7, r.Channel).Bind(8, r.ReportedAt).Bind(9, r.AppendedAt).Bind(10, r.Joins).Run();
                session[MergeFact[r.Kind]].Bind(1, r.Key.MessageId).Bind(2, r.Key.ConversationId)
                    .Bind(3, r.Fact.At).Bind(4, r.Seq).Bind(5, r.Fact.Reason).Run();
            }
            return records;
        },
        written =>
        {
            for (var i = 0; i < written.Count; i++) _states.Recorded(written[i]);
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<StatusRecord>>(
            session =>
            {
                var records = new List<StatusRecord>();
                var select = session[
                    """
                    SELECT seq, kind, at, reason, channel, reported_at, appended_at, joins FROM timeline
                    WHERE message_id = ?1 AND conversation_id = ?2 ORDER BY seq
                    """]
                    .Bind(1, key.MessageId).Bind(2, key.ConversationId);
                while (select.Step())
                {
                    records.Add(new(
                        key,
                        (StatusKind)select.Int32(1),
                        new(select.Time(2), select.TextOrNull(3), select.Int64(0)),
                        select.TextOrNull(4),
                        select.IsNull(5) ? null : select.Time(5),
                        select.Time(6),
                        select.IsNull(7) ? null : select.Int64(7)));
                }
                return records;
            },
            cancellationToken);

    /// <summary><see cref="Fact.Precedes"/> in SQL: the earlier time stays, at a tie the lower number.</summary>
    private static string Merge(string kind) =>
        $"""
        INSERT INTO facts (message_id, conversation_id, {kind}_at, {kind}_seq, {kind}_reason) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET {kind}_at = ?3, {kind}_seq = ?4, {kind}_reason = ?5
        WHERE {kind}_at IS NULL OR ?3 < {kind}_at OR (?3 = {kind}_at AND ?4 < {kind}_seq)
        """;
}
