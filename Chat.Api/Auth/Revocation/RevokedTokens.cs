using System.Collections.Frozen;
using Chat.Api.Problems;
using Chat.Core.Engines;
using Chat.Core.Tokens;

namespace Chat.Api.Auth.Revocation;

/// <summary>
/// The ids of the tokens that are revoked, as the store last said: looked at for each request, so that they are kept in memory. While the
/// store is away, what it said before counts.
/// </summary>
internal sealed class RevokedTokens(IRevokedTokenStore store, TimeProvider time)
{
    private readonly LatestAnswer<FrozenSet<string>> _ids = new(async () =>
    {
        var tokens = await RefusalIsFailure.GuardAsync(ct => store.ListRevokedAsync(time.GetUtcNow(), ct), CancellationToken.None);
        return tokens.Select(t => t.TokenId).ToFrozenSet(StringComparer.Ordinal);
    });

    /// <summary>What is known without asking: nothing before the store has answered once.</summary>
    public FrozenSet<string> Known => _ids.Known ?? FrozenSet<string>.Empty;

    /// <exception cref="UnavailableException">The store has not said it yet, since this process started.</exception>
    public async ValueTask<bool> ContainsAsync(string tokenId, CancellationToken cancellationToken)
    {
        var ids = _ids.Known ?? await EngineCall.GuardAsync(_ids.GetAsync, cancellationToken);
        return ids.Contains(tokenId);
    }

    /// <summary>Asks the store, now or after the answer that is under way, which may have missed what this call is about.</summary>
    public ValueTask<FrozenSet<string>> LoadAsync(CancellationToken cancellationToken) => _ids.AskAsync(cancellationToken);
}
