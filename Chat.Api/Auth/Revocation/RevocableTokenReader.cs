using System.Collections.Frozen;

namespace Chat.Api.Auth.Revocation;

/// <summary>Validates a token, and refuses one that was revoked. A token without an id can't be.</summary>
internal sealed class RevocableTokenReader(TokenReader tokens, RevokedTokens revoked) : ITokenReader
{
    public FrozenSet<string> Revoked => revoked.Known;

    public async ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken) =>
        await tokens.ReadAsync(token, cancellationToken) is { } user
        && !(user.TokenId is { } id && await revoked.ContainsAsync(id, cancellationToken))
            ? user
            : null;
}
