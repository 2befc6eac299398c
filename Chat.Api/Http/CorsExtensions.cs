using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Http;

/// <summary>CORS: which web pages may call the API from a browser. That opens nothing without a token, which no foreign page has.</summary>
internal static class CorsExtensions
{
    public static void AddChatCors(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AllowedOrigins>()
            .BindConfiguration(AllowedOrigins.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<OriginPolicy>();
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<OriginPolicy>(
            (cors, origins) => cors.AddDefaultPolicy(policy => policy
                .SetIsOriginAllowed(origins.Allows)
                .WithMethods("GET", "POST", "PATCH", "DELETE")
                .AllowAnyHeader()
                .WithExposedHeaders(HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate)
                .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
    }
}
