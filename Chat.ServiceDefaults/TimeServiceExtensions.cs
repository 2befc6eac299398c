using Chat.Core.Time;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.ServiceDefaults;

public static class TimeServiceExtensions
{
    /// <summary>The clock and <see cref="RetryForever"/> on it, where nobody added them yet.</summary>
    public static IServiceCollection AddRetryForever(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RetryForever>();
        return services;
    }
}
