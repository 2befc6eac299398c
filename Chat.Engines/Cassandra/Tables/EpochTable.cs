using Chat.Core.Log;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>Epochs of the numbers; from 1, so that the first number of all is above 0, which means "nothing seen".</summary>
internal sealed class EpochTable(CassandraConnection connection) : IEpochStore
{
    private static readonly Cql List = new("SELECT epoch, identity FROM epochs WHERE topic = ?");

    private static readonly Cql Latest = new("SELECT epoch, identity FROM epochs WHERE topic = ? ORDER BY epoch DESC LIMIT 1");

    private static readonly Cql Claim = new(
        "INSERT INTO epochs (topic, epoch, identity) VALUES (?, ?, ?) IF NOT EXISTS");

    public async ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        while (true)
        {
            var highest = 0;
            await foreach (var row in session.QueryAsync(List, cancellationToken, topic))
            {
                var epoch = row.GetValue<int>(0);
                if (row.GetValue<string>(1) == identity) return epoch;
                highest = Math.Max(highest, epoch);
            }
            // Another claim of this number that came first is among what is read next.
            var answer = await session.TransactAsync(Claim, cancellationToken, topic, highest + 1, identity);
            if (answer.GetValue<bool>("[applied]")) return highest + 1;
        }
    }

    public async ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        ClaimedEpoch? latest = null;
        await foreach (var row in session.QueryAsync(Latest, cancellationToken, topic))
            latest = new(row.GetValue<int>(0), row.GetValue<string>(1));
        return latest;
    }

    public async ValueTask<IReadOnlyList<ClaimedEpoch>> ListEpochsAsync(string topic, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var epochs = new List<ClaimedEpoch>();
        await foreach (var row in session.QueryAsync(List, cancellationToken, topic))
            epochs.Add(new(row.GetValue<int>(0), row.GetValue<string>(1)));
        epochs.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        return epochs;
    }
}
