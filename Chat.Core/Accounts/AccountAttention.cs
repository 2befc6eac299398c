using Chat.Core.Text;

namespace Chat.Core.Accounts;

/// <summary>
/// Why accounts need a person, in plain words. Those that the look at accounts takes back by itself begin with a known text.
/// </summary>
public static class AccountAttention
{
    /// <summary>What every reason begins with that a working token ends.</summary>
    public const string Token = "The access token";

    /// <summary>What every reason begins with that a working subscription ends.</summary>
    public const string Subscription = "Its webhooks";

    /// <summary>What no key opens.</summary>
    public const string Sealed =
        $"Its credentials can't be opened: the key that sealed them is missing in {AccountsOptions.EncryptionKeysSetting}. Put it back, or "
        + "send the credentials again.";

    /// <summary>The provider refused the token: error 190 and its like.</summary>
    /// <param name="detail">The provider's own words and code, for a person; no secret.</param>
    public static string TokenRefused(string detail) => Cut($"{Token} is refused by the provider ({detail}). Make a new one and send it.");

    public static string TokenExpired { get; } = $"{Token} has expired, and can't be refreshed any more. Make a new one and send it.";

    /// <summary>A reason as it is kept: on one line, at most <see cref="Account.MaxAttention"/> characters and an ellipsis.</summary>
    public static string Cut(string reason) => Printable.Line(reason, Account.MaxAttention);
}
