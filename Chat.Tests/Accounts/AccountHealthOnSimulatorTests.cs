using System.Net;
using System.Security.Cryptography;
using Chat.Connectors;
using Chat.Connectors.Accounts;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Time;
using Chat.Tests.MetaSimulator;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Accounts;

/// <summary>Accounts are looked after at what answers as the provider does: the simulator, over real HTTP.</summary>
public sealed class AccountHealthOnSimulatorTests : IAsyncLifetime, IIdempotencyStore
{
    private static readonly AccountKey Number = new(ChannelCatalog.WhatsApp, SimulatorRig.Number);
    private static readonly AccountKey Profile = new(ChannelCatalog.Instagram, SimulatorRig.InstagramId);

    private readonly AccountsOptions _options = new();
    private SimulatorRig _provider = null!;
    private ServiceProvider _client = null!;
    private AccountDirectory _accounts = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await SimulatorRig.StartAsync();
        _options.EncryptionKeys.Add(Convert.ToBase64String(RandomNumberGenerator.GetBytes(CredentialVault.KeyBytes)));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Providers:WhatsApp:BaseUrl"] = $"{_provider.Simulator.Address}",
            ["Providers:Instagram:BaseUrl"] = $"{_provider.Simulator.Address}",
        }).Build());
        services.AddGraphClient();
        _client = services.BuildServiceProvider();
        _accounts = new(_options, _options.Vault(), new AccountRows(), TimeProvider.System, NullLogger<AccountDirectory>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task A_number_is_in_order_until_its_app_is_unsubscribed_or_its_token_is_revoked()
    {
        await ConnectAsync(Number, new(SimulatorRig.Token));
        await LookAsync();
        Assert.Equal(AccountState.Active, (await FindAsync(Number)).Account.State);

        await _provider.ControlAsync(HttpMethod.Put, $"accounts/whatsapp/{Number.AccountId}", new { isSubscribed = false });
        await LookAsync();
        Assert.StartsWith(AccountAttention.Subscription, (await FindAsync(Number)).Account.Attention, StringComparison.Ordinal);

        await _provider.ControlAsync(HttpMethod.Put, $"accounts/whatsapp/{Number.AccountId}", new { isSubscribed = true });
        await LookAsync();
        Assert.Equal(AccountState.Active, (await FindAsync(Number)).Account.State);

        await _provider.ControlAsync(HttpMethod.Delete, $"accounts/whatsapp/{Number.AccountId}/tokens", new { });
        await LookAsync();
        Assert.StartsWith(AccountAttention.Token, (await FindAsync(Number)).Account.Attention, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_is_in_order_while_it_is_subscribed_to_messages()
    {
        await ConnectAsync(Profile, new(SimulatorRig.InstagramToken));
        await LookAsync();
        Assert.Equal(AccountState.Active, (await FindAsync(Profile)).Account.State);

        await SubscribeAsync("messaging_seen");
        await LookAsync();
        Assert.StartsWith(AccountAttention.Subscription, (await FindAsync(Profile)).Account.Attention, StringComparison.Ordinal);

        await SubscribeAsync("messages,messaging_seen");
        await LookAsync();
        Assert.Equal(AccountState.Active, (await FindAsync(Profile)).Account.State);

        async Task SubscribeAsync(string fields) => (await _provider.PostAsync(
            $"/v25.0/{Profile.AccountId}/subscribed_apps?subscribed_fields={fields}", new { }, SimulatorRig.InstagramToken))
            .Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_profiles_token_is_refreshed_before_it_ends_and_the_fresh_one_is_taken()
    {
        const string ending = "IGAA-ending";
        var now = DateTimeOffset.UtcNow;
        var (issuedAt, expiresAt) = (now.AddDays(-55), now.AddDays(5));
        await _provider.ControlAsync(
            HttpMethod.Put,
            $"accounts/instagram/{Profile.AccountId}",
            new { accessToken = ending, accessTokenIssuedAt = issuedAt, accessTokenExpiresAt = expiresAt });
        await ConnectAsync(Profile, new(ending, expiresAt, issuedAt));

        await LookAsync();

        var found = await FindAsync(Profile);
        Assert.NotEqual(ending, found.Credentials.AccessToken);
        Assert.InRange(found.Credentials.ExpiresAt!.Value, now.AddDays(59), now.AddDays(61));
        // It works: the look after it is made with it.
        await LookAsync();
        Assert.Equal(
            (found.Credentials.AccessToken, AccountState.Active),
            ((await FindAsync(Profile)).Credentials.AccessToken, (await FindAsync(Profile)).Account.State));
    }

    // Every look is this process's.
    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken) => new(record);

    private async Task ConnectAsync(AccountKey key, AccountCredentials credentials) => Assert.NotNull(await _accounts.ConnectAsync(
        new(key, Guid.NewGuid(), SimulatorRig.Waba, null, Account.DefaultApp, default, AccountState.Active, null, null, default, default),
        credentials,
        Cancellation));

    private async Task<KnownAccount> FindAsync(AccountKey key) => (await _accounts.FindAsync(key, Cancellation))!;

    // A new one has looked at nothing yet, so that everything is due.
    private Task LookAsync() => new AccountHealth(
        _accounts,
        ActivatorUtilities.CreateInstance<AccountInspector>(_client),
        this,
        new IdSource(TimeProvider.System),
        new RetryForever(TimeProvider.System),
        TimeProvider.System,
        Options.Create(new AccountHealthOptions()),
        Options.Create(new ConnectorsOptions()),
        new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance),
        NullLogger<AccountHealth>.Instance).LookAsync(Cancellation);
}
