namespace Chat.Core.Engines;

/// <summary>
/// For calls that carry nothing of an event, and for reads by ids alone on which somebody waits: a refusal says nothing about any event
/// then, and must put none aside. It is a failure like any other, which is tried again.
/// </summary>
public static class RefusalIsFailure
{
    /// <exception cref="InvalidOperationException">The call was refused.</exception>
    public static async ValueTask<T> GuardAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(cancellationToken);
        }
        catch (EngineRefusedException exception)
        {
            throw new InvalidOperationException($"Refused, though nothing of an event was given: {exception.Message}", exception);
        }
    }

    /// <inheritdoc cref="GuardAsync{T}"/>
    public static async ValueTask GuardAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellationToken) =>
        await GuardAsync(
            async ct =>
            {
                await call(ct);
                return true;
            },
            cancellationToken);
}
