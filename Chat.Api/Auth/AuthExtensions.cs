using Chat.Api.Auth.Revocation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Chat.Api.Auth;

/// <summary>Tokens: which user a request or a socket is of.</summary>
public static class AuthExtensions
{
    public static IHostApplicationBuilder AddChatAuth(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IPostConfigureOptions<JwtOptions>, JwtOptionsSetup>();
        services.AddOptions<JwtOptions>()
            .BindConfiguration(JwtOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<TokenReader>();
        services.AddSingleton<RevokedTokens>();
        services.TryAddSingleton<ITokenReader, RevocableTokenReader>();
        services.AddSingleton<IHttpContextFactory, TokenHidingContextFactory>();
        services.AddAuthentication(BearerHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, configureOptions: null);
        services.AddAuthorization();
        // A line for each request without a token is more than anyone reads.
        builder.Logging.AddFilter(typeof(BearerHandler).FullName, LogLevel.Warning);
        return builder;
    }
}
