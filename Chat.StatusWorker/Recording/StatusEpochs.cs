using Chat.Core.Log;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// Says what <c>msg.status</c> is like and which epoch numbers it. Members hear at different times that the topic has more
/// partitions, and each must number by the latest epoch: a number of an earlier one, below what clients have seen, reaches
/// nobody.
/// </summary>
public sealed class StatusEpochs(IEventLog log, IEpochStore epochs)
{
    /// <exception cref="InvalidOperationException">
    /// Our view of the topic is older than another member's: ask again a little later.
    /// </exception>
    public async ValueTask<NumberedTopic> ClaimAsync(CancellationToken cancellationToken)
    {
        var topic = await log.DescribeAsync(Topics.Status, cancellationToken);
        var latest = await epochs.GetLatestEpochAsync(topic.Topic, cancellationToken);
        if (latest is null) return new(topic, await epochs.ClaimEpochAsync(topic.Topic, topic.Identity, cancellationToken));
        if (topic.Matches(latest.Identity)) return new(topic, latest.Number);
        if (topic.IsOutgrownBy(latest.Identity))
            throw new InvalidOperationException($"{topic.Identity} is what the topic was before {latest.Identity}");
        // After the latest, and not under the bare identity: that may have an epoch of long ago.
        return new(topic, await epochs.ClaimEpochAsync(topic.Topic, topic.IdentityAfter(latest.Number), cancellationToken));
    }

    /// <summary>
    /// Whether no later epoch was claimed. Asked once a batch's changes are written: they were there, then, before any client can
    /// have seen a number of a later epoch, and may be committed.
    /// </summary>
    public async ValueTask<bool> IsLatestAsync(int epoch, CancellationToken cancellationToken) =>
        (await epochs.GetLatestEpochAsync(Topics.Status, cancellationToken))?.Number == epoch;
}
