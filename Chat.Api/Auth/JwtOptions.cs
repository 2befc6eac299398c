namespace Chat.Api.Auth;

/// <summary>How tokens are validated: section <c>Jwt</c>.</summary>
public sealed class JwtOptions
{
    public const string Section = "Jwt";

    /// <summary>The secret of HS256 as text, at least 32 bytes in UTF-8. Null accepts no token signed with a secret.</summary>
    public string? Key { get; set; }

    /// <summary>An OpenID Connect issuer whose published keys sign tokens (RS, PS and ES algorithms).</summary>
    public string? Authority { get; set; }

    /// <summary>
    /// What <c>iss</c> must be. Where it isn't set: the authority's own name for its tokens, anything for those of the key.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>What <c>aud</c> must hold, where it is set.</summary>
    public string? Audience { get; set; }

    /// <summary>How far this machine's clock and the issuer's may differ.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a token of <c>POST /v1/auth/token</c> lives.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);
}
