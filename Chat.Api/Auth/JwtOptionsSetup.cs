using System.Text;
using Chat.Engines.Embedded;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Auth;

/// <summary>Makes the key of a development installation, and refuses to start with none, or with one that is too short.</summary>
internal sealed class JwtOptionsSetup(IConfiguration configuration, IHostEnvironment environment)
    : IPostConfigureOptions<JwtOptions>, IValidateOptions<JwtOptions>
{
    private const string KeyFile = "jwt.key";
    private const int MinKeyBytes = 32;

    public void PostConfigure(string? name, JwtOptions options)
    {
        var configured = !string.IsNullOrEmpty(options.Key) || !string.IsNullOrEmpty(options.Authority);
        if (configured || !environment.IsDevelopment()) return;
        var folder = configuration[EmbeddedOptions.DataFolderSetting];
        if (!string.IsNullOrEmpty(folder)) options.Key = LocalSecret.ReadOrMake(folder, KeyFile);
    }

    public ValidateOptionsResult Validate(string? name, JwtOptions options)
    {
        if (string.IsNullOrEmpty(options.Key) && string.IsNullOrEmpty(options.Authority))
        {
            return ValidateOptionsResult.Fail(
                "Nothing says which tokens to accept. Set Jwt:Key (the secret of HS256, at least 32 bytes) or Jwt:Authority (an "
                + "OpenID Connect issuer). A key is made at the first start only in Development, where "
                + $"{EmbeddedOptions.DataFolderSetting} is set.");
        }
        if (!string.IsNullOrEmpty(options.Key) && Encoding.UTF8.GetByteCount(options.Key) is var bytes and < MinKeyBytes)
        {
            return ValidateOptionsResult.Fail($"Jwt:Key has {bytes} bytes; HS256 needs at least {MinKeyBytes}.");
        }
        if (!string.IsNullOrEmpty(options.Authority) && !IsAuthority(options.Authority))
        {
            return ValidateOptionsResult.Fail("Jwt:Authority must be an absolute https URL (http too in Development).");
        }
        if (options.ClockSkew < TimeSpan.Zero) return ValidateOptionsResult.Fail("Jwt:ClockSkew is negative.");
        if (options.TokenLifetime <= TimeSpan.Zero) return ValidateOptionsResult.Fail("Jwt:TokenLifetime must be above zero.");
        return ValidateOptionsResult.Success;
    }

    private bool IsAuthority(string authority) => Uri.TryCreate(authority, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && environment.IsDevelopment()));
}
