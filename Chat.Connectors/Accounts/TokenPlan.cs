using Chat.Core.Accounts;
using Chat.Core.Channels;

namespace Chat.Connectors.Accounts;

/// <summary>What a token's age asks for.</summary>
internal enum TokenPlan
{
    Nothing,

    /// <summary>The provider gives a new one for it.</summary>
    Refresh,

    /// <summary>It ended: only a person gets a new one.</summary>
    Expired,
}

/// <summary>Decides about tokens by their times alone.</summary>
internal static class TokenPlans
{
    /// <summary>Instagram refuses to refresh a younger one.</summary>
    public static readonly TimeSpan YoungestRefreshed = TimeSpan.FromHours(24);

    /// <param name="refreshBefore">How long before its end it is refreshed.</param>
    public static TokenPlan Of(string channel, AccountCredentials credentials, DateTimeOffset now, TimeSpan refreshBefore)
    {
        if (credentials.AccessToken is null) return TokenPlan.Nothing;
        if (credentials.ExpiresAt <= now) return TokenPlan.Expired;
        // WhatsApp's tokens end or they don't: nothing refreshes them.
        if (channel != ChannelCatalog.Instagram) return TokenPlan.Nothing;
        if (credentials.IssuedAt + YoungestRefreshed > now) return TokenPlan.Nothing;
        // Where nobody said when it ends, a refresh tells.
        return credentials.ExpiresAt is { } end && now + refreshBefore < end ? TokenPlan.Nothing : TokenPlan.Refresh;
    }
}
