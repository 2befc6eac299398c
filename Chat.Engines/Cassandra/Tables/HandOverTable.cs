using System.Collections.Concurrent;
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

    private static readonly Cql Find = new("SELECT at, provider_message_id FROM hand_overs WHERE message_id = ? AND channel = ?");

    public async ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(
        IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var timestamp = firstStays.Next();
        var partitions = handOvers.GroupBy(h => (h.MessageId, h.Channel)).ToDictionary(g => g.Key, g => g.ToList());
        var stored = new ConcurrentDictionary<(Guid, string), HandOver>();
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
                    var left = life.SecondsLeft(message);
                    rows.Add(await session.BindAsync(RecordProviderId, timestamp, left, named.ProviderMessageId, message, channel));
                }
                await session.ExecuteTogetherAsync(rows, ct);
                // Where an operator deleted the row nothing can be noted any more: what would be noted is the answer.
                var row = await session.FindAsync(Find, ct, message, channel);
                stored[partition.Key] = new(
                    message, channel, row?.GetValue<DateTimeOffset?>(0) ?? earliest, row?.GetValue<string?>(1));
            },
            cancellationToken);
        return [.. handOvers.Select(h => stored[(h.MessageId, h.Channel)])];
    }
}
