using Cassandra;
using Chat.Core.Providers;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>The connectors' ledger.</summary>
internal sealed class HandOverTable(CassandraConnection connection, FirstStays firstStays, MessageLife life) : IHandOverLedger
{
    // Has no end, as the embedded ledger's: a message that the log delivers after its own end would be sent again.
    private static readonly Cql RecordTime = new(
        "UPDATE hand_overs USING TIMESTAMP ? SET at = ? WHERE message_id = ? AND channel = ?");

    private static readonly Cql RecordProviderId = new(
        "UPDATE hand_overs USING TIMESTAMP ? AND TTL ? SET provider_message_id = ? WHERE message_id = ? AND channel = ?");

    private static readonly Cql FindOne = new(
        "SELECT message_id, at, provider_message_id FROM hand_overs WHERE message_id = ? AND channel = ?");

    private static readonly Cql FindSeveral = new(
        "SELECT message_id, at, provider_message_id FROM hand_overs WHERE message_id IN ? AND channel = ?");

    public async ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(
        IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var timestamp = firstStays.Next();
        var distinct = handOvers.GroupBy(h => (h.MessageId, h.Channel)).ToList();
        var earliest = distinct.ToDictionary(h => h.Key, h => h.Min(handOver => handOver.At));
        var rows = new List<PartitionRows>(distinct.Count);
        foreach (var one in distinct)
        {
            var id = one.FirstOrDefault(h => h.ProviderMessageId is not null)?.ProviderMessageId;
            rows.Add(await BindAsync(session, one.Key.MessageId, one.Key.Channel, earliest[one.Key], id, timestamp));
        }
        await session.WriteAsync(rows, cancellationToken);
        var stored = new Dictionary<(Guid, string), HandOver>();
        foreach (var channel in distinct.GroupBy(h => h.Key.Channel, h => h.Key.MessageId))
        {
            foreach (var row in await session.ReadAsync(channel, FindOne, FindSeveral, cancellationToken, channel.Key))
            {
                var message = row.GetValue<Guid>(0);
                var at = row.GetValue<DateTimeOffset?>(1) ?? earliest[(message, channel.Key)];
                stored[(message, channel.Key)] = new(message, channel.Key, at, row.GetValue<string?>(2));
            }
        }
        // Where an operator deleted the row nothing can be noted any more: what would be noted is the answer.
        return
        [
            .. handOvers.Select(h => stored.GetValueOrDefault((h.MessageId, h.Channel))
                ?? new(h.MessageId, h.Channel, earliest[(h.MessageId, h.Channel)], null)),
        ];
    }

    private async ValueTask<PartitionRows> BindAsync(
        CassandraSession session, Guid message, string channel, DateTimeOffset earliest, string? providerMessageId, long timestamp)
    {
        var rows = new List<BoundStatement>
        {
            await session.BindAsync(RecordTime, CellTimes.Earliest(earliest), earliest, message, channel),
        };
        var bytes = 100;
        if (providerMessageId is { } id)
        {
            rows.Add(await session.BindAsync(RecordProviderId, timestamp, life.SecondsLeft(message), id, message, channel));
            bytes += 100 + (3 * id.Length);
        }
        return new(rows, bytes);
    }
}
