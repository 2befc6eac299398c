using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.RouterWorker.Routing;
using Chat.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.RouterWorker;

public static class RouterWorkerExtensions
{
    /// <summary>
    /// Consumes <c>messages</c>: into the store, then on to the channel's connector; and <c>msg.in.{channel}</c>, into <c>messages</c>.
    /// Needs the log and the store.
    /// </summary>
    public static IHostApplicationBuilder AddRouterWorker(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RouterWorkerOptions>()
            .BindConfiguration(RouterWorkerOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddRetryForever();
        builder.Services.TryAddSingleton<DeadLetterMetrics>();
        builder.Services.TryAddSingleton<RefusedEvents>();
        builder.Services.TryAddSingleton<ReleasedStatuses>();
        builder.Services.AddSingleton<RouterMetrics>();
        builder.Services.AddEpochs<MessageEpochs>("message-epochs");
        builder.Services.AddSingleton<RouteProcessor>();
        builder.Services.AddHostedService<MessageConsumer>();
        builder.Services.AddHostedService<InboundConsumer>();
        return builder;
    }
}
