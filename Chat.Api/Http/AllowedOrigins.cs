using System.ComponentModel.DataAnnotations;

namespace Chat.Api.Http;

/// <summary>Which web pages may call the API and open its WebSocket from a browser: section <c>Cors</c>.</summary>
public sealed class AllowedOrigins : IValidatableObject
{
    public const string Section = "Cors";

    /// <summary>Scheme, host and, where it is not the scheme's default, port; without a path. However each is spelled.</summary>
    public string[] Origins { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from origin in Origins
        where WebOrigin.Normalize(origin) is null
        select new ValidationResult(
            $"Cors:Origins: \"{origin}\" is not an origin, such as https://desk.example.com.", [nameof(Origins)]);
}
