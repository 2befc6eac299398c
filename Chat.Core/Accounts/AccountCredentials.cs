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
    /// <summary>No secret of it: it may end up in a log.</summary>
    public override string ToString() => nameof(AccountCredentials);
}
