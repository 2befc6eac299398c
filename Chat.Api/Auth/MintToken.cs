using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Core.Time;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Api.Auth;

/// <summary>The body of <c>POST /v1/auth/token</c>. Without an organization, the token may only watch.</summary>
internal sealed record TokenRequest(Guid UsuarioId, Guid? OrganizacaoId = null);

/// <summary>A token and when it ends (ISO 8601, UTC).</summary>
internal sealed record TokenView(string Token, string ExpiresAt);

/// <summary><c>POST /v1/auth/token</c>, in Development only: a token for whoever asks.</summary>
internal static class MintToken
{
    private const int MaxBody = 4 * 1024;

    public static async Task<Results<Ok<TokenView>, ProblemHttpResult>> HandleAsync(
        HttpContext context, IOptions<JwtOptions> options, TimeProvider time)
    {
        if (!MayAsk(context.Request))
        {
            return Problem.Create(
                StatusCodes.Status403Forbidden,
                "Tokens are made for this machine's own pages only. Open the demo page from this API, or ask without a browser "
                + "and paste the token.");
        }
        var (body, problem) = await JsonBody.ReadAsync(context, MaxBody);
        if (body is null) return problem!;
        Guid? user, organization;
        using (body)
        {
            var errors = new FieldErrors();
            if (body.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Problem.BadRequest(JsonBody.Root, "must be a JSON object.");
            }
            var fields = new JsonFields(body.RootElement, errors);
            user = fields.Id("usuarioId", required: true);
            organization = fields.Id("organizacaoId", required: false);
            if (errors.Any) return Problem.BadRequest(errors);
        }
        // Whole seconds, as the token has them.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + options.Value.TokenLifetime).ToUnixTimeSeconds());
        context.Response.Headers.CacheControl = "no-store";
        var token = Mint(options.Value, user!.Value, organization, expiresAt);
        return TypedResults.Ok(new TokenView(token, WireTime.Format(expiresAt)));
    }

    internal static string Mint(JwtOptions options, Guid userId, Guid? organizationId, DateTimeOffset expiresAt)
    {
        var claims = new List<Claim> { new("sub", userId.ToString("D")) };
        if (organizationId is { } organization) claims.Add(new("tenant_id", organization.ToString("D")));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Subject = new ClaimsIdentity(claims),
            Expires = expiresAt.UtcDateTime,
            Issuer = options.Issuer,
            Audience = options.Audience,
            SigningCredentials = new SigningCredentials(
                new SymmetricSecurityKey(Encoding.UTF8.GetBytes(options.Key!)), SecurityAlgorithms.HmacSha256),
        });
    }

    /// <summary>
    /// A page from elsewhere can make a browser on this machine ask, so it is refused: one with a foreign origin, one without an
    /// origin of its own (a file, but also any site's sandboxed frame), and one whose host name was pointed at this machine.
    /// What is no browser sends no origin.
    /// </summary>
    internal static bool MayAsk(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        if (origin.Count == 0) return true;
        return Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && (uri.IsLoopback || (IPAddress.TryParse(uri.Host, out _) && uri.Authority == request.Host.Value));
    }
}
