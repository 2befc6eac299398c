using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Chat.Core.Accounts;
using Chat.Core.Time;

namespace Chat.Api.Accounts;

/// <summary>An account as its organization sees it. What is secret went in and does not come out.</summary>
/// <param name="WebhookPath">Where the provider is to send its webhooks.</param>
/// <param name="State"><c>active</c>, or <c>needs_attention</c>: what it has to send is held.</param>
/// <param name="Attention">Why a person must look at it.</param>
/// <param name="MessagesPerSecond">How fast it may send; null for the channel's own limit.</param>
/// <param name="TokenExpiresAt">When the token ends by itself; null for one that never does, or where nobody knows.</param>
/// <param name="AppSecrets">How many there are.</param>
/// <param name="VerifyTokens">How many there are.</param>
/// <param name="Source"><c>api</c>, or <c>configuration</c>: then the API changes nothing of it.</param>
/// <param name="CreatedAt">Null where configuration brings it, as is <paramref name="UpdatedAt"/>.</param>
internal sealed record AccountView(
    string Channel,
    string AccountId,
    string? BusinessId,
    string? DisplayName,
    string App,
    string WebhookPath,
    string State,
    string? Attention,
    int? MessagesPerSecond,
    bool HasToken,
    string? TokenExpiresAt,
    int AppSecrets,
    int VerifyTokens,
    string Source,
    string? CreatedAt,
    string? UpdatedAt)
{
    public const string Active = "active";
    public const string NeedsAttention = "needs_attention";
    public const string OfApi = "api";
    public const string OfConfiguration = "configuration";

    public static AccountView From(KnownAccount known, bool isConfigured)
    {
        var (account, credentials) = (known.Account, known.Credentials);
        var webhooks = $"/v1/webhooks/{account.Key.Channel}";
        return new(
            account.Key.Channel,
            account.Key.AccountId,
            account.BusinessId,
            account.DisplayName,
            account.App,
            account.App == Account.DefaultApp ? webhooks : $"{webhooks}/{account.App}",
            StateOf(account),
            account.Attention,
            account.MessagesPerSecond,
            credentials.AccessToken is not null,
            credentials.ExpiresAt is { } expiresAt ? WireTime.Format(expiresAt) : null,
            credentials.AppSecrets?.Count ?? 0,
            credentials.VerifyTokens?.Count ?? 0,
            isConfigured ? OfConfiguration : OfApi,
            isConfigured ? null : WireTime.Format(account.CreatedAt),
            isConfigured ? null : WireTime.Format(account.UpdatedAt));
    }

    public static string StateOf(Account account) => account.State == AccountState.Active ? Active : NeedsAttention;
}

/// <summary>An organization's accounts, by channel and id.</summary>
internal sealed record AccountListView(IReadOnlyList<AccountView> Items);

/// <summary>
/// The body of <c>PATCH /v1/accounts/{channel}/{accountId}</c> for the OpenAPI document; <see cref="AccountFields"/> reads it.
/// </summary>
internal record AccountChangeBody(
    [property: Description("WhatsApp's business account (WABA) id: checked with every webhook, once it is known.")]
    [property: MaxLength(AccountKey.MaxId)] string? BusinessId = null,
    [property: Description("As people know it: a phone number, a user name.")]
    [property: MaxLength(Account.MaxDisplayName)] string? DisplayName = null,
    [property: Description("Which app of the configuration it is subscribed to; not beside appSecrets or verifyTokens.")]
    [property: MaxLength(AccountApps.MaxName)] string? App = null,
    [property: Description("Null, or missing at first, where it only receives. A new one makes the account active again.")]
    [property: MaxLength(AccountCredentials.MaxLength)] string? AccessToken = null,
    [property: Description("When the token ends by itself, ISO 8601; missing for one that never does.")] string? TokenExpiresAt = null,
    [property: Description("When the token was given, ISO 8601; missing for now.")] string? TokenIssuedAt = null,
    [property: Description("Of the organization's own app: one, or two while it is exchanged.")]
    [property: MaxLength(AccountFields.MaxSecrets)] IReadOnlyList<string>? AppSecrets = null,
    [property: Description("Of the organization's own app: one, or two while it is exchanged.")]
    [property: MaxLength(AccountFields.MaxSecrets)] IReadOnlyList<string>? VerifyTokens = null,
    [property: Description("How fast it may send; null for the channel's own limit.")]
    [property: Range(1, Account.MaxMessagesPerSecond)] int? MessagesPerSecond = null,
    [property: Description("active, once a person has seen to it.")] string? State = null);

/// <summary>The body of <c>POST /v1/accounts</c> for the OpenAPI document.</summary>
internal sealed record AccountBody(
    [property: Description("A name of GET /v1/channels.")] string Channel,
    [property: Description("The provider's id of it: WhatsApp's phone_number_id, Instagram's 1784…; not the number that people see.")]
    [property: MaxLength(AccountKey.MaxId)] string AccountId) : AccountChangeBody;
