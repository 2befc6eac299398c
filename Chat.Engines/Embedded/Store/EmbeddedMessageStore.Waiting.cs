using Chat.Core.Store;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

/// <summary>Statuses without a message, and what connectors note.</summary>
public sealed partial class EmbeddedMessageStore
{
    public ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            var insert = session["INSERT INTO parked VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"];
            for (var i = 0; i < statuses.Count; i++)
            {
                var s = statuses[i];
                insert.Bind(1, s.Subject).Bind(2, s.Seq).BindBlob(3, s.Value.Span).Bind(4, s.AppendedAt).Run();
            }
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<ParkedStatus>>(
            session =>
            {
                var parked = new List<ParkedStatus>();
                foreach (var subject in subjects.Distinct())
                    AddParked(parked, session["SELECT subject, seq, value, appended_at FROM parked WHERE subject = ?1"].Bind(1, subject));
                parked.Sort(static (a, b) => a.Seq.CompareTo(b.Seq));
                return parked;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<ParkedStatus>> ListParkedBeforeAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<ParkedStatus>>(
            session =>
            {
                var parked = new List<ParkedStatus>();
                AddParked(
                    parked,
                    session["SELECT subject, seq, value, appended_at FROM parked WHERE appended_at < ?1 ORDER BY appended_at LIMIT ?2"]
                        .Bind(1, before).Bind(2, limit));
                return parked;
            },
            cancellationToken);

    public ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            var delete = session["DELETE FROM parked WHERE subject = ?1 AND seq = ?2"];
            for (var i = 0; i < statuses.Count; i++) delete.Bind(1, statuses[i].Subject).Bind(2, statuses[i].Seq).Run();
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<HandOver>>(
            session =>
            {
                var upsert = session[
                    """
                    INSERT INTO hand_overs VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT DO UPDATE SET at = min(at, ?3), provider_message_id = coalesce(provider_message_id, ?4)
                    WHERE ?3 < at OR (provider_message_id IS NULL AND ?4 IS NOT NULL)
                    """];
                for (var i = 0; i < handOvers.Count; i++)
                {
                    var h = handOvers[i];
                    upsert.Bind(1, h.MessageId).Bind(2, h.Channel).Bind(3, h.At).Bind(4, h.ProviderMessageId).Run();
                }
                var standing = new HandOver[handOvers.Count];
                var select = session["SELECT at, provider_message_id FROM hand_overs WHERE message_id = ?1 AND channel = ?2"];
                for (var i = 0; i < standing.Length; i++)
                {
                    var h = handOvers[i];
                    select.Bind(1, h.MessageId).Bind(2, h.Channel).Step();
                    standing[i] = new(h.MessageId, h.Channel, select.Time(0), select.TextOrNull(1));
                    select.Reset();
                }
                return standing;
            },
            cancellationToken);

    public ValueTask AddProviderIdAsync(string channel, string providerMessageId, MessageKey key, CancellationToken cancellationToken) => WriteAsync(
        session => session["INSERT INTO provider_ids VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"]
            .Bind(1, channel).Bind(2, providerMessageId).Bind(3, key.ConversationId).Bind(4, key.MessageId).Run(),
        cancellationToken);

    public ValueTask<MessageKey?> FindByProviderIdAsync(string channel, string providerMessageId, CancellationToken cancellationToken) =>
        ReadAsync<MessageKey?>(
            session =>
            {
                var select = session["SELECT conversation_id, message_id FROM provider_ids WHERE channel = ?1 AND provider_message_id = ?2"]
                    .Bind(1, channel).Bind(2, providerMessageId);
                if (!select.Step()) return null;
                var key = new MessageKey(select.Uuid(0), select.Uuid(1));
                select.Reset();
                return key;
            },
            cancellationToken);

    private static void AddParked(List<ParkedStatus> parked, SqliteStatement row)
    {
        while (row.Step()) parked.Add(new(row.Text(0), row.Int64(1), row.Bytes(2).ToArray(), row.Time(3)));
    }
}
