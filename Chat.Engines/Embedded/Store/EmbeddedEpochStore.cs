using Chat.Core.Log;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedEpochStore(StoreDatabase database) : IEpochStore
{
    public ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            // From 1, since the number 0 means that a conversation never changed.
            session[
                """
                INSERT INTO epochs (topic, identity, epoch)
                SELECT ?1, ?2, coalesce(max(epoch), 0) + 1 FROM epochs WHERE topic = ?1
                ON CONFLICT (topic, identity) DO NOTHING
                """]
                .Bind(1, topic).Bind(2, identity).Run();
            var epoch = session["SELECT epoch FROM epochs WHERE topic = ?1 AND identity = ?2"].Bind(1, topic).Bind(2, identity)
                .Single(static row => row.Int32(0));
            return epoch <= SequenceNumber.MaxEpoch
                ? epoch
                : throw new InvalidOperationException($"Topic {topic} was created again {epoch} times: its numbers would collide.");
        },
        cancellationToken);

    public ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken) => database.ReadAsync(
        session => session["SELECT epoch, identity FROM epochs WHERE topic = ?1 ORDER BY epoch DESC LIMIT 1"].Bind(1, topic)
            .First(static row => new ClaimedEpoch(row.Int32(0), row.Text(1))),
        cancellationToken);

    public ValueTask<IReadOnlyList<ClaimedEpoch>> ListEpochsAsync(string topic, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ClaimedEpoch>>(
            session => session["SELECT epoch, identity FROM epochs WHERE topic = ?1 ORDER BY epoch"].Bind(1, topic)
                .List(static row => new ClaimedEpoch(row.Int32(0), row.Text(1))),
            cancellationToken);
}
