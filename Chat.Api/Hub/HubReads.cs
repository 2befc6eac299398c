using Chat.Core.Engines;

namespace Chat.Api.Hub;

/// <summary>How the hub takes what a store says to a read.</summary>
internal static class HubReads
{
    /// <summary>
    /// A read that the store refuses counts as one that failed, and is tried again: the hub reads what is stored by ids alone, so that
    /// there is nothing to put aside, and a client waits for the answer.
    /// </summary>
    public static Func<CancellationToken, ValueTask<T>> Failing<T>(Func<CancellationToken, ValueTask<T>> read) => async ct =>
    {
        try
        {
            return await read(ct);
        }
        catch (EngineRefusedException refusal)
        {
            throw new IOException($"The store refuses a read: {refusal.Message}", refusal);
        }
    };
}
