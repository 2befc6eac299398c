using Chat.Api.Auth;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Accounts;

/// <summary>Reads an organization's accounts.</summary>
internal static class AccountReads
{
    public static async Task<Results<Ok<AccountListView>, ProblemHttpResult>> ListAsync(HttpContext context, AccountDirectory accounts)
    {
        if (context.User().OrganizationId is not { } organization) return NoOrganization(context);
        var items = new List<AccountView>();
        foreach (var channel in ChannelCatalog.Names)
        {
            var found = await EngineCall.GuardAsync(
                ct => accounts.OfOrganizationAsync(organization, channel, ct), context.RequestAborted);
            items.AddRange(found.Select(a => AccountView.From(a, accounts.IsConfigured(a.Key))));
        }
        return TypedResults.Ok(new AccountListView(items));
    }

    public static async Task<Results<Ok<AccountView>, ProblemHttpResult>> GetAsync(
        HttpContext context, string channel, string accountId, AccountDirectory accounts)
    {
        if (context.User().OrganizationId is not { } organization) return NoOrganization(context);
        return await FindAsync(context, organization, new(channel, accountId), accounts) is { } found
            ? TypedResults.Ok(AccountView.From(found, accounts.IsConfigured(found.Key)))
            : NotFound(context);
    }

    /// <summary>An organization's account; null for another's too.</summary>
    public static async ValueTask<KnownAccount?> FindAsync(
        HttpContext context, Guid organization, AccountKey key, AccountDirectory accounts)
    {
        var found = await EngineCall.GuardAsync(ct => accounts.FindAsync(key, ct), context.RequestAborted);
        return found?.Account.OrganizationId == organization ? found : null;
    }

    public static ProblemHttpResult NotFound(HttpContext context) =>
        Problem.Create(context, StatusCodes.Status404NotFound, UserTexts.NoSuchAccount);

    public static ProblemHttpResult NoOrganization(HttpContext context) =>
        Problem.Create(context, StatusCodes.Status403Forbidden, UserTexts.AdminWithoutOrganization);
}
