using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Accounts;

/// <summary>Connects, changes and removes an organization's accounts.</summary>
internal sealed partial class AccountChanges(
    AccountDirectory accounts,
    AccountProof proof,
    IOptions<AccountsOptions> options,
    TimeProvider time,
    ILogger<AccountChanges> logger)
{
    private const int MaxBody = 16 * 1024;

    // For a provider that does not answer now.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public static async Task<Results<Created<AccountView>, ProblemHttpResult>> ConnectAsync(HttpContext context, AccountChanges changes)
    {
        if (context.User().OrganizationId is not { } organization) return AccountReads.NoOrganization(context);
        var (body, problem) = await JsonBody.ReadAsync(context, MaxBody);
        if (body is null) return problem!;
        var errors = new FieldErrors();
        AccountKey? key;
        AccountFields? fields;
        using (body)
        {
            key = AccountFields.TryReadKey(body.RootElement, errors);
            fields = AccountFields.TryRead(
                body.RootElement, app => key is { } k && changes.HasApp(k.Channel, app), changes.Now, errors);
        }
        if (key is null || fields is null) return Problem.BadRequest(context, errors);
        return await changes.ConnectAsync(context, organization, key.Value, fields);
    }

    public static async Task<Results<Ok<AccountView>, ProblemHttpResult>> ChangeAsync(
        HttpContext context, string channel, string accountId, AccountChanges changes)
    {
        if (context.User().OrganizationId is not { } organization) return AccountReads.NoOrganization(context);
        var (body, problem) = await JsonBody.ReadAsync(context, MaxBody);
        if (body is null) return problem!;
        var errors = new FieldErrors();
        AccountFields? fields;
        using (body) fields = AccountFields.TryRead(body.RootElement, app => changes.HasApp(channel, app), changes.Now, errors);
        if (fields is null) return Problem.BadRequest(context, errors);
        return await changes.ChangeAsync(context, organization, new(channel, accountId), fields);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        HttpContext context, string channel, string accountId, AccountChanges changes)
    {
        if (context.User().OrganizationId is not { } organization) return AccountReads.NoOrganization(context);
        return await changes.RemoveAsync(context, organization, new(channel, accountId));
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private bool HasApp(string channel, string app) => AccountSet.FindConfiguredApp(options.Value, channel, app) is not null;

    private async Task<Results<Created<AccountView>, ProblemHttpResult>> ConnectAsync(
        HttpContext context, Guid organization, AccountKey key, AccountFields fields)
    {
        if (!accounts.CanSeal) return NoKey(context);
        var empty = new Account(
            key,
            organization,
            BusinessId: null,
            DisplayName: null,
            Account.DefaultApp,
            SealedCredentials: default,
            AccountState.Active,
            Attention: null,
            MessagesPerSecond: null,
            CreatedAt: default,
            UpdatedAt: default);
        var asked = fields.Apply(new(empty, AccountCredentials.None));
        var others = await EngineCall.GuardAsync(
            ct => accounts.OfOrganizationAsync(organization, key.Channel, ct), context.RequestAborted);
        if (others.Count(a => a.Key != key && !accounts.IsConfigured(a.Key)) >= options.Value.MaxPerChannel)
            return Problem.Create(context, StatusCodes.Status409Conflict, UserTexts.TooManyAccounts(options.Value.MaxPerChannel));
        if (!HasOwnApp(asked) && await RefuseAsync(context, asked) is { } refusal) return refusal;
        var connected = await EngineCall.GuardAsync(
            ct => accounts.ConnectAsync(asked.Account, asked.Credentials, ct), context.RequestAborted);
        if (connected is null) return Problem.Create(context, StatusCodes.Status409Conflict, UserTexts.AccountIsConnected);
        var by = context.User().UserId;
        LogConnected(key, organization, by);
        return TypedResults.Created($"/v1/accounts/{key.Channel}/{key.AccountId}", AccountView.From(connected, isConfigured: false));
    }

    private async Task<Results<Ok<AccountView>, ProblemHttpResult>> ChangeAsync(
        HttpContext context, Guid organization, AccountKey key, AccountFields fields)
    {
        if (fields.NeedsSealing && !accounts.CanSeal) return NoKey(context);
        if (await AccountReads.FindAsync(context, organization, key, accounts) is not { } known) return AccountReads.NotFound(context);
        if (accounts.IsConfigured(key)) return Configured(context);
        var asked = fields.Apply(known);
        if (HasOwnApp(known) && !HasOwnApp(asked) && await RefuseAsync(context, asked) is { } refusal) return refusal;
        var changed = await EngineCall.GuardAsync(
            ct => accounts.ChangeAsync(key, a => a.Account.OrganizationId == organization ? fields.Apply(a) : a, ct),
            context.RequestAborted);
        if (changed?.Account.OrganizationId != organization) return AccountReads.NotFound(context);
        var by = context.User().UserId;
        LogChanged(key, organization, by);
        return TypedResults.Ok(AccountView.From(changed, isConfigured: false));
    }

    private async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(HttpContext context, Guid organization, AccountKey key)
    {
        if (await AccountReads.FindAsync(context, organization, key, accounts) is null) return AccountReads.NotFound(context);
        if (accounts.IsConfigured(key)) return Configured(context);
        await EngineCall.GuardAsync(ct => accounts.RemoveAsync(key, organization, ct), context.RequestAborted);
        var by = context.User().UserId;
        LogRemoved(key, organization, by);
        return TypedResults.NoContent();
    }

    /// <summary>Why an account may not come through an app that others share; null where its token shows whose it is.</summary>
    private async Task<ProblemHttpResult?> RefuseAsync(HttpContext context, KnownAccount asked)
    {
        if (asked.Credentials.AccessToken is not { } token) return Problem.BadRequest(context, "accessToken", UserTexts.NeedsProof);
        return await proof.AskAsync(asked.Key, token, context.RequestAborted) switch
        {
            ProofAnswer.Shown => null,
            ProofAnswer.NotShown => Problem.BadRequest(context, "accessToken", UserTexts.ProvesNothing),
            _ => Problem.Create(context, StatusCodes.Status503ServiceUnavailable, UserTexts.ProviderNotNow)
                .WithRetryAfter(context, RetryAfter),
        };
    }

    private static bool HasOwnApp(KnownAccount account) => AccountApps.OrganizationOf(account.Account.App) is not null;

    private static ProblemHttpResult Configured(HttpContext context) =>
        Problem.Create(context, StatusCodes.Status409Conflict, UserTexts.AccountIsConfigured);

    private static ProblemHttpResult NoKey(HttpContext context) =>
        Problem.Create(context, StatusCodes.Status501NotImplemented, UserTexts.NoEncryptionKey);

    [LoggerMessage(
        EventId = LogEvents.AccountConnected,
        Level = LogLevel.Information,
        Message = "Account {Account} of organization {Organization} connected by {User}")]
    private partial void LogConnected(AccountKey account, Guid organization, Guid user);

    [LoggerMessage(
        EventId = LogEvents.AccountChanged,
        Level = LogLevel.Information,
        Message = "Account {Account} of organization {Organization} changed by {User}")]
    private partial void LogChanged(AccountKey account, Guid organization, Guid user);

    [LoggerMessage(
        EventId = LogEvents.AccountRemoved,
        Level = LogLevel.Information,
        Message = "Account {Account} of organization {Organization} removed by {User}")]
    private partial void LogRemoved(AccountKey account, Guid organization, Guid user);
}
