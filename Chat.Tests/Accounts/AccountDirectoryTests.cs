using System.Security.Cryptography;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Tests.Api;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Accounts;

/// <summary>What counts of configuration and store, and who may change what.</summary>
public sealed class AccountDirectoryTests
{
    private const string Token = "EAAG-a-token-of-a-desk";

    private static readonly AccountKey Number = new(ChannelCatalog.WhatsApp, "700800900");
    private static readonly AccountKey Other = new(ChannelCatalog.WhatsApp, "700800901");
    private static readonly Guid Desk = Guid.Parse("11111111-1111-4111-8111-111111111111");
    private static readonly Guid Stranger = Guid.Parse("22222222-2222-4222-8222-222222222222");

    private readonly AccountRows _rows = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 1, 0, 0, TimeSpan.Zero));
    private readonly AccountsOptions _options = new();
    private AccountDirectory? _accounts;

    public AccountDirectoryTests() => _options.EncryptionKeys.Add(NewKey());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AccountDirectory Accounts => _accounts ??= Make();

    [Fact]
    public async Task An_account_when_connected_is_there_with_its_credentials_which_the_store_has_sealed()
    {
        var connected = await Accounts.ConnectAsync(Draft(Number, Desk), new(Token, AppSecrets: ["one", "two"]), Cancellation);

        Assert.NotNull(connected);
        var found = await Accounts.FindAsync(Number, Cancellation);
        Assert.Equal((Desk, Token), (found!.Account.OrganizationId, found.Credentials.AccessToken));
        Assert.Equal(["one", "two"], found.Credentials.AppSecrets!);
        Assert.Equal([Number], (await Accounts.OfOrganizationAsync(Desk, ChannelCatalog.WhatsApp, Cancellation)).Select(a => a.Key));
        Assert.Empty(await Accounts.OfOrganizationAsync(Desk, ChannelCatalog.Instagram, Cancellation));
        Assert.Empty(await Accounts.OfOrganizationAsync(Stranger, ChannelCatalog.WhatsApp, Cancellation));
        Assert.Equal(_time.GetUtcNow(), found.Account.CreatedAt);
        Assert.True(Assert.Single(_rows.All).SealedCredentials.Span.IndexOf("a-token"u8) < 0);
    }

    [Fact]
    public async Task An_account_when_it_is_connected_already_is_connected_to_nobody_else_and_not_twice()
    {
        await Accounts.ConnectAsync(Draft(Number, Desk), new(Token), Cancellation);

        Assert.Null(await Accounts.ConnectAsync(Draft(Number, Stranger), new("another"), Cancellation));
        Assert.Null(await Accounts.ConnectAsync(Draft(Number, Desk), new("another"), Cancellation));

        Assert.Equal(Token, (await Accounts.FindAsync(Number, Cancellation))!.Credentials.AccessToken);
        await Accounts.RemoveAsync(Number, Stranger, Cancellation);
        Assert.NotNull(await Accounts.FindAsync(Number, Cancellation));
        await Accounts.RemoveAsync(Number, Desk, Cancellation);
        Assert.Null(await Accounts.FindAsync(Number, Cancellation));
        Assert.NotNull(await Accounts.ConnectAsync(Draft(Number, Stranger), new("another"), Cancellation));
    }

    [Fact]
    public async Task An_account_of_configuration_wins_over_the_stores_and_is_nobody_elses_to_connect_or_remove()
    {
        Bring(Number, Desk, "of configuration");
        _rows.Put(Sealed(Draft(Number, Stranger), new("of the store")));
        var logs = new CapturedLogs();
        _accounts = Make(logs);

        var found = await Accounts.FindAsync(Number, Cancellation);

        Assert.Equal((Desk, "of configuration"), (found!.Account.OrganizationId, found.Credentials.AccessToken));
        Assert.Empty(await Accounts.OfOrganizationAsync(Stranger, ChannelCatalog.WhatsApp, Cancellation));
        Assert.Null(await Accounts.ConnectAsync(Draft(Number, Stranger), new("again"), Cancellation));
        await Accounts.RemoveAsync(Number, Stranger, Cancellation);
        // The clash is said once, not with every look.
        await Accounts.RefreshAsync(Cancellation);
        var line = Assert.Single(logs.Lines, l => l.Contains("is connected by organization", StringComparison.Ordinal));
        Assert.Contains("Accounts:Own", line, StringComparison.Ordinal);
        // Nor is the other one's account lost by what becomes of it.
        await Accounts.SetAttentionAsync(Number, "its number is blocked", Cancellation);
        Assert.Equal((Stranger, Account.DefaultApp), (Assert.Single(_rows.All).OrganizationId, Assert.Single(_rows.All).App));
    }

    [Fact]
    public async Task An_account_whose_credentials_no_key_opens_needs_attention_and_works_again_once_the_key_is_back()
    {
        await Accounts.ConnectAsync(Draft(Number, Desk), new(Token), Cancellation);
        var key = _options.EncryptionKeys[0];
        _options.EncryptionKeys[0] = NewKey();
        var without = Make();

        var found = await without.FindAsync(Number, Cancellation);

        Assert.Equal(AccountState.NeedsAttention, found!.Account.State);
        Assert.Contains("Accounts:EncryptionKeys", found.Account.Attention, StringComparison.Ordinal);
        Assert.Null(found.Credentials.AccessToken);
        // A change of something else keeps what is sealed.
        await without.ChangeAsync(Number, a => a with { Account = a.Account with { DisplayName = "Desk" } }, Cancellation);
        _options.EncryptionKeys.Add(key);
        var again = await Make().FindAsync(Number, Cancellation);
        Assert.Equal(
            (AccountState.Active, null, "Desk", Token),
            (again!.Account.State, again.Account.Attention, again.Account.DisplayName, again.Credentials.AccessToken));
    }

    [Fact]
    public async Task Credentials_when_changed_are_sealed_by_the_first_key_and_others_see_them_at_their_next_look()
    {
        await Accounts.ConnectAsync(Draft(Number, Desk), new(Token), Cancellation);
        var other = Make();
        Assert.Equal(Token, (await other.FindAsync(Number, Cancellation))!.Credentials.AccessToken);
        _options.EncryptionKeys.Insert(0, NewKey());
        _accounts = Make();

        await Accounts.ChangeAsync(Number, a => a with { Credentials = a.Credentials with { AccessToken = "new" } }, Cancellation);

        Assert.Equal("new", (await Accounts.FindAsync(Number, Cancellation))!.Credentials.AccessToken);
        Assert.Equal(Token, (await other.FindAsync(Number, Cancellation))!.Credentials.AccessToken);
        _options.EncryptionKeys.RemoveAt(1);
        Assert.Equal("new", (await Make().FindAsync(Number, Cancellation))!.Credentials.AccessToken);
    }

    [Fact]
    public async Task What_was_known_counts_while_the_store_is_away_and_configurations_apps_need_no_store_at_all()
    {
        _options.Apps[ChannelCatalog.WhatsApp] = new()
        {
            [Account.DefaultApp] = new() { Secrets = { "not-a-secret" }, VerifyTokens = { "v" } },
        };
        _rows.IsAway = true;

        var app = await Accounts.FindAppAsync(ChannelCatalog.WhatsApp, Account.DefaultApp, Cancellation);

        Assert.Equal((null, "not-a-secret", "v"), (app!.OrganizationId, Assert.Single(app.Secrets), Assert.Single(app.VerifyTokens)));
        Assert.Null(await Accounts.FindAppAsync(ChannelCatalog.WhatsApp, "none", Cancellation));
        Assert.Null(await Accounts.FindAppAsync(ChannelCatalog.Instagram, Account.DefaultApp, Cancellation));
        await Assert.ThrowsAsync<IOException>(async () => await Accounts.FindAsync(Number, Cancellation));
        _rows.IsAway = false;
        await Accounts.ConnectAsync(Draft(Number, Desk), new(Token), Cancellation);
        _rows.IsAway = true;
        await Assert.ThrowsAsync<IOException>(async () => await Accounts.RefreshAsync(Cancellation));
        Assert.NotNull(await Accounts.FindAsync(Number, Cancellation));
    }

    [Fact]
    public async Task An_organizations_own_app_has_the_secrets_of_its_accounts_alone()
    {
        var app = AccountApps.OfOrganization(Desk);
        await Accounts.ConnectAsync(Draft(Number, Desk) with { App = app }, new(Token, null, null, ["a", "b"], ["v"]), Cancellation);
        await Accounts.ConnectAsync(Draft(Other, Desk) with { App = app }, new(Token, null, null, ["b"], ["w"]), Cancellation);
        await Accounts.ConnectAsync(
            Draft(new(ChannelCatalog.WhatsApp, "1"), Stranger) with { App = app }, new(Token, null, null, ["theirs"]), Cancellation);

        var found = await Accounts.FindAppAsync(ChannelCatalog.WhatsApp, app, Cancellation);

        Assert.Equal((Desk, app), (found!.OrganizationId, found.App));
        Assert.Equal(["a", "b"], found.Secrets.Order());
        Assert.Equal(["v", "w"], found.VerifyTokens.Order());
        Assert.Null(await Accounts.FindAppAsync(ChannelCatalog.Instagram, app, Cancellation));
        Assert.Null(await Accounts.FindAppAsync(ChannelCatalog.WhatsApp, AccountApps.OfOrganization(Stranger), Cancellation));
    }

    [Fact]
    public async Task Attention_when_set_again_for_the_same_reason_is_written_once()
    {
        await Accounts.ConnectAsync(Draft(Number, Desk), new(Token), Cancellation);
        var before = _rows.Writes;

        for (var i = 0; i < 10; i++) await Accounts.SetAttentionAsync(Number, AccountAttention.TokenRefused("code 190"), Cancellation);

        Assert.Equal(before + 1, _rows.Writes);
        var found = await Accounts.FindAsync(Number, Cancellation);
        Assert.Equal(AccountState.NeedsAttention, found!.Account.State);
        Assert.Contains("190", found.Account.Attention, StringComparison.Ordinal);
        Assert.Equal(Token, found.Credentials.AccessToken);
        await Accounts.SetAttentionAsync(Number, null, Cancellation);
        Assert.Equal(AccountState.Active, (await Accounts.FindAsync(Number, Cancellation))!.Account.State);
    }

    [Fact]
    public async Task What_becomes_of_an_account_of_configuration_is_kept_until_configuration_has_another_token()
    {
        Bring(Number, Desk, "first");
        await Accounts.SetAttentionAsync(Number, AccountAttention.TokenRefused("code 190"), Cancellation);
        await Accounts.ChangeAsync(Number, a => a with { Credentials = a.Credentials with { AccessToken = "refreshed" } }, Cancellation);
        _accounts = Make();

        var kept = await Accounts.FindAsync(Number, Cancellation);

        Assert.Equal((AccountState.NeedsAttention, "refreshed"), (kept!.Account.State, kept.Credentials.AccessToken));
        Assert.Equal(Account.DefaultApp, kept.Account.App);
        _options.Own[0].AccessToken = "second";
        var replaced = await Make().FindAsync(Number, Cancellation);
        Assert.Equal((AccountState.Active, "second"), (replaced!.Account.State, replaced.Credentials.AccessToken));
    }

    [Fact]
    public async Task An_account_that_configuration_no_longer_brings_is_gone_and_may_be_connected()
    {
        Bring(Number, Desk, "first");
        await Accounts.SetAttentionAsync(Number, "its number is blocked", Cancellation);
        Assert.Single(_rows.All);
        _options.Own.Clear();
        _accounts = Make();

        Assert.Null(await Accounts.FindAsync(Number, Cancellation));
        Assert.Null(await Accounts.ChangeAsync(Number, a => a, Cancellation));

        Assert.NotNull(await Accounts.ConnectAsync(Draft(Number, Stranger), new(Token), Cancellation));
        Assert.Equal(Stranger, (await Accounts.FindAsync(Number, Cancellation))!.Account.OrganizationId);
    }

    [Fact]
    public async Task A_change_at_the_millisecond_of_the_one_before_counts()
    {
        await Accounts.ConnectAsync(Draft(Number, Desk), new(Token), Cancellation);

        await Accounts.ChangeAsync(Number, a => a with { Account = a.Account with { DisplayName = "one" } }, Cancellation);
        await Accounts.ChangeAsync(Number, a => a with { Account = a.Account with { DisplayName = "two" } }, Cancellation);

        Assert.Equal("two", (await Accounts.FindAsync(Number, Cancellation))!.Account.DisplayName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task Accounts_when_the_store_is_asked_now_are_as_others_left_them(int strangers)
    {
        Bring(Other, Desk, "of configuration");
        Assert.Null(await Accounts.FindAsync(Number, Cancellation));
        _rows.Put(Sealed(Draft(Number, Stranger), new(Token)));
        AccountKey[] keys =
        [
            Number, Other, .. Enumerable.Range(0, strangers).Select(i => new AccountKey(ChannelCatalog.WhatsApp, $"1{i}")),
        ];

        var found = await Accounts.FindNowAsync(keys, Cancellation);

        Assert.Equal([Number, Other], found.Keys.OrderBy(k => k.AccountId));
        Assert.Equal((Stranger, Token), (found[Number].Account.OrganizationId, found[Number].Credentials.AccessToken));
        Assert.Equal("of configuration", found[Other].Credentials.AccessToken);
        Assert.Equal(strangers == 0 ? 1 : 0, _rows.AskedByKey);
    }

    [Fact]
    public void Nothing_secret_of_an_account_is_in_its_text()
    {
        var known = new KnownAccount(Draft(Number, Desk), new(Token, AppSecrets: ["a secret"], VerifyTokens: ["a word"]));

        Assert.DoesNotContain(Token, known.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", known.ToString(), StringComparison.Ordinal);
        Assert.Contains(Number.AccountId, known.ToString(), StringComparison.Ordinal);
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(CredentialVault.KeyBytes));

    private static Account Draft(AccountKey key, Guid organization) =>
        new(key, organization, "900100200", null, Account.DefaultApp, default, AccountState.Active, null, null, default, default);

    private Account Sealed(Account account, AccountCredentials credentials) =>
        account with { SealedCredentials = _options.Vault().Seal(account.Key, credentials) };

    private void Bring(AccountKey key, Guid organization, string token) => _options.Own.Add(
        new() { Channel = key.Channel, AccountId = key.AccountId, OrganizationId = organization, AccessToken = token });

    private AccountDirectory Make(CapturedLogs? logs = null) => new(
        _options,
        _options.Vault(),
        _rows,
        _time,
        logs is null
            ? NullLogger<AccountDirectory>.Instance
            : LoggerFactory.Create(l => l.AddProvider(logs)).CreateLogger<AccountDirectory>());
}
