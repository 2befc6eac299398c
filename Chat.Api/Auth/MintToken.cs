using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Ids;
using Chat.Core.Time;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Api.Auth;

/// <summary>The body of <c>POST /v1/auth/token</c>. Without an organization, the token may only watch.</summary>
/// <param name="Role"><c>operator</c>, <c>admin</c>, or missing.</param>
internal sealed record TokenRequest(Guid UsuarioId, Guid? OrganizacaoId = null, string? Role = null)
{
    /// <summary>Reads a body; null where anything is wrong, all of which is noted.</summary>
    public static TokenRequest? TryRead(JsonElement body, FieldErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            errors.Add(JsonBody.Root, UserTexts.NotAnObject);
            return null;
        }
        var fields = new JsonFields(body, errors);
        var user = fields.Id("usuarioId", required: true);
        var organization = fields.Id("organizacaoId", required: false);
        var role = fields.Text("role");
        if (role is not null && !Roles.All.Contains(role))
            errors.Add("role", UserTexts.NotOneOf(string.Join(", ", Roles.All.Select(r => $"\"{r}\""))));
        return errors.Any ? null : new(user!.Value, organization, role);
    }
}

/// <summary>A token and when it ends (ISO 8601, UTC).</summary>
internal sealed record TokenView(string Token, string ExpiresAt);

/// <summary>
/// <c>POST /v1/auth/token</c>, in Development only: a token of whatever user and organization this machine's users ask for. A page
/// from elsewhere can make a browser on this machine ask, so that the origin is looked at as well.
/// </summary>
internal static class MintToken
{
    private const int MaxBody = 4 * 1024;

    public static async Task<Results<Ok<TokenView>, ProblemHttpResult>> HandleAsync(
        HttpContext context, IOptions<JwtOptions> options, OriginPolicy origins, IConfiguration configuration, TimeProvider time,
        IdSource ids)
    {
        if (!IsFromThisMachine(context.Connection, InContainer(configuration)) || !origins.AllowsToken(context.Request))
        {
            return Problem.Create(context, StatusCodes.Status403Forbidden, UserTexts.LocalPagesOnly);
        }
        var (body, problem) = await JsonBody.ReadAsync(context, MaxBody);
        if (body is null) return problem!;
        TokenRequest? asked;
        var errors = new FieldErrors();
        using (body) asked = TokenRequest.TryRead(body.RootElement, errors);
        if (asked is null) return Problem.BadRequest(context, errors);
        // Whole seconds, as the token has them.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + options.Value.TokenLifetime).ToUnixTimeSeconds());
        context.Response.Headers.CacheControl = "no-store";
        var token = Mint(options.Value, asked.UsuarioId, asked.OrganizacaoId, expiresAt, ids.Next(), asked.Role);
        return TypedResults.Ok(new TokenView(token, WireTime.Format(expiresAt)));
    }

    internal static string Mint(
        JwtOptions options, Guid userId, Guid? organizationId, DateTimeOffset expiresAt, Guid tokenId, string? role = null)
    {
        var claims = new List<Claim> { new("sub", userId.ToString("D")), new("jti", tokenId.ToString("D")) };
        if (role is not null) claims.Add(new(Roles.Claim, role));
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
    /// Whether a request comes from this machine: it makes anybody anyone. In a container every request comes through a published
    /// port, which decides who reaches it (ours is on loopback).
    /// </summary>
    internal static bool IsFromThisMachine(ConnectionInfo connection, bool inContainer) =>
        inContainer
        || connection.RemoteIpAddress is not { } remote
        || IPAddress.IsLoopback(remote)
        || remote.Equals(connection.LocalIpAddress);

    private static bool InContainer(IConfiguration configuration) => configuration.GetValue("DOTNET_RUNNING_IN_CONTAINER", false);
}
