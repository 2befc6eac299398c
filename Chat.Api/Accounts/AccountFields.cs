using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Accounts;
using Chat.Core.Channels;

namespace Chat.Api.Accounts;

/// <summary>
/// What a body says of an account. A member that is missing leaves what there is; null takes it away. Errors name the member and repeat
/// nothing of it, since it may be a secret.
/// </summary>
internal sealed class AccountFields
{
    /// <summary>Of app secrets, and of verify tokens: the present one, and its successor while they are exchanged.</summary>
    public const int MaxSecrets = 2;

    private readonly List<Func<Account, Account>> _changes = [];
    private readonly List<Func<AccountCredentials, AccountCredentials>> _credentials = [];
    private bool _isTokenNew;
    private bool _namesApp;
    private bool _namesSecrets;

    private AccountFields()
    {
    }

    /// <summary>Whether a key is needed to keep what it says.</summary>
    public bool NeedsSealing => _credentials.Count > 0 || _namesApp;

    /// <summary>Reads the body of a change; null where anything is wrong, all of which is noted.</summary>
    /// <param name="hasApp">Whether configuration has an app of a name for the account's channel.</param>
    /// <param name="now">Of a token that says no time itself.</param>
    public static AccountFields? TryRead(JsonElement body, Func<string, bool> hasApp, DateTimeOffset now, FieldErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            errors.Add(JsonBody.Root, UserTexts.NotAnObject);
            return null;
        }
        var read = new AccountFields();
        read.Read(new JsonFields(body, errors), hasApp, now, errors);
        return errors.Any ? null : read;
    }

    /// <summary>Reads the key of a body that names one; null where it is wrong, which is noted.</summary>
    public static AccountKey? TryReadKey(JsonElement body, FieldErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object) return null;
        var fields = new JsonFields(body, errors);
        var channel = fields.Text("channel") is { } name ? ChannelCatalog.Find(name) : null;
        if (channel is null && !errors.Names("channel")) errors.Add("channel", UserTexts.NotOneOf(string.Join(", ", ChannelCatalog.Names)));
        var id = fields.Text("accountId");
        if (!AccountKey.IsId(id) && !errors.Names("accountId")) errors.Add("accountId", UserTexts.NotAnAccountId(AccountKey.MaxId));
        return channel is not null && AccountKey.IsId(id) ? new(channel.Name, id!) : null;
    }

    /// <summary>The account with what the body says of it.</summary>
    public KnownAccount Apply(KnownAccount known)
    {
        // The same ones where nothing of them changes: what is sealed stays as it is then.
        var credentials = _credentials.Aggregate(known.Credentials, (c, change) => change(c));
        var account = _changes.Aggregate(known.Account, (a, change) => change(a));
        // The secrets of an app that it no longer uses are nobody's.
        if (_namesApp) credentials = credentials with { AppSecrets = null, VerifyTokens = null };
        if (_namesSecrets)
        {
            var ownApp = AccountApps.OfOrganization(account.OrganizationId);
            var hasOwn = credentials.AppSecrets is { Count: > 0 } || credentials.VerifyTokens is { Count: > 0 };
            if (hasOwn) account = account with { App = ownApp };
            else if (account.App == ownApp) account = account with { App = Account.DefaultApp };
        }
        if (_isTokenNew) account = account with { State = AccountState.Active, Attention = null };
        return new(account, credentials);
    }

    private void Read(JsonFields fields, Func<string, bool> hasApp, DateTimeOffset now, FieldErrors errors)
    {
        if (fields.Has("businessId")) ReadBusinessId(fields.Text("businessId"), errors);
        if (fields.Has("displayName")) ReadDisplayName(fields.Text("displayName"), errors);
        ReadToken(fields, now, errors);
        ReadSecrets(fields, "appSecrets", (c, secrets) => c with { AppSecrets = secrets }, errors);
        ReadSecrets(fields, "verifyTokens", (c, tokens) => c with { VerifyTokens = tokens }, errors);
        if (fields.Has("app")) ReadApp(fields.Text("app") ?? Account.DefaultApp, hasApp, errors);
        if (fields.Has("messagesPerSecond"))
        {
            var most = fields.Integer("messagesPerSecond", 1, Account.MaxMessagesPerSecond);
            _changes.Add(a => a with { MessagesPerSecond = most });
        }
        if (fields.Text("state") is not { } state) return;
        if (state != AccountView.Active) errors.Add("state", UserTexts.NotOneOf($"\"{AccountView.Active}\""));
        _changes.Add(a => a with { State = AccountState.Active, Attention = null });
    }

    private void ReadBusinessId(string? id, FieldErrors errors)
    {
        if (id is not null && !AccountKey.IsId(id)) errors.Add("businessId", UserTexts.NotAnAccountId(AccountKey.MaxId));
        _changes.Add(a => a with { BusinessId = id });
    }

    private void ReadDisplayName(string? name, FieldErrors errors)
    {
        if (name?.Length > Account.MaxDisplayName) errors.Add("displayName", UserTexts.TooLong(name.Length, Account.MaxDisplayName));
        if (name?.Any(char.IsControl) == true) errors.Add("displayName", UserTexts.ControlCharacters);
        _changes.Add(a => a with { DisplayName = name });
    }

    private void ReadApp(string app, Func<string, bool> hasApp, FieldErrors errors)
    {
        if (_namesSecrets) errors.Add("app", UserTexts.AppBesideSecrets);
        else if (app != Account.DefaultApp && !hasApp(app)) errors.Add("app", UserTexts.NoSuchApp);
        _namesApp = true;
        _changes.Add(a => a with { App = app });
    }

    private void ReadToken(JsonFields fields, DateTimeOffset now, FieldErrors errors)
    {
        var (expiresAt, issuedAt) = (fields.Time("tokenExpiresAt"), fields.Time("tokenIssuedAt"));
        if (!fields.Has("accessToken"))
        {
            if (fields.Has("tokenExpiresAt")) _credentials.Add(c => c with { ExpiresAt = expiresAt });
            if (fields.Has("tokenIssuedAt")) _credentials.Add(c => c with { IssuedAt = issuedAt });
            return;
        }
        var token = fields.Text("accessToken");
        if (token is not null && !AccountCredentials.IsToken(token))
            errors.Add("accessToken", UserTexts.NotAKey(AccountCredentials.MaxLength));
        _isTokenNew = token is not null;
        _credentials.Add(c => c with
        {
            AccessToken = token,
            ExpiresAt = token is null ? null : expiresAt,
            IssuedAt = token is null ? null : issuedAt ?? now,
        });
    }

    private void ReadSecrets(
        JsonFields fields,
        string field,
        Func<AccountCredentials, IReadOnlyList<string>?, AccountCredentials> change,
        FieldErrors errors)
    {
        if (!fields.Has(field)) return;
        var secrets = fields.Texts(field);
        if (secrets is not null
            && (secrets.Count > MaxSecrets || secrets.Any(s => s.Length is 0 or > AccountCredentials.MaxLength || s.Any(char.IsControl))))
        {
            errors.Add(field, UserTexts.NotSecrets(MaxSecrets, AccountCredentials.MaxLength));
        }
        _namesSecrets = true;
        _credentials.Add(c => change(c, secrets is { Count: > 0 } ? secrets : null));
    }
}
