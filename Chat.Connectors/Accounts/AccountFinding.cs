using Chat.Connectors.Providers.Meta;
using Chat.Core.Accounts;

namespace Chat.Connectors.Accounts;

/// <summary>What a look at an account found. Null says that the provider did not tell: it changes nothing then.</summary>
/// <param name="Token">Empty where the token works; else why it doesn't.</param>
/// <param name="Subscription">Empty where its webhooks come to our app; else why they don't.</param>
/// <param name="ExpiresAt">When the token ends, where the provider told.</param>
internal sealed record AccountFinding(string? Token, string? Subscription, DateTimeOffset? ExpiresAt = null)
{
    public static readonly AccountFinding Nothing = new(null, null);

    /// <summary>What the account is to say of itself, for a person: null where it is to be active.</summary>
    public string? AttentionOf(Account account)
    {
        if (Token is { Length: > 0 } || Subscription is { Length: > 0 }) return Token is { Length: > 0 } ? Token : Subscription;
        if (account.Attention is not { } before) return null;
        // Only what this look has just seen to be in order is taken back; what a person must look at stays.
        var isOver = (before.StartsWith(AccountAttention.Token, StringComparison.Ordinal) && Token is not null)
            || (before.StartsWith(AccountAttention.Subscription, StringComparison.Ordinal) && Subscription is not null);
        return isOver ? null : before;
    }

    /// <summary>What a failure says of the token that was used; null where it says nothing of it.</summary>
    public static string? TokenFaultOf(GraphReply reply) => reply is GraphReply.Failure { Error: { Code: 0 or 102 or 190 } error }
        ? AccountAttention.TokenRefused($"{error.Details ?? "it is not valid"}, code {error.Code}")
        : null;
}
