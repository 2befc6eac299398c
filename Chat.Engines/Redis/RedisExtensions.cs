using Chat.Core.Bus;
using Chat.Core.Engines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

public static class RedisExtensions
{
    /// <summary>
    /// The status bus on the server of <c>ConnectionStrings:redis</c> (StackExchange.Redis' form: <c>host:port,password=…,ssl=…</c>);
    /// settings are <see cref="RedisOptions"/>.
    /// </summary>
    public static IHostApplicationBuilder AddRedisStatusBus(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RedisOptions>().BindConfiguration(RedisOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        // The connection is made from settings that are fixed before the options can be validated, which the start does.
        var options = builder.Configuration.GetSection(RedisOptions.Section).Get<RedisOptions>() ?? new();
        var security = new RedisSecurity(options);
        AddConnection(builder, security);
        builder.Services.AddSingleton(security);
        builder.Services.AddSingleton(
            RedisSecurity.Describe(options, builder.Configuration.GetConnectionString(RedisOptions.ConnectionName)));
        builder.Services.AddHostedService(s => new RedisAtStart(
            s.GetRequiredService<IConnectionMultiplexer>,
            security,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<RedisAtStart>>()));
        builder.Services.AddSingleton<IStatusBus, RedisStatusBus>();
        builder.Services.AddSingleton<IEngineErrors, RedisErrors>();
        // The bus is a hint: without it the hub reads the store, and everything works, later.
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>(RedisOptions.ConnectionName, HealthStatus.Degraded);
        return builder;
    }

    private static void Apply(ConfigurationOptions options, RedisSecurity security)
    {
        security.Apply(options);
        // A server that comes up later is waited for.
        options.AbortOnConnectFail = false;
        // Back within a second of the server, and a peer that vanished silently is noticed within seconds.
        options.ReconnectRetryPolicy = new LinearRetry(500);
        options.KeepAlive = 5;
        // A subscriber's connection has stricter limits at the server: what else is sent must not share its end.
        options.SharedSubscriptionConnection = false;
    }

    private static void AddConnection(IHostApplicationBuilder builder, RedisSecurity security) => builder.AddRedisClient(
        RedisOptions.ConnectionName,
        settings =>
        {
            // A span for each published payload would be the hot path's largest cost; the status worker's own says the same.
            settings.DisableTracing = true;
            settings.DisableHealthChecks = true;
        },
        options => Apply(options, security));
}
