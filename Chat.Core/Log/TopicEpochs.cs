using Microsoft.Extensions.Logging;

namespace Chat.Core.Log;

/// <summary>
/// Says what a topic is like and which epoch numbers it. Members hear at different times that the topic has more
/// partitions, and each must number by the latest epoch: a number of an earlier one, below what clients have seen, reaches
/// nobody. There are few epochs (<see cref="SequenceNumber.MaxEpoch"/>), and none can be given back: two logs that work on one
/// store must not take turns in claiming them.
/// </summary>
public partial class TopicEpochs(string name, IEventLog log, IEpochStore epochs, TimeProvider time, ILogger logger)
{
    // More epochs than a topic's partitions ever grow by: something creates topics again and again.
    private const int ManyEpochs = 100;

    private static readonly TimeSpan BetweenClaims = TimeSpan.FromSeconds(10);

    private long? _claimedAt;

    /// <summary>Why this worker can number nothing, where another log has taken the store over; null where it can.</summary>
    public string? Conflict { get; private set; }

    /// <exception cref="InvalidOperationException">
    /// Our view of the topic is older than another member's, or this worker claimed an epoch a moment ago: ask again a little later.
    /// </exception>
    /// <exception cref="EpochConflictException">
    /// Another log was given the store after ours: asking again helps only once an operator has taken one of the two away.
    /// </exception>
    public async ValueTask<NumberedTopic> ClaimAsync(CancellationToken cancellationToken)
    {
        var topic = await log.DescribeAsync(name, cancellationToken);
        var latest = await epochs.GetLatestEpochAsync(topic.Topic, cancellationToken);
        if (latest is not null && topic.Matches(latest.Identity)) return Numbered(topic, latest.Number);
        if (latest is not null && topic.IsOutgrownBy(latest.Identity))
            throw new InvalidOperationException($"{topic.Identity} is what the topic was before {latest.Identity}");
        if (latest is not null) await RefuseIfSupersededAsync(topic, latest, cancellationToken);
        RefuseIfTooSoon();
        // After the latest, and not under the bare identity: that may have an epoch of long ago.
        var identity = latest is null ? topic.Identity : topic.IdentityAfter(latest.Number);
        var claimed = await epochs.ClaimEpochAsync(topic.Topic, identity, cancellationToken);
        _claimedAt = time.GetTimestamp();
        EpochCounts.Claimed(name);
        if (claimed >= ManyEpochs) LogMany(name, claimed, SequenceNumber.MaxEpoch);
        return Numbered(topic, claimed);
    }

    /// <summary>
    /// Whether no later epoch was claimed. Asked before each commit, once the changes of all that it covers are written: they were there,
    /// then, before any client can have seen a number of a later epoch, and may be committed.
    /// </summary>
    public async ValueTask<bool> IsLatestAsync(int epoch, CancellationToken cancellationToken) =>
        (await epochs.GetLatestEpochAsync(name, cancellationToken))?.Number == epoch;

    private NumberedTopic Numbered(TopicDescription topic, int epoch)
    {
        Conflict = null;
        return new(topic, epoch);
    }

    // A log that had an epoch and lost it to another log never gets one again: the other one would claim the next, and so on.
    private async ValueTask RefuseIfSupersededAsync(TopicDescription topic, ClaimedEpoch latest, CancellationToken cancellationToken)
    {
        if (topic.IsSameIncarnationAs(latest.Identity)) return;
        var all = await epochs.ListEpochsAsync(topic.Topic, cancellationToken);
        if (!all.Any(e => topic.IsSameIncarnationAs(e.Identity))) return;
        var conflict = new EpochConflictException(topic.Identity, latest);
        if (Conflict is null) LogConflict(topic.Identity, latest.Number, latest.Identity);
        Conflict = conflict.Message;
        EpochCounts.Refused(name);
        throw conflict;
    }

    private void RefuseIfTooSoon()
    {
        if (_claimedAt is { } claimedAt && time.GetElapsedTime(claimedAt) < BetweenClaims)
            throw new InvalidOperationException($"This worker claimed an epoch less than {BetweenClaims.TotalSeconds} s ago.");
    }

    [LoggerMessage(
        EventId = LogEvents.EpochConflict,
        Level = LogLevel.Error,
        Message = "Two logs work on one store: {Identity} was superseded by epoch {Epoch} of {Latest}. This worker does nothing "
            + "until one of the two is taken away")]
    private partial void LogConflict(string identity, int epoch, string latest);

    [LoggerMessage(
        EventId = LogEvents.ManyEpochs,
        Level = LogLevel.Warning,
        Message = "{Topic} was created again or given partitions {Epoch} times; at {Most} no number is left")]
    private partial void LogMany(string topic, int epoch, int most);
}
