using Chat.Connectors.Providers.Meta;
using Chat.Core.Ids;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Connectors.Accounts;

internal static class AccountHealthExtensions
{
    /// <summary>Looks after the accounts of the channels that this process connects. Needs the accounts and the store.</summary>
    public static IHostApplicationBuilder AddAccountHealth(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AccountHealthOptions>()
            .BindConfiguration(AccountHealthOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddGraphClient();
        services.TryAddSingleton(p => new IdSource(p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AccountInspector>();
        services.AddSingleton<AccountMetrics>();
        services.AddHostedService(s =>
        {
            // Nobody asks for it: it is there to be observed.
            s.GetRequiredService<AccountMetrics>();
            return ActivatorUtilities.CreateInstance<AccountHealth>(s);
        });
        return builder;
    }
}
