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

    /// <summary>
    /// What the log took before a time and still waits, oldest first, a page at a time. What is parked meanwhile may be left out, and is
    /// listed when somebody starts from the beginning again.
    /// </summary>
    /// <param name="after">The page before's <see cref="ParkedPage.Through"/>; null for the first.</param>
    /// <param name="limit">The page has at most as many.</param>
    ValueTask<ParkedPage> ListParkedBeforeAsync(
        DateTimeOffset before, ParkedPlace? after, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets parked statuses: joined, or given up.</summary>
    ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken);

    /// <summary>
    /// Says that what was listed up to a place, from the beginning, waits no more: the store may drop what it kept to list it by, so that
    /// nobody reads through it again. What still waits is not lost by this.
    /// </summary>
    ValueTask TidyParkedAsync(ParkedPlace through, CancellationToken cancellationToken);
}
