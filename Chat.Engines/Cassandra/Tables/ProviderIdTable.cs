using Chat.Core.Ids;
using Chat.Core.Providers;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>The messages that providers mean by their ids.</summary>
internal sealed class ProviderIdTable(CassandraConnection connection, FirstStays firstStays, MessageLife life) : IProviderIds
{
    private static readonly Cql AddId = new(
        "UPDATE provider_ids USING TIMESTAMP ? AND TTL ? SET message = ? WHERE channel = ? AND provider_message_id = ?");

    private static readonly Cql FindId = new("SELECT message FROM provider_ids WHERE channel = ? AND provider_message_id = ?");

    public async ValueTask AddProviderIdAsync(ProviderId id, MessageKey key, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        await session.ExecuteAsync(
            AddId,
            cancellationToken,
            firstStays.Next(),
            life.SecondsLeft(key.MessageId),
            Tuple.Create(key.ConversationId, key.MessageId),
            id.Channel,
            id.Key);
    }

    public async ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
        IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        return await session.FindManyAsync(
            ids,
            async (id, ct) =>
            {
                var row = await session.FindAsync(FindId, ct, id.Channel, id.Key);
                return row?.GetValue<Tuple<Guid, Guid>?>(0) is { } key ? new MessageKey(key.Item1, key.Item2) : default(MessageKey?);
            },
            cancellationToken);
    }
}
