namespace Chat.Core.Accounts;

/// <summary>An account at a provider, and whose it is: (channel, account id) belongs to one organization.</summary>
/// <param name="BusinessId">
/// What its webhooks name beside it: WhatsApp's WABA id. Null where the channel has none, or it is not known.
/// </param>
/// <param name="DisplayName">As people know it: a phone number, a user name; null where nobody said.</param>
/// <param name="App">
/// The provider's app that it is subscribed to, the last part of its webhooks' path: a name from configuration
/// (<see cref="DefaultApp"/> for the path without one), or its organization's id where it brings an app of its own.
/// </param>
/// <param name="SealedCredentials">See <see cref="CredentialVault"/>; nothing else reads it.</param>
/// <param name="Attention">Why a person must look at it; null where it is <see cref="AccountState.Active"/>.</param>
/// <param name="MessagesPerSecond">How fast it may send; null for the channel's own limit.</param>
/// <param name="UpdatedAt">UTC, whole milliseconds; of two versions the later one counts.</param>
public sealed record Account(
    AccountKey Key,
    Guid OrganizationId,
    string? BusinessId,
    string? DisplayName,
    string App,
    ReadOnlyMemory<byte> SealedCredentials,
    AccountState State,
    string? Attention,
    int? MessagesPerSecond,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public const string DefaultApp = "default";

    /// <summary>Of <see cref="DisplayName"/>, in UTF-16 code units.</summary>
    public const int MaxDisplayName = 200;

    /// <summary>Of <see cref="Attention"/>, in UTF-16 code units.</summary>
    public const int MaxAttention = 500;

    /// <summary>The most that <see cref="MessagesPerSecond"/> may be.</summary>
    public const int MaxMessagesPerSecond = 1000;

    /// <summary>No secret of it: it may end up in a log.</summary>
    public override string ToString() => $"{Key} of {OrganizationId:D}";
}

/// <summary>The numbers are stored.</summary>
public enum AccountState
{
    /// <summary>Sends and receives.</summary>
    Active = 0,

    /// <summary>Receives, and holds what it has to send: its token is dead, or the provider stopped it.</summary>
    NeedsAttention = 1,
}
