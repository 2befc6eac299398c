namespace Chat.Core.Statuses;

/// <summary>
/// The numbered changes of each conversation, for as long as retention keeps them: what resume and repair read.
/// <see cref="IStatusStore"/> writes them.
/// <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IChangeStore
{
    /// <summary>
    /// A conversation's changes after <paramref name="since"/>, by <c>Seq</c>, up to its head: above it may be changes whose facts are not
    /// there yet. The head is read before the rows, so that a page shorter than <paramref name="limit"/> has everything up to it.
    /// </summary>
    ValueTask<ChangePage> ListChangesAsync(Guid conversationId, long since, int limit, CancellationToken cancellationToken);

    /// <summary>The highest number of each conversation; those that never changed are missing.</summary>
    ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken);
}
