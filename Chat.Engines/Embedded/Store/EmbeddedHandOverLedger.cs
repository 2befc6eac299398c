using Chat.Core.Providers;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedHandOverLedger(StoreDatabase database) : IHandOverLedger
{
    public ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(
        IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken) => database.WriteAsync<IReadOnlyList<HandOver>>(
        session =>
        {
            var upsert = session[
                """
                INSERT INTO hand_overs (message_id, channel, at, provider_message_id) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET at = min(at, ?3), provider_message_id = coalesce(provider_message_id, ?4)
                WHERE ?3 < at OR (provider_message_id IS NULL AND ?4 IS NOT NULL)
                """];
            foreach (var h in handOvers) upsert.Bind(1, h.MessageId).Bind(2, h.Channel).Bind(3, h.At).Bind(4, h.ProviderMessageId).Run();
            var select = session["SELECT at, provider_message_id FROM hand_overs WHERE message_id = ?1 AND channel = ?2"];
            return
            [
                .. handOvers.Select(h => select.Bind(1, h.MessageId).Bind(2, h.Channel)
                    .Single(row => new HandOver(h.MessageId, h.Channel, row.Time(0), row.TextOrNull(1)))),
            ];
        },
        cancellationToken);
}
