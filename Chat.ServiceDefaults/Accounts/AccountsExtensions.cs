using Chat.Core.Accounts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.ServiceDefaults.Accounts;

public static class AccountsExtensions
{
    /// <summary>
    /// The accounts at providers, as <see cref="IAccounts"/> and <see cref="AccountDirectory"/>; may be called by each part of a process
    /// that needs them. Needs the store.
    /// </summary>
    public static IHostApplicationBuilder AddAccounts(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (services.Any(d => d.ServiceType == typeof(AccountDirectory))) return builder;
        services.AddSingleton<IPostConfigureOptions<AccountsOptions>, AccountsOptionsSetup>();
        services.AddOptions<AccountsOptions>()
            .BindConfiguration(AccountsOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddRetryForever();
        services.AddSingleton(s => s.GetRequiredService<IOptions<AccountsOptions>>().Value.Vault());
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<AccountDirectory>(
            s, s.GetRequiredService<IOptions<AccountsOptions>>().Value));
        services.AddSingleton<IAccounts>(s => s.GetRequiredService<AccountDirectory>());
        services.AddHostedService<AccountRefresh>();
        return builder;
    }
}

/// <summary>
/// Makes the key of an installation with a data folder of its own, and takes a key that is given alone and not in a list.
/// </summary>
internal sealed class AccountsOptionsSetup(IConfiguration configuration, IHostEnvironment environment)
    : IPostConfigureOptions<AccountsOptions>
{
    private const string KeyFile = "accounts.key";

    public void PostConfigure(string? name, AccountsOptions options)
    {
        if (configuration[AccountsOptions.EncryptionKeysSetting] is { Length: > 0 } alone && !options.EncryptionKeys.Contains(alone))
            options.EncryptionKeys.Insert(0, alone);
        // Elsewhere a key beside the store that it locks would protect nothing.
        if (options.EncryptionKeys.Count > 0 || !environment.IsDevelopment()) return;
        if (configuration["Embedded:DataFolder"] is { Length: > 0 } folder)
            options.EncryptionKeys.Add(LocalSecret.ReadOrMake(folder, KeyFile));
    }
}
