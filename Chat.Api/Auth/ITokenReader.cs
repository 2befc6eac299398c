using System.Collections.Frozen;

namespace Chat.Api.Auth;

/// <summary>Validates a token by the same rules for REST, the WebSocket's upgrade and its frame <c>auth</c>.</summary>
public interface ITokenReader
{
    /// <summary>The ids of the revoked tokens, as far as they are known now: for what took a token before one of them was.</summary>
    FrozenSet<string> Revoked => FrozenSet<string>.Empty;

    /// <summary>
    /// The user of a valid token; null where it is malformed, wrongly signed, expired or revoked, or its claims are no UUIDs.
    /// </summary>
    /// <exception cref="Problems.UnavailableException">
    /// Nothing is known: the tokens' authority, or the store of revoked tokens, does not answer.
    /// </exception>
    ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken);
}
