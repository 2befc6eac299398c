using System.Collections.Frozen;
using Chat.Api.Problems;
using Chat.Core.Engines;
using Chat.Core.Time;
using Chat.Core.Tokens;

namespace Chat.Api.Auth.Revocation;

/// <summary>
/// The ids of the tokens that are revoked, as the store last said: looked at for each request, so that they are kept in memory. While the
/// store is away, what it said before counts.
/// </summary>
internal sealed class RevokedTokens(IRevokedTokenStore store, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<FrozenSet<string>> _load = Task.FromResult(FrozenSet<string>.Empty);
    private volatile FrozenSet<string>? _ids;

    /// <summary>What is known without asking: nothing before the store has answered once.</summary>
    public FrozenSet<string> Known => _ids ?? FrozenSet<string>.Empty;

    /// <exception cref="UnavailableException">The store has not said it yet, since this process started.</exception>
    public async ValueTask<bool> ContainsAsync(string tokenId, CancellationToken cancellationToken)
    {
        // All who ask while nothing is known wait for the same answer, and where there is none all hear so together.
        var ids = _ids ?? await EngineCall.GuardAsync(ct => new ValueTask<FrozenSet<string>>(Join().WaitAsync(ct)), cancellationToken);
        return ids.Contains(tokenId);
    }

    /// <summary>Asks the store, now or after the answer that is under way, which may have missed what this call is about.</summary>
    public async ValueTask<FrozenSet<string>> LoadAsync(CancellationToken cancellationToken)
    {
        Task underWay;
        lock (_gate) underWay = _load;
        await underWay.WaitQuietlyAsync().WaitAsync(cancellationToken);
        return await Join().WaitAsync(cancellationToken);
    }

    // One load at a time, so that none brings back what a later one saw.
    private Task<FrozenSet<string>> Join()
    {
        lock (_gate) return _load.IsCompleted ? _load = AskAsync() : _load;
    }

    private async Task<FrozenSet<string>> AskAsync()
    {
        // Not a caller's token: the load is everybody's. The engines bound each of their requests.
        var tokens = await RefusalIsFailure.GuardAsync(ct => store.ListRevokedAsync(time.GetUtcNow(), ct), CancellationToken.None);
        return _ids = tokens.Select(t => t.TokenId).ToFrozenSet(StringComparer.Ordinal);
    }
}
