using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Chat.Connectors;
using Chat.Connectors.Accounts;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Time;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Accounts;

/// <summary>
/// Tokens are refreshed in time by one process alone, and what needs a person is said; against a provider over real HTTP.
/// </summary>
public sealed class AccountHealthTests : IAsyncLifetime, IIdempotencyStore
{
    private const string Token = "EAAG-the-token-of-a-desk";

    private static readonly AccountKey Number = new(ChannelCatalog.WhatsApp, "700800900");
    private static readonly AccountKey Profile = new(ChannelCatalog.Instagram, "17841400000000001");
    private static readonly Guid Desk = Guid.Parse("11111111-1111-4111-8111-111111111111");

    private readonly AccountRows _rows = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 1, 0, 0, TimeSpan.Zero));
    private readonly AccountsOptions _options = new();
    private readonly CapturedLogs _logs = new();
    private readonly Dictionary<IdempotencyKey, IdempotencyRecord> _claims = [];

    // By path, without the version; what is not there is answered as Graph answers an unknown path.
    private readonly ConcurrentDictionary<string, (int Status, string Json)> _answers = new();
    private readonly ConcurrentQueue<string> _requests = new();

    // By path too: what it is not answered before.
    private readonly ConcurrentDictionary<string, Task> _waits = new();
    private int _failingClaims;
    private WebApplication _provider = null!;
    private ServiceProvider _client = null!;
    private AccountDirectory _accounts = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _options.EncryptionKeys.Add(Convert.ToBase64String(RandomNumberGenerator.GetBytes(CredentialVault.KeyBytes)));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _provider = builder.Build();
        _provider.Run(AnswerAsync);
        await _provider.StartAsync(Cancellation);
        var url = _provider.Urls.Single();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(_logs).SetMinimumLevel(LogLevel.Trace));
        services.AddSingleton<TimeProvider>(_time);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Providers:WhatsApp:BaseUrl"] = url,
            ["Providers:Instagram:BaseUrl"] = url,
        }).Build());
        services.AddGraphClient();
        _client = services.BuildServiceProvider();
        _accounts = NewDirectory();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _provider.DisposeAsync();
        _logs.Dispose();
    }

    [Theory]
    [InlineData("instagram", 30, 9, nameof(TokenPlan.Refresh))]
    [InlineData("instagram", 30, 11, nameof(TokenPlan.Nothing))]
    [InlineData("instagram", 0, 9, nameof(TokenPlan.Nothing))]
    [InlineData("instagram", 1, 9, nameof(TokenPlan.Refresh))]
    [InlineData("instagram", 30, 0, nameof(TokenPlan.Expired))]
    [InlineData("instagram", 30, null, nameof(TokenPlan.Refresh))]
    [InlineData("instagram", 0, null, nameof(TokenPlan.Nothing))]
    [InlineData("instagram", null, 9, nameof(TokenPlan.Refresh))]
    [InlineData("whatsapp", 30, 9, nameof(TokenPlan.Nothing))]
    [InlineData("whatsapp", 30, -1, nameof(TokenPlan.Expired))]
    [InlineData("whatsapp", null, null, nameof(TokenPlan.Nothing))]
    public void A_tokens_times_alone_say_what_it_needs(string channel, int? ageDays, int? leftDays, string plan)
    {
        var now = _time.GetUtcNow();
        var credentials = new AccountCredentials(
            Token,
            leftDays is { } left ? now.AddDays(left) : null,
            ageDays is { } age ? now.AddDays(-age) : null);

        Assert.Equal(plan, $"{TokenPlans.Of(channel, credentials, now, TimeSpan.FromDays(10))}");
        Assert.Equal(TokenPlan.Nothing, TokenPlans.Of(channel, credentials with { AccessToken = null }, now, TimeSpan.FromDays(10)));
    }

    [Fact]
    public async Task A_token_near_its_end_is_refreshed_and_stored_and_everybody_has_the_fresh_one()
    {
        var now = _time.GetUtcNow();
        await ConnectAsync(Profile, new(Token, now.AddDays(5), now.AddDays(-55), ["a secret"]));
        ProfileIsFine();
        _answers["refresh_access_token"] = (200, """{"access_token":"IGAA-fresh","token_type":"bearer","expires_in":5184000}""");

        await NewHealth().LookAsync(Cancellation);

        var found = (await NewDirectory().FindAsync(Profile, Cancellation))!;
        Assert.Equal(
            ("IGAA-fresh", now.AddDays(60), now, AccountState.Active),
            (found.Credentials.AccessToken, found.Credentials.ExpiresAt, found.Credentials.IssuedAt, found.Account.State));
        Assert.Equal("a secret", Assert.Single(found.Credentials.AppSecrets!));
        // What comes after it is asked with the fresh one already.
        Assert.Contains(
            _requests, r => r.Contains("/me?", StringComparison.Ordinal) && r.EndsWith("Bearer IGAA-fresh", StringComparison.Ordinal));
        AssertNothingLeaks("IGAA-fresh");
    }

    [Fact]
    public async Task A_token_is_refreshed_once_however_many_processes_look()
    {
        var now = _time.GetUtcNow();
        await ConnectAsync(Profile, new(Token, now.AddDays(5), now.AddDays(-55)));
        ProfileIsFine();
        _answers["refresh_access_token"] = (200, """{"access_token":"IGAA-fresh","expires_in":5184000}""");
        var processes = Enumerable.Range(0, 3).Select(_ => NewHealth(NewDirectory())).ToList();

        foreach (var health in processes) await health.LookAsync(Cancellation);
        foreach (var health in processes) await health.LookAsync(Cancellation);

        Assert.Single(_requests, r => r.Contains("refresh_access_token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(500, """{"error":{"code":2,"message":"Service temporarily unavailable"}}""")]
    [InlineData(503, "<html>")]
    [InlineData(200, "{}")]
    public async Task A_refresh_that_is_not_answered_changes_nothing_and_is_tried_with_the_next_look(int status, string json)
    {
        var now = _time.GetUtcNow();
        await ConnectAsync(Profile, new(Token, now.AddDays(5), now.AddDays(-55)));
        ProfileIsFine();
        _answers["refresh_access_token"] = (status, json);
        var health = NewHealth();

        await health.LookAsync(Cancellation);

        Assert.Equal(Token, (await FindAsync(Profile)).Credentials.AccessToken);
        Assert.Equal(AccountState.Active, (await FindAsync(Profile)).Account.State);
        _answers["refresh_access_token"] = (200, """{"access_token":"IGAA-fresh","expires_in":5184000}""");
        _time.Advance(TimeSpan.FromHours(1));
        await health.LookAsync(Cancellation);
        Assert.Equal("IGAA-fresh", (await FindAsync(Profile)).Credentials.AccessToken);
    }

    [Fact]
    public async Task A_token_that_has_ended_needs_a_person_and_is_not_asked_about()
    {
        await ConnectAsync(Profile, new(Token, _time.GetUtcNow().AddDays(-1)));

        await NewHealth().LookAsync(Cancellation);

        Assert.Equal(AccountAttention.TokenExpired, (await FindAsync(Profile)).Account.Attention);
        Assert.Empty(_requests);
    }

    [Theory]
    [InlineData("whatsapp", "debug_token", 400, """{"error":{"code":190,"message":"Error validating access token"}}""")]
    [InlineData("whatsapp", "debug_token", 200, """{"data":{"is_valid":false,"error":{"code":190,"message":"Error validating"}}}""")]
    [InlineData("instagram", "me", 401, """{"error":{"code":190,"message":"Error validating access token"}}""")]
    public async Task A_token_that_the_provider_refuses_needs_a_person_until_there_is_one_that_works(
        string channel, string path, int status, string json)
    {
        var key = channel == ChannelCatalog.WhatsApp ? Number : Profile;
        await ConnectAsync(key, new(Token));
        _answers[path] = (status, json);
        var health = NewHealth();

        await health.LookAsync(Cancellation);

        var stopped = (await FindAsync(key)).Account;
        Assert.Equal(AccountState.NeedsAttention, stopped.State);
        Assert.Contains("Error validating", stopped.Attention, StringComparison.Ordinal);
        NumberIsFine();
        ProfileIsFine();
        _time.Advance(TimeSpan.FromHours(2));
        await health.LookAsync(Cancellation);
        Assert.Equal(AccountState.Active, (await FindAsync(key)).Account.State);
        AssertNothingLeaks(Token);
    }

    [Fact]
    public async Task A_subscription_counts_only_where_it_is_our_apps_own()
    {
        await ConnectAsync(Number, new(Token));
        NumberIsFine();
        // Another app's: the list is not empty, and nothing comes to us.
        _answers["900100200/subscribed_apps"] = (200, """{"data":[{"whatsapp_business_api_data":{"id":"2","name":"Another"}}]}""");
        var health = NewHealth();

        await health.LookAsync(Cancellation);

        var deaf = (await FindAsync(Number)).Account;
        Assert.Equal(AccountState.NeedsAttention, deaf.State);
        Assert.Contains("900100200", deaf.Attention, StringComparison.Ordinal);
        NumberIsFine();
        _time.Advance(TimeSpan.FromHours(2));
        await health.LookAsync(Cancellation);
        Assert.Equal(AccountState.Active, (await FindAsync(Number)).Account.State);
    }

    [Theory]
    [InlineData("""{"data":[]}""", false)]
    [InlineData("""{"data":[{"subscribed_fields":["comments"]}]}""", false)]
    [InlineData("""{"data":[{"subscribed_fields":["comments","messages"]}]}""", true)]
    [InlineData("""{"data":[{"id":"1"}]}""", true)]
    [InlineData("""{"data":"?"}""", false)]
    public async Task An_Instagram_account_hears_where_messages_are_subscribed(string json, bool hears)
    {
        await ConnectAsync(Profile, new(Token));
        ProfileIsFine();
        _answers[$"{Profile.AccountId}/subscribed_apps"] = (200, json);

        await NewHealth().LookAsync(Cancellation);

        Assert.Equal(hears, (await FindAsync(Profile)).Account.State == AccountState.Active);
    }

    [Fact]
    public async Task An_Instagram_account_under_its_other_id_is_told_which_is_the_right_one()
    {
        await ConnectAsync(Profile, new(Token));
        _answers["me"] = (200, """{"user_id":"17841499999999999","id":"26012345678901234","username":"loja"}""");

        await NewHealth().LookAsync(Cancellation);

        Assert.Contains("17841499999999999", (await FindAsync(Profile)).Account.Attention, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, """{"error":{"code":2500,"message":"Unknown path components"}}""")]
    [InlineData(400, """{"error":{"code":10,"message":"Application does not have permission"}}""")]
    [InlineData(500, """{"error":{"code":1,"message":"Something went wrong"}}""")]
    [InlineData(502, "<html>Bad gateway</html>")]
    [InlineData(200, """{"data":[]}""")]
    [InlineData(200, """{"data":{"is_valid":"?","app_id":{},"expires_at":"?"}}""")]
    public async Task A_provider_that_does_not_tell_changes_nothing(int status, string json)
    {
        await ConnectAsync(Number, new(Token));
        await ConnectAsync(Profile, new(Token));
        _answers["debug_token"] = _answers["me"] = (status, json);
        await _accounts.SetAttentionAsync(Profile, AccountAttention.TokenRefused("code 190"), Cancellation);

        await NewHealth().LookAsync(Cancellation);

        Assert.Equal(AccountState.Active, (await FindAsync(Number)).Account.State);
        // What was wrong is not in order by that, either: except that the account's own name was told by nobody.
        if (!json.StartsWith("{\"data\"", StringComparison.Ordinal))
            Assert.Equal(AccountState.NeedsAttention, (await FindAsync(Profile)).Account.State);
    }

    [Fact]
    public async Task An_account_whose_provider_does_not_answer_holds_up_no_other()
    {
        await ConnectAsync(Number, new(Token));
        await ConnectAsync(Profile, new(Token));
        NumberIsFine();
        _answers["me"] = (401, """{"error":{"code":190,"message":"Error validating access token"}}""");
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits["debug_token"] = answer.Task;

        var look = NewHealth().LookAsync(Cancellation);

        await Until.TrueAsync(
            async () => (await FindAsync(Profile)).Account.State == AccountState.NeedsAttention, "the other account was looked at");
        Assert.False(look.IsCompleted);
        answer.SetResult();
        await look;
        Assert.Equal(AccountState.Active, (await FindAsync(Number)).Account.State);
    }

    [Fact]
    public async Task What_the_look_cannot_see_stays_until_a_person_says_so()
    {
        await ConnectAsync(Number, new(Token));
        NumberIsFine();
        await _accounts.SetAttentionAsync(Number, "The number was limited because people blocked it (131048)", Cancellation);

        await NewHealth().LookAsync(Cancellation);

        Assert.Contains("131048", (await FindAsync(Number)).Account.Attention, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_a_token_ends_is_learned_from_the_provider()
    {
        await ConnectAsync(Number, new(Token));
        NumberIsFine();
        var end = new DateTimeOffset(2027, 1, 30, 12, 0, 0, TimeSpan.Zero);
        _answers["debug_token"] = (200, string.Create(
            CultureInfo.InvariantCulture, $$$"""{"data":{"is_valid":true,"app_id":"1","expires_at":{{{end.ToUnixTimeSeconds()}}}}}"""));

        await NewHealth().LookAsync(Cancellation);

        Assert.Equal((end, Token), ((await FindAsync(Number)).Credentials.ExpiresAt, (await FindAsync(Number)).Credentials.AccessToken));
    }

    [Fact]
    public async Task An_account_is_looked_at_once_in_an_interval_and_soon_after_it_changed()
    {
        await ConnectAsync(Number, new(Token));
        NumberIsFine();
        var health = NewHealth();
        for (var i = 0; i < 5; i++) await health.LookAsync(Cancellation);
        Assert.Single(_requests, IsLook);

        _time.Advance(TimeSpan.FromHours(1));
        await health.LookAsync(Cancellation);
        Assert.Equal(2, _requests.Count(IsLook));
        await _accounts.ChangeAsync(Number, a => a with { Credentials = a.Credentials with { AccessToken = "new" } }, Cancellation);
        await health.LookAsync(Cancellation);
        Assert.Equal(3, _requests.Count(IsLook));

        static bool IsLook(string request) => request.Contains("debug_token", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_whose_look_could_not_be_claimed_is_looked_at_once_the_store_is_back()
    {
        await ConnectAsync(Number, new(Token));
        NumberIsFine();
        var health = NewHealth();
        _failingClaims = 1;
        await Assert.ThrowsAsync<IOException>(() => health.LookAsync(Cancellation));
        Assert.Empty(_requests);

        await health.LookAsync(Cancellation);
        Assert.NotEmpty(_requests);

        _requests.Clear();
        await health.LookAsync(Cancellation);
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task An_account_of_configuration_is_looked_after_too_and_its_refreshed_token_counts()
    {
        var now = _time.GetUtcNow();
        _options.Own.Add(new()
        {
            Channel = "instagram",
            AccountId = Profile.AccountId,
            OrganizationId = Desk,
            AccessToken = Token,
            ExpiresAt = now.AddDays(5),
        });
        _accounts = NewDirectory();
        ProfileIsFine();
        _answers["refresh_access_token"] = (200, """{"access_token":"IGAA-fresh","expires_in":5184000}""");

        await NewHealth().LookAsync(Cancellation);

        Assert.Equal("IGAA-fresh", (await NewDirectory().FindAsync(Profile, Cancellation))!.Credentials.AccessToken);
    }

    [Fact]
    public async Task An_account_without_a_token_only_receives_and_is_left_alone()
    {
        await ConnectAsync(Number, new(AccessToken: null, AppSecrets: ["a secret"]));

        await NewHealth().LookAsync(Cancellation);

        Assert.Empty(_requests);
        Assert.Equal(AccountState.Active, (await FindAsync(Number)).Account.State);
    }

    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        lock (_claims)
        {
            if (_failingClaims-- > 0) throw new IOException("The store is away.");
            if (!_claims.TryGetValue(key, out var stored) || stored.CreatedAt < record.CreatedAt - lifetime) _claims[key] = stored = record;
            return new(stored);
        }
    }

    private void NumberIsFine()
    {
        _answers["debug_token"] = (200, """{"data":{"is_valid":true,"app_id":"1","expires_at":0}}""");
        _answers["900100200/subscribed_apps"] = (200, """
            {"data":[{"whatsapp_business_api_data":{"id":"2","name":"Another"}},{"whatsapp_business_api_data":{"id":"1","name":"Ours"}}]}
            """);
    }

    private void ProfileIsFine()
    {
        _answers["me"] = (200, $$"""{"user_id":"{{Profile.AccountId}}","id":"26012345678901234","username":"loja"}""");
        _answers[$"{Profile.AccountId}/subscribed_apps"] = (200, """{"data":[{"subscribed_fields":["messages","messaging_seen"]}]}""");
    }

    private async ValueTask ConnectAsync(AccountKey key, AccountCredentials credentials) => Assert.NotNull(await _accounts.ConnectAsync(
        new(key, Desk, "900100200", null, Account.DefaultApp, default, AccountState.Active, null, null, default, default),
        credentials,
        Cancellation));

    private async Task<KnownAccount> FindAsync(AccountKey key) => (await _accounts.FindAsync(key, Cancellation))!;

    private AccountDirectory NewDirectory() => new(
        _options, _options.Vault(), _rows, _time, _client.GetRequiredService<ILogger<AccountDirectory>>());

    private AccountHealth NewHealth(AccountDirectory? accounts = null) => new(
        accounts ?? _accounts,
        ActivatorUtilities.CreateInstance<AccountInspector>(_client),
        this,
        new IdSource(_time),
        new RetryForever(_time),
        _time,
        Options.Create(new AccountHealthOptions()),
        Options.Create(new ConnectorsOptions()),
        new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance),
            _client.GetRequiredService<ILogger<AccountHealth>>());

    private void AssertNothingLeaks(string token) =>
        Assert.DoesNotContain(_logs.Lines, l => l.Contains(token, StringComparison.Ordinal));

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimStart('/');
        if (path.StartsWith('v')) path = path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..];
        _requests.Enqueue($"{context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization}");
        var (status, json) = _answers.GetValueOrDefault(path, (404, """{"error":{"code":2500,"message":"Unknown path components"}}"""));
        if (_waits.TryGetValue(path, out var wait)) await wait.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(json, context.RequestAborted);
    }
}
