using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Chat.ServiceDefaults;

/// <summary>What every service shares: telemetry, health endpoints, resilient HTTP clients, and how it stops.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>The tag of checks that say whether the process itself works: where one fails, it should be restarted.</summary>
    public const string LiveTag = "live";

    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        AddDefaultLogLevels(builder.Configuration);
        // ASPNETCORE_FORWARDEDHEADERS_ENABLED would have the framework believe everybody's X-Forwarded-For, before anything of ours runs.
        // Whose is believed, Proxies:Known alone decides.
        builder.Configuration["ForwardedHeaders_Enabled"] = "false";
        ConsoleLogs.Configure(builder);
        builder.AddTelemetry();
        GuardedLoggerFactory.AddTo(builder.Services);
        MetricsAccess.AddTo(builder.Services);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        builder.AddShutdown();
        return builder;
    }

    /// <summary>
    /// <c>/health</c>: every check, so that what it depends on is told too: its status, and where that is not Healthy a line for
    /// each check that says why. Engines are asked to write something: only that shows a full disk.
    /// <c>/alive</c>: the process alone, since restarting it for a broker's outage helps nobody. <c>/metrics</c>: Prometheus' text format,
    /// outside Development for this machine and <see cref="MetricsOptions.Allow"/>.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteHealthAsync });
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) });
        if (MetricsOptions.AreEnabled(app.Configuration))
            MetricsAccess.Guard(app.MapPrometheusScrapingEndpoint("/metrics"), app.Services.GetRequiredService<MetricsAccess>());
        return app;
    }

    // Anyone may ask: a description names no address and no path, and an exception is not shown.
    private static Task WriteHealthAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        var lines = report.Entries
            .Where(e => e.Value.Status != HealthStatus.Healthy)
            .Select(e => $"{e.Key}: {e.Value.Description ?? e.Value.Status.ToString()}");
        return context.Response.WriteAsync(string.Join('\n', [report.Status.ToString(), .. lines]));
    }

    // A line or more a request is more than anyone reads. Below every other source, so that any configuration overrides it.
    private static void AddDefaultLogLevels(IConfigurationManager configuration) => configuration.Sources.Insert(
        0,
        new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
                // Authentication brings it along, and nothing here is protected by its keys: how they are kept concerns nobody.
                ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
                ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
                ["Logging:LogLevel:Polly"] = "Error",
                // Fifty lines of its own at each connection; what fails is a warning or an error.
                ["Logging:LogLevel:StackExchange.Redis"] = "Warning",
            },
        });
}
