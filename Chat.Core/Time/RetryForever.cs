using Chat.Core.Engines;
using Chat.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace Chat.Core.Time;

/// <summary>
/// Tries until it works: a failing engine makes no event bad. The pause doubles from <see cref="FirstPause"/> to
/// <see cref="LongestPause"/>. What an engine refuses is not tried again: that is no failure of the engine.
/// </summary>
public sealed partial class RetryForever(TimeProvider time)
{
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Counts each failure, and logs it as a warning: "Could not {step} {subject}".</summary>
    /// <param name="logger">The caller's, so that the line is under its category.</param>
    /// <param name="step">
    /// What is tried, a constant: a verb, with a preposition where the subject needs one ("record", "read owners of").
    /// </param>
    /// <param name="subject">
    /// What it is tried for, such as a partition or a conversation id; written only when a try fails.
    /// </param>
    /// <param name="action">May be called again after it threw, so it must be idempotent.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="EngineRefusedException">The engine refuses this for good; thrown at once.</exception>
    public Task<T> RunAsync<T>(
        ILogger logger,
        string step,
        object subject,
        Func<CancellationToken, ValueTask<T>> action,
        CancellationToken cancellationToken) =>
        RunAsync(
            action,
            (exception, pause) =>
            {
                Retries.Failed(step);
                LogRetry(logger, exception, step, subject, pause.TotalMilliseconds);
            },
            cancellationToken);

    /// <inheritdoc cref="RunAsync{T}(ILogger, string, object, Func{CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public Task RunAsync(
        ILogger logger,
        string step,
        object subject,
        Func<CancellationToken, ValueTask> action,
        CancellationToken cancellationToken) =>
        RunAsync<bool>(
            logger,
            step,
            subject,
            async ct =>
            {
                await action(ct);
                return true;
            },
            cancellationToken);

    /// <summary>For a caller that reports failures in its own way, such as one that waits for a server to start.</summary>
    /// <param name="action">May be called again after it threw, so it must be idempotent.</param>
    /// <param name="failed">Called after each failure with the pause before the next try.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="EngineRefusedException">The engine refuses this for good; thrown at once.</exception>
    public async Task<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> action, Action<Exception, TimeSpan> failed, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await action(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (EngineRefusedException)
            {
                throw;
            }
#pragma warning disable CA1031 // Whatever the engine throws, the event is not to blame.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failed(exception, pause);
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    [LoggerMessage(
        EventId = LogEvents.TryFailed, Level = LogLevel.Warning, Message = "Could not {Step} {Subject}; next try in {Pause} ms")]
    private static partial void LogRetry(ILogger logger, Exception exception, string step, object subject, double pause);
}
