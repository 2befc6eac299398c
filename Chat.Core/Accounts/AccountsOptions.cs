using System.ComponentModel.DataAnnotations;
using Chat.Core.Channels;

namespace Chat.Core.Accounts;

/// <summary>Accounts at providers, and the apps that they use there: section <c>Accounts</c>. Every service has the same.</summary>
public sealed class AccountsOptions : IValidatableObject
{
    public const string Section = "Accounts";

    /// <summary>The setting of <see cref="EncryptionKeys"/>.</summary>
    public const string EncryptionKeysSetting = $"{Section}:{nameof(EncryptionKeys)}";

    /// <summary>
    /// The keys of <see cref="CredentialVault"/>: base64 of 32 bytes each (<c>openssl rand -base64 32</c>). The first seals, all open.
    /// </summary>
    public IList<string> EncryptionKeys { get; } = [];

    /// <summary>The accounts that configuration brings.</summary>
    public IList<OwnAccount> Own { get; } = [];

    /// <summary>The apps at each provider, by channel and name: <c>Accounts:Apps:whatsapp:default:Secrets:0</c>.</summary>
    public Dictionary<string, Dictionary<string, OwnApp>> Apps { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How often the store is asked what others changed, as <c>hh:mm:ss</c>; from 100 ms to an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Most accounts of an organization on a channel that are connected over REST: 1 to 10,000. Every service knows all accounts and asks
    /// for them at each <see cref="RefreshInterval"/>.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxPerChannel { get; set; } = 100;

    /// <summary>What seals credentials for the store, and opens them.</summary>
    public CredentialVault Vault() => new([.. EncryptionKeys.Select(k => KeyOf(k)!)]);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        KeyErrors().Concat(AppErrors()).Concat(OwnErrors());

    private IEnumerable<ValidationResult> KeyErrors()
    {
        for (var i = 0; i < EncryptionKeys.Count; i++)
        {
            if (KeyOf(EncryptionKeys[i]) is null)
            {
                yield return new(
                    $"{EncryptionKeysSetting}:{i} must be base64 of {CredentialVault.KeyBytes} bytes: openssl rand -base64 32 makes one.",
                    [nameof(EncryptionKeys)]);
            }
        }
    }

    private IEnumerable<ValidationResult> AppErrors()
    {
        foreach (var (channel, apps) in Apps)
        {
            if (ChannelCatalog.Find(channel) is null) yield return NoSuchChannel($"{Section}:{nameof(Apps)}", channel, nameof(Apps));
            foreach (var (name, app) in apps)
            {
                var setting = $"{Section}:{nameof(Apps)}:{channel}:{name}";
                if (!AccountApps.IsName(name))
                {
                    yield return new(
                        $"{setting}: an app's name has 1 to {AccountApps.MaxName} lower-case letters, digits and hyphens, and is no UUID.",
                        [nameof(Apps)]);
                }
                if (app.Secrets.Concat(app.VerifyTokens).Any(string.IsNullOrWhiteSpace))
                    yield return new($"{setting}: one of its secrets or verify tokens is empty.", [nameof(Apps)]);
            }
        }
    }

    private IEnumerable<ValidationResult> OwnErrors()
    {
        var seen = new HashSet<AccountKey>();
        for (var i = 0; i < Own.Count; i++)
        {
            var (own, setting) = (Own[i], $"{Section}:{nameof(Own)}:{i}");
            ValidationResult Wrong(string member, string what) => new($"{setting}:{member}: {what}", [nameof(Own)]);
            if (ChannelCatalog.Find(own.Channel) is not { } channel)
            {
                yield return NoSuchChannel($"{setting}:{nameof(own.Channel)}", own.Channel, nameof(Own));
                continue;
            }
            if (!AccountKey.IsId(own.AccountId))
            {
                yield return Wrong(
                    nameof(own.AccountId),
                    $"the provider's id of the account, 1 to {AccountKey.MaxId} digits; never the number that people see.");
            }
            else if (!seen.Add(new(channel.Name, own.AccountId)))
            {
                yield return Wrong(nameof(own.AccountId), $"{channel.Name} {own.AccountId} is there twice.");
            }
            if (own.OrganizationId == Guid.Empty) yield return Wrong(nameof(own.OrganizationId), "missing; a UUID that is not all zeros.");
            if (own.AccessToken is { } token && !AccountCredentials.IsToken(token))
                yield return Wrong(nameof(own.AccessToken), "must be one text of visible ASCII characters.");
            if (own.MessagesPerSecond is < 1 or > Account.MaxMessagesPerSecond)
                yield return Wrong(nameof(own.MessagesPerSecond), $"must be from 1 to {Account.MaxMessagesPerSecond}.");
            if (own.App != Account.DefaultApp && !HasApp(channel.Name, own.App))
                yield return Wrong(nameof(own.App), $"{Section}:{nameof(Apps)}:{channel.Name} has no app of this name.");
        }
    }

    private bool HasApp(string channel, string app) => Apps.GetValueOrDefault(channel)?.ContainsKey(app) == true;

    private static ValidationResult NoSuchChannel(string setting, string channel, string member) =>
        new($"{setting}: there is no channel '{channel}', only {string.Join(", ", ChannelCatalog.Names)}.", [member]);

    // Both alphabets: a key made for a folder of one's own is base64url.
    private static byte[]? KeyOf(string text)
    {
        var standard = text.Trim().Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var key = new byte[CredentialVault.KeyBytes + 1];
        return Convert.TryFromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='), key, out var length)
            && length == CredentialVault.KeyBytes
                ? key[..length]
                : null;
    }
}

/// <summary>An account that configuration brings: <c>Accounts:Own:N</c>. See <see cref="Account"/> for its members.</summary>
public sealed class OwnAccount
{
    public string Channel { get; set; } = "";

    public string AccountId { get; set; } = "";

    public Guid OrganizationId { get; set; }

    public string? BusinessId { get; set; }

    public string? DisplayName { get; set; }

    /// <summary>Null where it only receives.</summary>
    public string? AccessToken { get; set; }

    /// <summary>When the token ends by itself, ISO 8601; null for one that never does, or where nobody knows.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>When the token was given, ISO 8601.</summary>
    public DateTimeOffset? IssuedAt { get; set; }

    /// <summary>Which app of <see cref="AccountsOptions.Apps"/> it is subscribed to.</summary>
    public string App { get; set; } = Account.DefaultApp;

    /// <summary>Null for the channel's own limit.</summary>
    public int? MessagesPerSecond { get; set; }
}

/// <summary>An app that configuration brings: <c>Accounts:Apps:{channel}:{app}</c>. Two of each while they are exchanged.</summary>
public sealed class OwnApp
{
    /// <summary>App secrets: any of them may have signed a webhook.</summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>What the subscription of the webhook proves itself with.</summary>
    public IList<string> VerifyTokens { get; } = [];
}
