using Chat.Core.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.ServiceDefaults;

public static class EpochExtensions
{
    /// <summary>The epochs of a topic, and a health check that tells when another log has taken them over.</summary>
    public static IServiceCollection AddEpochs<TEpochs>(this IServiceCollection services, string healthCheck)
        where TEpochs : TopicEpochs
    {
        services.AddSingleton<TEpochs>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            healthCheck, provider => new EpochHealthCheck(provider.GetRequiredService<TEpochs>()), failureStatus: null, tags: null));
        return services;
    }
}
