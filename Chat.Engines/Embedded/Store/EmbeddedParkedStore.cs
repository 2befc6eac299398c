using Chat.Core.Parking;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedParkedStore(StoreDatabase database) : IParkedStore
{
    public ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var insert = session["INSERT INTO parked (subject, seq, value, appended_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"];
            for (var i = 0; i < statuses.Count; i++)
            {
                var s = statuses[i];
                insert.Bind(1, s.Subject).Bind(2, s.Seq).BindBlob(3, s.Value.Span).Bind(4, s.AppendedAt).Run();
            }
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
        IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<ParkedStatus>>(
        session =>
        {
            var parked = new List<ParkedStatus>();
            var select = session["SELECT subject, seq, value, appended_at FROM parked WHERE subject = ?1"];
            foreach (var subject in subjects.Distinct()) parked.AddRange(select.Bind(1, subject).List(Parked));
            parked.Sort(static (a, b) => a.Seq.CompareTo(b.Seq));
            return parked;
        },
        cancellationToken);

    public ValueTask<ParkedPage> ListParkedBeforeAsync(
        DateTimeOffset before, ParkedPlace? after, int limit, CancellationToken cancellationToken) => database.ReadAsync(
        session =>
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
            var from = after ?? ParkedPlace.Start;
            var parked = session[
                """
                SELECT subject, seq, value, appended_at FROM parked
                WHERE appended_at < ?1 AND (appended_at, subject, seq) > (?2, ?3, ?4)
                ORDER BY appended_at, subject, seq LIMIT ?5
                """]
                .Bind(1, before).Bind(2, from.AppendedAt).Bind(3, from.Subject).Bind(4, from.Seq).Bind(5, limit)
                .List(Parked);
            return ParkedPage.Of(parked, before, limit);
        },
        cancellationToken);

    public ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var delete = session["DELETE FROM parked WHERE subject = ?1 AND seq = ?2"];
            for (var i = 0; i < statuses.Count; i++) delete.Bind(1, statuses[i].Subject).Bind(2, statuses[i].Seq).Run();
        },
        cancellationToken);

    // A deleted row is gone.
    public ValueTask TidyParkedAsync(ParkedPlace through, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private static ParkedStatus Parked(SqliteStatement row) => new(row.Text(0), row.Int64(1), row.Bytes(2).ToArray(), row.Time(3));
}
