using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Http;

/// <summary>
/// Which web pages may call the API from a browser: those of <see cref="AllowedOrigins"/>; in Development also this machine's
/// own, and the demo page opened as a file, whose origin is <c>null</c>. That opens nothing without a token, which no foreign page
/// has (<c>POST /v1/auth/token</c> looks at the origin itself).
/// </summary>
internal static class CorsExtensions
{
    public static void AddChatCors(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AllowedOrigins>()
            .BindConfiguration(AllowedOrigins.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<AllowedOrigins>, IHostEnvironment>(
            (cors, allowed, environment) => cors.AddDefaultPolicy(policy => policy
                .SetIsOriginAllowed(origin => IsAllowed(origin, allowed.Value, environment.IsDevelopment()))
                .WithMethods("GET", "POST")
                .AllowAnyHeader()
                .WithExposedHeaders(HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate)
                .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
    }

    internal static bool IsAllowed(string origin, AllowedOrigins allowed, bool development) =>
        allowed.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase) || (development && IsLocal(origin));

    private static bool IsLocal(string origin) =>
        origin == "null" || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback);
}
