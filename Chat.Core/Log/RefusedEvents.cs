using Chat.Core.Engines;
using Chat.Core.Time;
using Microsoft.Extensions.Logging;

namespace Chat.Core.Log;

/// <summary>
/// Keeps one event from holding up all that come after it: what an engine refuses for good, or what a defect of ours makes
/// impossible to process, is found by halving its batch, and a pointer to it is put among the dead letters.
/// </summary>
public sealed partial class RefusedEvents(
    IEventLog log, RetryForever retry, DeadLetterMetrics metrics, TimeProvider time, ILogger<RefusedEvents> logger)
{
    /// <summary>
    /// How often an event is tried on which our own code throws: what it throws for may be gone a moment later, as a refusal never is.
    /// </summary>
    public const int Tries = 3;

    /// <summary>Between two of these tries.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Processes a batch; it may be committed afterwards. Each event is either processed, or a dead letter that was acknowledged.
    /// </summary>
    /// <param name="events">In the order of their offsets.</param>
    /// <param name="process">
    /// Processes some of them, next to each other. Tries again without end, by itself, what an engine fails to do: what it throws is
    /// taken for a refusal or a defect. Called again for halves of what it threw on, so it must be idempotent.
    /// </param>
    /// <param name="putAside">Called with each event that is a dead letter now; null where nobody needs to know.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ProcessAsync(
        TopicPartition partition,
        IReadOnlyList<LogEvent> events,
        Func<IReadOnlyList<LogEvent>, CancellationToken, Task> process,
        CancellationToken cancellationToken,
        Action<LogEvent>? putAside = null)
    {
        try
        {
            await Bisection.RunAsync(
                events,
                part => part.Count == 1 ? ProcessOneAsync(part, process, cancellationToken) : process(part, cancellationToken),
                exception => IsTheEventsFault(exception, cancellationToken),
                async (source, exception) =>
                {
                    await PutAsideAsync(partition, source.Offset, exception, cancellationToken);
                    putAside?.Invoke(source);
                });
        }
        catch (Exception exception) when (
            exception is not (OperationCanceledException or OutOfMemoryException) && cancellationToken.IsCancellationRequested)
        {
            // The partition's next owner finds the same, and puts it aside.
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

    /// <summary>
    /// Appends a pointer to an event to the dead letters, until the log has acknowledged it, counts it and logs it.
    /// </summary>
    /// <param name="exception">Why: a refusal of an engine, or a defect.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task PutAsideAsync(TopicPartition partition, long offset, Exception exception, CancellationToken cancellationToken)
    {
        var isRefusal = exception is EngineRefusedException;
        var reason = isRefusal ? $"refused: {exception.Message}" : $"{exception.GetType().Name}: {exception.Message}";
        var pointer = DeadLetters.PointerTo(partition, offset, reason);
        await retry.RunAsync(
            logger,
            "append a pointer to the dead letters of",
            partition,
            // It fits anywhere: a log that refuses it is set up wrongly, and somebody has to see to that.
            ct => RefusalIsFailure.GuardAsync(token => log.AppendAsync(pointer, token), ct),
            cancellationToken);
        metrics.Added(partition.Topic, 1);
        if (isRefusal) LogRefused(partition, offset, exception.Message);
        else LogFailed(partition, offset, exception);
    }

    private async Task ProcessOneAsync(
        IReadOnlyList<LogEvent> one, Func<IReadOnlyList<LogEvent>, CancellationToken, Task> process, CancellationToken cancellationToken)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await process(one, cancellationToken);
                return;
            }
            catch (Exception exception) when (
                exception is not EngineRefusedException && tried < Tries && IsTheEventsFault(exception, cancellationToken))
            {
                // Once more, below.
            }
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    // An engine that fails is tried without end in there, and throws nothing. Of memory that is short no event is guilty.
    private static bool IsTheEventsFault(Exception exception, CancellationToken cancellationToken) =>
        exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested;

    [LoggerMessage(
        EventId = LogEvents.EventRefused,
        Level = LogLevel.Warning,
        Message = "{Partition} offset {Offset} was refused, and a pointer to it is among the dead letters: {Reason}")]
    private partial void LogRefused(TopicPartition partition, long offset, string reason);

    [LoggerMessage(
        EventId = LogEvents.EventFailed,
        Level = LogLevel.Error,
        Message = "{Partition} offset {Offset} can't be processed, and a pointer to it is among the dead letters")]
    private partial void LogFailed(TopicPartition partition, long offset, Exception exception);
}
