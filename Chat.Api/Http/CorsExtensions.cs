using Microsoft.Net.Http.Headers;

namespace Chat.Api.Http;

/// <summary>
/// Which web pages may call the API from a browser: those of <c>Cors:Origins</c>; in Development also this machine's own, and the
/// demo page opened as a file, whose origin is <c>null</c>. That opens nothing without a token, which no foreign page has
/// (<c>POST /v1/auth/token</c> looks at the origin itself).
/// </summary>
internal static class CorsExtensions
{
    private const string Origins = "Cors:Origins";

    public static void AddChatCors(this IHostApplicationBuilder builder)
    {
        var origins = builder.Configuration.GetSection(Origins).Get<string[]>() ?? [];
        var development = builder.Environment.IsDevelopment();
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .SetIsOriginAllowed(
                origin => origins.Contains(origin, StringComparer.OrdinalIgnoreCase) || (development && IsLocal(origin)))
            .WithMethods("GET", "POST")
            .AllowAnyHeader()
            .WithExposedHeaders(HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate)
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
    }

    private static bool IsLocal(string origin) =>
        origin == "null" || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback);
}
