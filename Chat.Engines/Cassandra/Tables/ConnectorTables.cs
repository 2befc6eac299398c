using Cassandra;
using Chat.Core.Store;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>The connectors' ledger and the providers' ids.</summary>
internal sealed class ConnectorTables(CassandraConnection connection, FirstStays firstStays)
{
    private static readonly Cql RecordTime = new(
        "UPDATE hand_overs USING TIMESTAMP ? SET at = ? WHERE message_id = ? AND channel = ?");

    private static readonly Cql RecordProviderId = new(
        "UPDATE hand_overs USING TIMESTAMP ? SET provider_message_id = ? WHERE message_id = ? AND channel = ?");

    private static readonly Cql Find = new("SELECT at, provider_message_id FROM hand_overs WHERE message_id = ? AND channel = ?");

    private static readonly Cql AddId = new(
        "UPDATE provider_ids USING TIMESTAMP ? SET message = ? WHERE channel = ? AND provider_message_id = ?");

    private static readonly Cql FindId = new("SELECT message FROM provider_ids WHERE channel = ? AND provider_message_id = ?");

    public async ValueTask<IReadOnlyList<HandOver>> RecordAsync(
        IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var timestamp = firstStays.Next();
        var partitions = handOvers.GroupBy(h => (h.MessageId, h.Channel)).ToDictionary(g => g.Key, g => g.ToList());
        var standing = new System.Collections.Concurrent.ConcurrentDictionary<(Guid, string), HandOver>();
        await session.ForEachAsync(
            [.. partitions],
            async (partition, ct) =>
            {
                var (message, channel) = partition.Key;
                var rows = new List<BoundStatement>();
                var earliest = partition.Value.Min(h => h.At);
                rows.Add(await session.BindAsync(RecordTime, CellTimes.Earliest(earliest), earliest, message, channel));
                if (partition.Value.FirstOrDefault(h => h.ProviderMessageId is not null) is { } named)
                {
                    rows.Add(await session.BindAsync(RecordProviderId, timestamp, named.ProviderMessageId, message, channel));
                }
                await session.ExecuteTogetherAsync(rows, ct);
                var row = await session.FindAsync(Find, ct, message, channel);
                standing[partition.Key] = new(message, channel, row!.GetValue<DateTimeOffset>(0), row.GetValue<string?>(1));
            },
            cancellationToken);
        return [.. handOvers.Select(h => standing[(h.MessageId, h.Channel)])];
    }

    public async ValueTask AddProviderIdAsync(
        string channel, string providerMessageId, MessageKey key, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        await session.ExecuteAsync(
            AddId,
            cancellationToken,
            firstStays.Next(),
            Tuple.Create(key.ConversationId, key.MessageId),
            channel,
            providerMessageId);
    }

    public async ValueTask<MessageKey?> FindByProviderIdAsync(
        string channel, string providerMessageId, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var row = await session.FindAsync(FindId, cancellationToken, channel, providerMessageId);
        return row?.GetValue<Tuple<Guid, Guid>?>(0) is { } key ? new MessageKey(key.Item1, key.Item2) : null;
    }
}
