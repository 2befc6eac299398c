namespace Chat.Core.Parking;

/// <summary>
/// Statuses that wait for their message. <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IParkedStore
{
    /// <summary>Keeps statuses until what they wait for comes; keyed by subject and <c>Seq</c>.</summary>
    ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken);

    /// <summary>What waits for any of the subjects, by <c>Seq</c>.</summary>
    ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken);

    /// <summary>What was parked before a time and still waits, oldest first; at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<ParkedStatus>> ListParkedBeforeAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets parked statuses: joined, or given up.</summary>
    ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken);
}
