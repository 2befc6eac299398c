namespace Chat.Core.Time;

/// <summary>
/// Tries until it works: a failing engine makes no event bad. The pause doubles from <see cref="FirstPause"/> to
/// <see cref="LongestPause"/>. Our own few lines and not a resilience library's pipeline, since those leave the caller's
/// scheduler, which the simulation owns.
/// </summary>
public sealed class RetryForever(TimeProvider time)
{
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <param name="action">May be called again after it threw, so it must be idempotent.</param>
    /// <param name="failed">Told of each failure and of the pause before the next try.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled: the only way to end without success.</exception>
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
#pragma warning disable CA1031 // Whatever the engine throws, the event is not to blame.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failed(exception, pause);
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<CancellationToken, ValueTask> action, Action<Exception, TimeSpan> failed, CancellationToken cancellationToken) =>
        RunAsync<bool>(
            async ct =>
            {
                await action(ct);
                return true;
            },
            failed,
            cancellationToken);
}
