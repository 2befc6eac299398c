using Chat.Engines.Selection;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Auth;

/// <summary>What Development adds: a key made at the first start, and an authority without TLS or an audience.</summary>
internal sealed class JwtOptionsSetup(IConfiguration configuration, IHostEnvironment environment)
    : IPostConfigureOptions<JwtOptions>
{
    private const string KeyFile = "jwt.key";

    public void PostConfigure(string? name, JwtOptions options)
    {
        if (!environment.IsDevelopment()) return;
        options.IsAuthorityStrict = false;
        if (!string.IsNullOrEmpty(options.Key) || !string.IsNullOrEmpty(options.Authority)) return;
        var folder = configuration[EngineSelection.DataFolderSetting];
        if (!string.IsNullOrEmpty(folder)) options.Key = LocalSecret.ReadOrMake(folder, KeyFile);
    }
}
