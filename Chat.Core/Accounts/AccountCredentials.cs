namespace Chat.Core.Accounts;

/// <summary>What proves to a provider who we are, and to us that a webhook is the provider's. Never logged, never in an event.</summary>
/// <param name="AccessToken">Sent as <c>Authorization: Bearer</c>; null where the account only receives.</param>
/// <param name="ExpiresAt">When the token ends by itself; null for one that never does.</param>
/// <param name="IssuedAt">When the token was given: Instagram's can be refreshed once it is a day old.</param>
/// <param name="AppSecrets">
/// What sign the webhooks of the organization's own app: two while it is exchanged; none where it uses ours.
/// </param>
/// <param name="VerifyTokens">What its subscription proves itself with: two while it is exchanged.</param>
public sealed record AccountCredentials(
    string? AccessToken,
    DateTimeOffset? ExpiresAt = null,
    DateTimeOffset? IssuedAt = null,
    IReadOnlyList<string>? AppSecrets = null,
    IReadOnlyList<string>? VerifyTokens = null)
{
    /// <summary>Of a token or a secret, in characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>None at all: of an account whose credentials can't be opened.</summary>
    public static AccountCredentials None { get; } = new(AccessToken: null);

    /// <summary>Whether a text can be sent in a header as a token: visible ASCII characters.</summary>
    public static bool IsToken(string text) => text.Length is > 0 and <= MaxLength && text.All(c => c is > ' ' and < '\x7f');

    /// <summary>No secret of it: it may end up in a log.</summary>
    public override string ToString() => nameof(AccountCredentials);
}
