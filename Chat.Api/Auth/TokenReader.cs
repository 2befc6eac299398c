using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Chat.Api.Problems;
using Chat.Core.Ids;
using Chat.Core.Json;
using Chat.Core.Tokens;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Api.Auth;

/// <summary>
/// Validates tokens by <see cref="JwtOptions"/>. A token's algorithm picks the rules: HS256 is checked with the secret alone,
/// everything else with the authority's published keys alone, so that neither can stand in for the other.
/// </summary>
internal sealed partial class TokenReader : ITokenReader
{
    // A request line has 8 KiB at most; no token of three claims comes near it.
    private const int MaxTokenLength = 8 * 1024;

    private static readonly string[] AuthorityAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly JsonDocumentOptions Payload = new() { AllowDuplicateProperties = false };

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenLength };
    private readonly TimeProvider _time;
    private readonly TimeSpan _skew;
    private readonly ILogger<TokenReader> _logger;
    private readonly TokenValidationParameters? _byKey;
    private readonly TokenValidationParameters? _byAuthority;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _authority;

    public TokenReader(IOptions<JwtOptions> options, TimeProvider time, ILogger<TokenReader> logger)
    {
        var jwt = options.Value;
        (_time, _skew, _logger) = (time, jwt.ClockSkew, logger);
        if (!string.IsNullOrEmpty(jwt.Key))
        {
            _byKey = Rules(jwt, [SecurityAlgorithms.HmacSha256]);
            _byKey.ValidateIssuer = !string.IsNullOrEmpty(jwt.Issuer);
            _byKey.IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(jwt.Key));
        }
        if (!string.IsNullOrEmpty(jwt.Authority))
        {
            var tls = jwt.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
            _authority = new ConfigurationManager<OpenIdConnectConfiguration>(
                $"{jwt.Authority.TrimEnd('/')}/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever { RequireHttps = tls });
            _byAuthority = Rules(jwt, AuthorityAlgorithms);
            _byAuthority.ConfigurationManager = _authority;
        }
    }

    public async ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        // What a token calls critical must be understood (RFC 7515, section 4.1.11), and nothing of the kind is here.
        if (Parse(token) is not { } parsed || parsed.TryGetHeaderValue<object>("crit", out _)) return null;
        var byAuthority = parsed.Alg != SecurityAlgorithms.HmacSha256;
        if ((byAuthority ? _byAuthority : _byKey) is not { } rules) return null;
        // Fetched here and not by the validation, which would call a token bad where the authority can't be reached.
        if (byAuthority)
        {
            await EngineCall.GuardAsync(async ct => await _authority!.GetConfigurationAsync(ct), cancellationToken);
        }
        var result = await _handler.ValidateTokenAsync(parsed, rules);
        if (result.IsValid) return UserOf(parsed);
        // The exception's type says what is wrong; its message may hold parts of the token.
        var why = result.Exception?.GetType();
        LogRefused(why);
        return null;
    }

    private JsonWebToken? Parse(string token)
    {
        if (token.Length > MaxTokenLength) return null;
        try
        {
            return _handler.ReadJsonWebToken(token);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or SecurityTokenException)
        {
            return null;
        }
    }

    private TokenValidationParameters Rules(JwtOptions jwt, string[] algorithms) => new()
    {
        ValidAlgorithms = algorithms,
        ValidIssuer = string.IsNullOrEmpty(jwt.Issuer) ? null : jwt.Issuer,
        ValidAudience = jwt.Audience,
        ValidateAudience = !string.IsNullOrEmpty(jwt.Audience),
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = IsAlive,
    };

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters rules)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires is { } end && now - _skew < end && (notBefore is not { } start || now + _skew >= start);
    }

    private static ChatUser? UserOf(JsonWebToken token)
    {
        // From the JSON itself: the library takes the first of a claim's several values.
        using var payload = JsonGate.Parse(Base64Url.DecodeFromChars(token.EncodedPayload), MaxTokenLength, Payload, out _);
        if (payload is not { RootElement: { ValueKind: JsonValueKind.Object } claims }) return null;
        if ((UserIdOf(claims, "sub") ?? UserIdOf(claims, "nameid")) is not { } userId) return null;
        var organizationId = OrganizationIdOf(claims);
        // A tenant that can't be read is not the same as none: without one, a user sees what it posted to.
        if (organizationId is null && claims.TryGetProperty("tenant_id", out _)) return null;
        // Nor an id that can't be the same as one that was revoked.
        if (!TryReadTokenId(claims, out var tokenId)) return null;
        var expiresAt = new DateTimeOffset(token.ValidTo, TimeSpan.Zero);
        return new(userId, organizationId, expiresAt, tokenId, HasRole(claims, Roles.Operator), HasRole(claims, Roles.Admin));
    }

    // Issuers put all kinds of things there, none of which takes anything away.
    private static bool HasRole(JsonElement claims, string role) =>
        claims.TryGetProperty(Roles.Claim, out var roles) && IsOrHolds(roles, role);

    private static bool IsOrHolds(JsonElement roles, string role) => roles.ValueKind switch
    {
        JsonValueKind.String => roles.ValueEquals(role),
        JsonValueKind.Array => roles.EnumerateArray().Any(r => r.ValueKind == JsonValueKind.String && r.ValueEquals(role)),
        _ => false,
    };

    // There is always a user, so that zeros stand for none nowhere: an issuer that counts from there names its first one. Such a user
    // watches; no message has a sender of zeros.
    private static Guid? UserIdOf(JsonElement claims, string name) =>
        Guid.TryParseExact(TextOf(claims, name), "D", out var id) ? id : null;

    private static Guid? OrganizationIdOf(JsonElement claims) => Uuid.ReadExact(TextOf(claims, "tenant_id"));

    private static string? TextOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool TryReadTokenId(JsonElement claims, out string? tokenId)
    {
        tokenId = null;
        if (!claims.TryGetProperty("jti", out var value)) return true;
        tokenId = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return tokenId is { Length: > 0 and <= RevokedToken.MaxIdLength };
    }

    [LoggerMessage(EventId = LogEvents.TokenRefused, Level = LogLevel.Debug, Message = "Token refused: {Why}")]
    private partial void LogRefused(Type? why);
}
