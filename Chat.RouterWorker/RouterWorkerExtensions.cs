using Chat.Core.Time;
using Chat.RouterWorker.Batches;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.RouterWorker;

public static class RouterWorkerExtensions
{
    /// <summary>Consumes <c>messages</c>: into the store, then on to the channel's connector. Needs the log and the store.</summary>
    public static IHostApplicationBuilder AddRouterWorker(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RouterWorkerOptions>().BindConfiguration(RouterWorkerOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(s => new RetryForever(s.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<RouteProcessor>();
        builder.Services.AddHostedService<MessageConsumer>();
        return builder;
    }
}
