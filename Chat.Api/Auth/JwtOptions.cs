using System.ComponentModel.DataAnnotations;
using System.Text;
using Chat.Engines.Embedded;

namespace Chat.Api.Auth;

/// <summary>How tokens are validated: section <c>Jwt</c>.</summary>
public sealed class JwtOptions : IValidatableObject
{
    public const string Section = "Jwt";

    private const int MinKeyBytes = 32;

    /// <summary>The secret of HS256 as text, at least 32 bytes in UTF-8. Null accepts no token signed with a secret.</summary>
    public string? Key { get; set; }

    /// <summary>
    /// The absolute https URL (http too in Development) of an OpenID Connect issuer whose published keys sign tokens (RS, PS and
    /// ES algorithms).
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>
    /// What <c>iss</c> must be. Where it isn't set: the authority's own name for its tokens, anything for those of the key.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>What <c>aud</c> must hold, where it is set; with <see cref="Authority"/> it must be, but in Development.</summary>
    public string? Audience { get; set; }

    /// <summary>How far this machine's clock and the issuer's may differ, as <c>hh:mm:ss</c>; up to an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often an instance asks the store which tokens were revoked, as <c>hh:mm:ss</c>; from 100 ms to an hour. It asks sooner, but
    /// not more than once in a second, where the bus says that one was.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan RevocationInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a token of <c>POST /v1/auth/token</c> lives, as <c>d.hh:mm:ss</c>; from a second to ten years.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3653.00:00:00")]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether <see cref="Authority"/> must be https and come with an <see cref="Audience"/>: everywhere but in Development.
    /// </summary>
    public bool IsAuthorityStrict { get; internal set; } = true;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Key) && string.IsNullOrEmpty(Authority))
        {
            yield return new(
                "Nothing says which tokens to accept. Set Jwt:Key (the secret of HS256, at least 32 bytes) or Jwt:Authority (an "
                + "OpenID Connect issuer). A key is made at the first start only in Development, where "
                + $"{EmbeddedOptions.DataFolderSetting} is set.",
                [nameof(Key)]);
        }
        if (!string.IsNullOrEmpty(Key) && Encoding.UTF8.GetByteCount(Key) is var bytes and < MinKeyBytes)
            yield return new($"Jwt:Key has {bytes} bytes; HS256 needs at least {MinKeyBytes}.", [nameof(Key)]);
        if (!string.IsNullOrEmpty(Authority) && !IsAuthority(Authority))
            yield return new("Jwt:Authority must be an absolute https URL (http too in Development).", [nameof(Authority)]);
        if (!string.IsNullOrEmpty(Authority) && string.IsNullOrEmpty(Audience) && IsAuthorityStrict)
        {
            yield return new(
                "Jwt:Audience must be set along with Jwt:Authority: without it, a token that the authority issued to any other "
                + "client of its would be taken.",
                [nameof(Audience)]);
        }
    }

    private bool IsAuthority(string authority) => Uri.TryCreate(authority, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && !IsAuthorityStrict));
}
