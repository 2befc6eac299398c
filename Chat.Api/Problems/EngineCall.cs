using Chat.Core.Engines;

namespace Chat.Api.Problems;

/// <summary>An engine, or the tokens' authority, failed; the request may be sent again: 503.</summary>
public sealed class UnavailableException(Exception inner) : Exception("A part that this API needs does not answer.", inner);

/// <summary>
/// Calls of the log and the store from a request: whatever they throw is an outage of theirs, and no defect of this API; but a
/// refusal is thrown on: what the client sent can't be kept, now or later.
/// </summary>
internal static class EngineCall
{
    public static async ValueTask<T> GuardAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(cancellationToken);
        }
        catch (Exception exception) when (exception is not EngineRefusedException && !cancellationToken.IsCancellationRequested)
        {
            throw new UnavailableException(exception);
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
