using Chat.Core.Ids;
using Chat.Core.Providers;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedProviderIds(StoreDatabase database) : IProviderIds
{
    public ValueTask AddProviderIdAsync(ProviderId id, MessageKey key, CancellationToken cancellationToken) => database.WriteAsync(
        session => session[
            """
            INSERT INTO provider_ids (channel, provider_message_id, conversation_id, message_id) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING
            """]
            .Bind(1, id.Channel).Bind(2, id.Key).Bind(3, key.ConversationId).Bind(4, key.MessageId).Run(),
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
        IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<ProviderId, MessageKey>>(
            session =>
            {
                var found = new Dictionary<ProviderId, MessageKey>(ids.Count);
                var select = session[
                    "SELECT conversation_id, message_id FROM provider_ids WHERE channel = ?1 AND provider_message_id = ?2"];
                foreach (var id in ids)
                {
                    var key = select.Bind(1, id.Channel).Bind(2, id.Key)
                        .First<MessageKey?>(static row => new(row.Uuid(0), row.Uuid(1)));
                    if (key is not null) found[id] = key.Value;
                }
                return found;
            },
            cancellationToken);
}
