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
    private readonly FifoSemaphore _loading = new(1);
    private volatile FrozenSet<string>? _ids;

    /// <exception cref="UnavailableException">The store has not said it yet, since this process started.</exception>
    public async ValueTask<bool> ContainsAsync(string tokenId, CancellationToken cancellationToken)
    {
        var ids = _ids ?? await EngineCall.GuardAsync(ct => LoadAsync(again: false, ct), cancellationToken);
        return ids.Contains(tokenId);
    }

    /// <summary>Asks the store.</summary>
    public ValueTask<FrozenSet<string>> LoadAsync(CancellationToken cancellationToken) => LoadAsync(again: true, cancellationToken);

    // One at a time, so that none brings back what a later one saw.
    private async ValueTask<FrozenSet<string>> LoadAsync(bool again, CancellationToken cancellationToken)
    {
        await _loading.EnterAsync(cancellationToken);
        try
        {
            if (!again && _ids is { } loaded) return loaded;
            var tokens = await RefusalIsFailure.GuardAsync(
                ct => store.ListRevokedAsync(time.GetUtcNow(), ct), cancellationToken);
            return _ids = tokens.Select(t => t.TokenId).ToFrozenSet(StringComparer.Ordinal);
        }
        finally
        {
            _loading.Leave();
        }
    }
}
