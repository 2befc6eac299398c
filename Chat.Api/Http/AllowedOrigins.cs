using System.ComponentModel.DataAnnotations;

namespace Chat.Api.Http;

/// <summary>Which web pages may call the API from a browser: section <c>Cors</c>.</summary>
public sealed class AllowedOrigins : IValidatableObject
{
    public const string Section = "Cors";

    /// <summary>As a browser sends them: scheme, host and, where it is not the scheme's default, port; without a path.</summary>
    public string[] Origins { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from origin in Origins
        where !IsOrigin(origin)
        select new ValidationResult(
            $"Cors:Origins: \"{origin}\" is not an origin, such as https://desk.example.com.", [nameof(Origins)]);

    private static bool IsOrigin(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase);
}
