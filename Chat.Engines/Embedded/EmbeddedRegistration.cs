using Chat.Core.Bus;
using Chat.Core.Log;
using Chat.Core.Store;
using Chat.Engines.Embedded.Log;
using Chat.Engines.Embedded.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Chat.Engines.Embedded;

/// <summary>The engines that need no server, each by itself. They share one data folder, locked at start.</summary>
public static class EmbeddedRegistration
{
    /// <summary>The event log on SQLite.</summary>
    public static IHostApplicationBuilder AddEmbeddedEventLog(this IHostApplicationBuilder builder)
    {
        AddDataFolder(builder);
        builder.Services.AddSingleton<EmbeddedEventLog>();
        builder.Services.AddSingleton<IEventLog>(s => s.GetRequiredService<EmbeddedEventLog>());
        builder.Services.AddSingleton<ILogReader, EmbeddedLogReader>();
        // Not AddHostedService, which keeps one of a type.
        builder.Services.AddSingleton<IHostedService>(s => new RetentionService(
            s.GetRequiredService<EmbeddedEventLog>().TrimAsync, "events", s));
        return builder;
    }

    /// <summary>The message store on SQLite.</summary>
    public static IHostApplicationBuilder AddEmbeddedMessageStore(this IHostApplicationBuilder builder)
    {
        AddDataFolder(builder);
        builder.Services.AddSingleton<EmbeddedMessageStore>();
        builder.Services.AddSingleton<IMessageStore>(s => s.GetRequiredService<EmbeddedMessageStore>());
        builder.Services.AddSingleton<IHostedService>(s => new RetentionService(
            s.GetRequiredService<EmbeddedMessageStore>().TrimAsync, "changes", s));
        return builder;
    }

    /// <summary>The bus within this process.</summary>
    public static IHostApplicationBuilder AddInProcessStatusBus(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IStatusBus, InProcessStatusBus>();
        return builder;
    }

    private static void AddDataFolder(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmbeddedOptions>()
            .BindConfiguration(EmbeddedOptions.Section)
            .Validate(o => o.Partitions is >= 1 and <= 1024, "Embedded:Partitions must be from 1 to 1024.")
            .Validate(o => o.LogRetention > TimeSpan.Zero, "Embedded:LogRetention must be above zero.")
            .Validate(o => o.ChangeRetention > TimeSpan.Zero, "Embedded:ChangeRetention must be above zero.")
            .Validate(o => o.RetentionInterval > TimeSpan.Zero, "Embedded:RetentionInterval must be above zero.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<DataFolder>();
    }
}
