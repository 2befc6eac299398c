using System.Security.Claims;
using System.Text.Encodings.Web;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.Extensions.Options;

namespace Chat.Api.Auth;

/// <summary>Authenticates a request by its token, through the same <see cref="ITokenReader"/> as the hub.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ITokenReader tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // The hub and the callbacks look at what they are given themselves.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null) return AuthenticateResult.NoResult();
        if (AccessToken.Find(Context) is not { } token) return AuthenticateResult.NoResult();
        var user = await tokens.ReadAsync(token, Context.RequestAborted);
        if (user is null) return AuthenticateResult.Fail("The token is not valid.");
        Context.Features.Set(user);
        // With an authentication type, since that is what makes an identity count as authenticated.
        var identity = new ClaimsIdentity([new("sub", user.UserId.ToString("D"))], SchemeName, "sub", Roles.Claim);
        if (user.IsOperator) identity.AddClaim(new(Roles.Claim, Roles.Operator));
        if (user.IsAdmin) identity.AddClaim(new(Roles.Claim, Roles.Admin));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var given = AccessToken.Find(Context) is not null;
        return Unauthorized.WriteAsync(
            Context, given ? UserTexts.RefusedToken : UserTexts.SendToken, given ? "invalid_token" : null);
    }

    /// <summary>The token is good, and has not the role that the endpoint asks for: nothing else asks for more than a token.</summary>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var isForAdmins = Context.GetEndpoint()?.Metadata.GetOrderedMetadata<AuthorizationPolicy>()
            .SelectMany(p => p.Requirements.OfType<RolesAuthorizationRequirement>())
            .Any(r => r.AllowedRoles.Contains(Roles.Admin)) == true;
        var detail = isForAdmins ? UserTexts.AdminsOnly : UserTexts.OperatorsOnly;
        return Problem.Create(Context, StatusCodes.Status403Forbidden, detail).ExecuteAsync(Context);
    }
}
