using System.Collections.Immutable;
using Chat.Core.Ids;
using Chat.Core.Statuses;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedStatusStore(StoreDatabase database, StateCache states) : IStatusStore
{
    private const string InsertEvent =
        """
        INSERT INTO timeline (message_id, conversation_id, seq, kind, at, reason, channel, reported_at, appended_at, joins)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
        """;

    // By the set of kinds, a bit for each.
    private static readonly ImmutableArray<string> MergeKinds = [.. Enumerable.Range(0, 1 << StatusKinds.Count).Select(Merge)];

    private static readonly string MergeAnnouncement = Merge([("announced", 3, 4)]);

    private static readonly ImmutableArray<string> MergeReason = [.. StatusKinds.All.Select(StatusNames.Field).Select(Explain)];

    public ValueTask RecordStatusesAsync(
        IReadOnlyList<StatusRecord> records, IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken)
    {
        // Here and not on the writer's thread, of which there is one.
        var merged = MergedFacts.Of(records);
        return database.WriteAsync(
            session =>
            {
                AddEvents(session, records);
                foreach (var facts in merged) Merge(session, facts);
                EmbeddedChangeStore.Add(session, changes);
                return merged;
            },
            written =>
            {
                foreach (var facts in written) states.Recorded(facts);
            },
            cancellationToken);
    }

    private static void AddEvents(SqliteSession session, IReadOnlyList<StatusRecord> records)
    {
        var insert = session[InsertEvent];
        for (var i = 0; i < records.Count; i++)
        {
            var r = records[i];
            if (r.Kind is not { } kind) continue;
            insert.Bind(1, r.Key.MessageId).Bind(2, r.Key.ConversationId).Bind(3, r.Seq).Bind(4, (long)kind).Bind(5, r.Fact.At)
                .Bind(6, r.Fact.Reason).Bind(7, r.Channel).Bind(8, r.ReportedAt).Bind(9, r.AppendedAt).Bind(10, r.Joins).Run();
        }
    }

    private static void Merge(SqliteSession session, MergedFacts merged)
    {
        if (merged.Announced is { } announced)
            KeyOf(session[MergeAnnouncement], merged).Bind(3, announced.At).Bind(4, announced.Seq).Run();
        var kinds = 0;
        foreach (var kind in StatusKinds.All)
        {
            if (merged.Facts[kind] is not null) kinds |= BitOf(kind);
        }
        if (kinds == 0) return;
        var merge = KeyOf(session[MergeKinds[kinds]], merged);
        foreach (var kind in StatusKinds.All)
        {
            if (merged.Facts[kind] is { } fact) merge.Bind(AtOf(kind), fact.At).Bind(AtOf(kind) + 1, fact.Seq);
        }
        merge.Run();
        foreach (var kind in StatusKinds.All)
        {
            if (merged.Facts[kind]?.Why is not { } why) continue;
            KeyOf(session[MergeReason[StatusKinds.Slot(kind)]], merged).Bind(3, why.At).Bind(4, why.Seq).Bind(5, why.Text).Run();
        }
    }

    private static SqliteStatement KeyOf(SqliteStatement statement, MergedFacts merged) =>
        statement.Bind(1, merged.Key.MessageId).Bind(2, merged.Key.ConversationId);

    private static int BitOf(StatusKind kind) => 1 << StatusKinds.Slot(kind);

    /// <summary>The parameter of a kind's time; its number's is the next.</summary>
    private static int AtOf(StatusKind kind) => 3 + (2 * StatusKinds.Slot(kind));

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

    private static string Merge(int kinds) => Merge(
        [.. StatusKinds.All.Where(k => (kinds & BitOf(k)) != 0).Select(k => (StatusNames.Field(k), AtOf(k), AtOf(k) + 1))]);

    /// <summary><see cref="Fact.Precedes"/> in SQL, for each of some facts: the earlier time stays, at a tie the lower number.</summary>
    private static string Merge(IReadOnlyList<(string Name, int At, int Seq)> facts)
    {
        var precedes = facts.Select(f =>
            $"({f.Name}_at IS NULL OR ?{f.At} < {f.Name}_at OR (?{f.At} = {f.Name}_at AND ?{f.Seq} < {f.Name}_seq))").ToList();
        var sets = facts.Zip(precedes, (f, earlier) =>
            $"{f.Name}_at = iif({earlier}, ?{f.At}, {f.Name}_at), {f.Name}_seq = iif({earlier}, ?{f.Seq}, {f.Name}_seq)");
        return
            $"""
            INSERT INTO facts (message_id, conversation_id{Join(facts, f => $", {f.Name}_at, {f.Name}_seq")})
            VALUES (?1, ?2{Join(facts, f => $", ?{f.At}, ?{f.Seq}")})
            ON CONFLICT DO UPDATE SET {string.Join(", ", sets)} WHERE {string.Join(" OR ", precedes)}
            """;
    }

    private static string Join<T>(IEnumerable<T> items, Func<T, string> text) => string.Concat(items.Select(text));

    /// <summary><see cref="FactReason.Precedes"/> in SQL, once the fact's row is there.</summary>
    private static string Explain(string fact) =>
        $"""
        UPDATE facts SET {fact}_reason = ?5, {fact}_reason_at = ?3, {fact}_reason_seq = ?4
        WHERE message_id = ?1 AND conversation_id = ?2
            AND ({fact}_reason IS NULL OR ?3 < {fact}_reason_at OR (?3 = {fact}_reason_at AND ?4 < {fact}_reason_seq))
        """;
}
