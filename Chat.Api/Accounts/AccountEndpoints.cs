using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.ServiceDefaults;

namespace Chat.Api.Accounts;

/// <summary><c>/v1/accounts</c>: an organization's accounts at providers, for its tokens with the role of an administrator.</summary>
internal static class AccountEndpoints
{
    private const string NoSuchAccount = "The organization has no such account.";
    private const string NoKey = "No key is configured to keep credentials with: the setting Accounts:EncryptionKeys.";

    // Each is written to the store.
    private const int CostOfChange = 10;

    public static void AddAccountChanges(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProviderClient(AccountProof.ClientName);
        builder.Services.AddSingleton<AccountProof>();
        builder.Services.AddSingleton<AccountChanges>();
    }

    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/accounts")
            .RequireAuthorization(policy => policy.RequireRole(Roles.Admin))
            .WithTags("Accounts")
            .ProducesProblem(StatusCodes.Status403Forbidden, Problem.ContentType)
            .AddEndpointFilter(static (invocation, next) =>
            {
                invocation.HttpContext.Response.Headers.CacheControl = "no-store";
                return next(invocation);
            });
        accounts.MapGet("", AccountReads.ListAsync)
            .LimitReads()
            .WithName("ListAccounts")
            .WithSummary("The organization's accounts at providers, by channel and id.")
            .WithDescription(
                "For a token with tenant_id and the claim role, of the value admin, as everything under /v1/accounts. Secrets go in and "
                + "never come out.")
            .WithProblems(429, 503);
        accounts.MapPost("", AccountChanges.ConnectAsync)
            .LimitReads(static _ => CostOfChange)
            .Accepts<AccountBody>("application/json")
            .WithName("ConnectAccount")
            .WithSummary("Connects an account: from then on the organization's messages on its channel go through it, or one like it.")
            .WithDescription(
                "An account belongs to one organization: 409 where it is connected already, by any of them. Without appSecrets and "
                + "verifyTokens its webhooks come through an app that organizations share: then accessToken is needed, and the provider is "
                + "asked whether it shows the account to it.")
            .WithProblems(400, 409, 413, 415, 429, 501, 503)
            .WithAnswer(409, "It is connected already, or the organization has as many as it may.")
            .WithAnswer(501, NoKey)
            .WithAnswerHeader(201, "Location", "Where the account is.", "/v1/accounts/whatsapp/700800900");
        accounts.MapGet("/{channel}/{accountId}", AccountReads.GetAsync)
            .LimitReads()
            .WithName("GetAccount")
            .WithSummary("One of the organization's accounts.")
            .WithProblems(404, 429, 503)
            .WithAnswer(404, NoSuchAccount);
        accounts.MapPatch("/{channel}/{accountId}", AccountChanges.ChangeAsync)
            .LimitReads(static _ => CostOfChange)
            .Accepts<AccountChangeBody>("application/json")
            .WithName("ChangeAccount")
            .WithSummary("Changes an account: what the body leaves out stays as it is, and null takes it away.")
            .WithDescription(
                "A new accessToken makes it active again, and what it held is sent. appSecrets and verifyTokens hold one, or two while "
                + "they are exchanged: then a webhook signed with either is taken. Where an account leaves its own app for a shared one, "
                + "its token must show whose it is, as when it is connected.")
            .WithProblems(400, 404, 409, 413, 415, 429, 501, 503)
            .WithAnswer(404, NoSuchAccount)
            .WithAnswer(409, "Configuration brings it: it is changed there.")
            .WithAnswer(501, NoKey);
        accounts.MapDelete("/{channel}/{accountId}", AccountChanges.RemoveAsync)
            .LimitReads(static _ => CostOfChange)
            .WithName("RemoveAccount")
            .WithSummary("Disconnects an account: it neither sends nor receives any more, and another organization may connect it.")
            .WithDescription("What it still had to send becomes FAILED soon after, with the reason that the account was removed.")
            .WithProblems(404, 409, 429, 503)
            .WithAnswer(204, "It is gone.")
            .WithAnswer(404, NoSuchAccount)
            .WithAnswer(409, "Configuration brings it: it is taken away there.");
    }
}
