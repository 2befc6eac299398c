namespace Chat.Core.Log;

/// <summary>
/// The epochs of <see cref="SequenceNumber"/>. <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IEpochStore
{
    /// <summary>
    /// The epoch for what <see cref="TopicDescription.Identity"/> names: claimed by insert-if-absent, the same for every caller with
    /// the same identity, above every earlier one where the identity is new.
    /// </summary>
    ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken);

    /// <summary>
    /// The topic's latest epoch, null where none was claimed. Sees every claim that ended before the call, so that what was
    /// written before that is there for every worker of a later epoch.
    /// </summary>
    ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken);

    /// <summary>Every epoch of a topic that was claimed, by number.</summary>
    ValueTask<IReadOnlyList<ClaimedEpoch>> ListEpochsAsync(string topic, CancellationToken cancellationToken);
}
