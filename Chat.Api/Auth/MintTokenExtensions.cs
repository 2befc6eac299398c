using Chat.Api.Http;
using Chat.Api.Problems;

namespace Chat.Api.Auth;

internal static class MintTokenExtensions
{
    public static void MapMintToken(this IEndpointRouteBuilder api) =>
        api.MapPost("/auth/token", MintToken.HandleAsync)
            .AllowAnonymous()
            .Accepts<TokenRequest>("application/json")
            .WithTags("Development")
            .WithName("MintToken")
            .WithSummary("In Development only: a token for a user and, where it is to post, an organization.")
            .WithDescription(
                "With role, of the value operator, it may look after the system: /v1/operations; of the value admin, manage its "
                + "organization's accounts: /v1/accounts.")
            .WithProblems(400, 403, 404, 413, 415)
            .WithAnswer(403, "Not from this machine, or a web page of another origin.")
            .WithAnswer(404, "Outside Development there is no such address.")
            .WithAnswerHeader(200, "Cache-Control", "A token is kept by nobody on the way.", "no-store");
}
