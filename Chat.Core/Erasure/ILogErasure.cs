using Chat.Core.Log;

namespace Chat.Core.Erasure;

/// <summary>Removes events from the log, where the log can do that.</summary>
public interface ILogErasure
{
    /// <summary>Tells of every event; of none where the log can't remove single ones.</summary>
    ValueTask LearnAsync(Action<LogEvent> learn, CancellationToken cancellationToken);

    /// <summary>
    /// Removes events of any topic, whether they were consumed or not; the offsets of the others stay. Answers with how many of each topic,
    /// topics without any left out; null where the log can't remove single events, and nothing was asked of any.
    /// </summary>
    /// <param name="concerns">Whether an event is to be removed.</param>
    /// <param name="dryRun">Removes nothing: answers with what there is.</param>
    ValueTask<IReadOnlyList<ErasedRows>?> EraseAsync(
        Predicate<LogEvent> concerns, bool dryRun, CancellationToken cancellationToken);

    /// <summary>Leaves nothing in any file of what was removed, where that takes a step of its own.</summary>
    ValueTask CompactAsync(CancellationToken cancellationToken);

    /// <summary>
    /// How long each topic that is there keeps an event, at the longest; null where it keeps all for good, or the log doesn't tell.
    /// </summary>
    ValueTask<IReadOnlyDictionary<string, TimeSpan?>> GetRetentionAsync(CancellationToken cancellationToken);
}
