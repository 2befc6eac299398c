using System.Collections.Concurrent;
using Chat.Core.Accounts;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Connectors.Accounts;

/// <summary>
/// Looks after the accounts: refreshes tokens in time, and sees whether tokens work and webhooks come, so that a person hears of it before
/// a customer does. Each look is claimed in the store, so that one process alone makes it; one that dies in it leaves it to the next look.
/// </summary>
internal sealed partial class AccountHealth(
    AccountDirectory accounts,
    AccountInspector inspector,
    IIdempotencyStore claims,
    IdSource ids,
    RetryForever retry,
    TimeProvider time,
    IOptions<AccountHealthOptions> options,
    IOptions<ConnectorsOptions> connectors,
    IHostApplicationLifetime lifetime,
    ILogger<AccountHealth> logger) : BackgroundService
{
    /// <summary>How often it looks which accounts are due.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    // A provider that is slow to answer for one account holds up no other: that many are looked at beside each other.
    private const int AtATime = 8;

    // A look of the round before must not count as this round's: the clocks of two processes differ, and rounds are not to the second.
    private const double ShareOfInterval = 0.9;

    // Of no organization and no user: no client's key is one of these.
    private static readonly Guid Nobody = Guid.Empty;

    private readonly ConcurrentDictionary<AccountKey, (DateTimeOffset Version, Countdown Next)> _looked = [];

    /// <summary>Looks at the accounts that are due.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var due = new List<KnownAccount>();
        foreach (var channel in connectors.Value.ChannelsToRun)
            due.AddRange((await accounts.OfChannelAsync(channel.Name, cancellationToken)).Where(IsDue));
        using var places = new SemaphoreSlim(AtATime);
        await Task.WhenAll(due.Select(account => LookInTurnAsync(account, places, cancellationToken)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled) return;
        // Whether webhooks come is asked once they can: the API may be of this very process.
        await lifetime.WaitForStartAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await retry.RunAsync(
                logger, "look after", "the accounts", async ct => { await LookAsync(ct); }, stoppingToken);
            await Task.Delay(Tick, time, stoppingToken);
        }
    }

    private async Task LookInTurnAsync(KnownAccount account, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            var isOurs = await ClaimAsync(account, cancellationToken);
            // Not before the store has answered: the account stays due where it is away.
            _looked[account.Key] = (account.Account.UpdatedAt, new Countdown(options.Value.Interval, time));
            if (isOurs) await LookAtAsync(account, cancellationToken);
        }
        finally
        {
            places.Release();
        }
    }

    private bool IsDue(KnownAccount account) => !_looked.TryGetValue(account.Key, out var looked)
        || looked.Version != account.Account.UpdatedAt
        || looked.Next.Left == TimeSpan.Zero;

    private async Task<bool> ClaimAsync(KnownAccount account, CancellationToken cancellationToken)
    {
        var version = account.Account.UpdatedAt.ToUnixTimeMilliseconds();
        var key = new IdempotencyKey(Nobody, Nobody, $"account-health/{account.Key.Channel}/{account.Key.AccountId}/{version}");
        var claim = new IdempotencyRecord(ids.Next(), "", WireTime.TruncateToMilliseconds(time.GetUtcNow()));
        var stored = await claims.ClaimIdempotencyKeyAsync(key, claim, options.Value.Interval * ShareOfInterval, cancellationToken);
        return stored.MessageId == claim.MessageId;
    }

    private async Task LookAtAsync(KnownAccount account, CancellationToken cancellationToken)
    {
        var (key, now) = (account.Key, time.GetUtcNow());
        switch (TokenPlans.Of(key.Channel, account.Credentials, now, options.Value.RefreshBefore))
        {
            case TokenPlan.Expired:
                await accounts.SetAttentionAsync(key, AccountAttention.TokenExpired, cancellationToken);
                return;
            case TokenPlan.Refresh when accounts.CanSeal:
                if (await RefreshAsync(account, cancellationToken) is not { } refreshed) return;
                account = refreshed;
                break;
            case TokenPlan.Refresh:
                // Still good for a while: said, and nothing stopped.
                LogCannotKeep(key, AccountsOptions.EncryptionKeysSetting);
                break;
        }
        var finding = await inspector.InspectAsync(account, cancellationToken);
        if (finding == AccountFinding.Nothing) return;
        if (finding.ExpiresAt is { } end && end != account.Credentials.ExpiresAt && accounts.CanSeal)
        {
            await accounts.ChangeAsync(
                key,
                a => HasToken(a, account.Credentials) ? a with { Credentials = a.Credentials with { ExpiresAt = end } } : a,
                cancellationToken);
        }
        // As it is now: what somebody changed meanwhile is not what was looked at.
        if (await accounts.FindAsync(key, cancellationToken) is not { } current || !HasToken(current, account.Credentials)) return;
        await accounts.SetAttentionAsync(key, finding.AttentionOf(current.Account), cancellationToken);
    }

    /// <summary>The account with a fresh token, which is stored by then; null where it got none.</summary>
    private async Task<KnownAccount?> RefreshAsync(KnownAccount account, CancellationToken cancellationToken)
    {
        var (refreshed, fault) = await inspector.RefreshAsync(account.Credentials, cancellationToken);
        if (fault is not null)
        {
            await accounts.SetAttentionAsync(account.Key, fault, cancellationToken);
            return null;
        }
        if (refreshed is null)
        {
            LogNotRefreshed(account.Key);
            return account;
        }
        // Without end: the provider has given it once, and all who use the account must find it in the store.
        var stored = await retry.RunAsync(
            logger,
            "store the token of",
            account.Key,
            ct => accounts.ChangeAsync(
                account.Key, a => HasToken(a, account.Credentials) ? a with { Credentials = Merge(a.Credentials, refreshed) } : a, ct),
            cancellationToken);
        if (stored is null) return null;
        var until = refreshed.ExpiresAt is { } end ? WireTime.Format(end) : "an unknown time";
        LogRefreshed(account.Key, until);
        return stored;
    }

    // What else somebody changed meanwhile stays.
    private static AccountCredentials Merge(AccountCredentials current, AccountCredentials refreshed) => current with
    {
        AccessToken = refreshed.AccessToken,
        IssuedAt = refreshed.IssuedAt,
        ExpiresAt = refreshed.ExpiresAt,
    };

    private static bool HasToken(KnownAccount account, AccountCredentials credentials) =>
        account.Credentials.AccessToken == credentials.AccessToken;

    [LoggerMessage(
        EventId = LogEvents.TokenRefreshed,
        Level = LogLevel.Information,
        Message = "Account {Account}: its token was refreshed, until {Until}")]
    private partial void LogRefreshed(AccountKey account, string until);

    [LoggerMessage(
        EventId = LogEvents.TokenNotRefreshed,
        Level = LogLevel.Warning,
        Message = "Account {Account}: the provider gave no fresh token this time; tried again with the next look")]
    private partial void LogNotRefreshed(AccountKey account);

    [LoggerMessage(
        EventId = LogEvents.TokenCannotBeKept,
        Level = LogLevel.Warning,
        Message = "Account {Account}: its token ends soon, and a fresh one could not be kept: {Setting} is missing")]
    private partial void LogCannotKeep(AccountKey account, string setting);
}
