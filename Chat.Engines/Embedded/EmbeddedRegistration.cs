using Chat.Core.Accounts;
using Chat.Core.Bus;
using Chat.Core.Contacts;
using Chat.Core.Conversations;
using Chat.Core.Engines;
using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Retention;
using Chat.Core.Statuses;
using Chat.Core.Tokens;
using Chat.Engines.Embedded.Log;
using Chat.Engines.Embedded.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded;

/// <summary>The engines that need no server, each by itself. They share one data folder, locked at start.</summary>
public static class EmbeddedRegistration
{
    /// <summary>The name of the log's health check.</summary>
    public const string LogCheck = "embedded-log";

    /// <summary>The name of the store's health check.</summary>
    public const string StoreCheck = "embedded-store";

    /// <summary>Whether a folder has the embedded log's file.</summary>
    public static bool HasLog(string folder) => File.Exists(Path.Combine(folder, EmbeddedEventLog.FileName));

    /// <summary>Whether a folder has the embedded store's file.</summary>
    public static bool HasStore(string folder) => File.Exists(Path.Combine(folder, StoreDatabase.FileName));

    /// <summary>The event log on SQLite.</summary>
    public static IHostApplicationBuilder AddEmbeddedEventLog(this IHostApplicationBuilder builder)
    {
        AddDataFolder(builder);
        builder.Services.TryAddSingleton<EmbeddedEventLog>();
        builder.Services.AddSingleton<IEventLog>(s => s.GetRequiredService<EmbeddedEventLog>());
        builder.Services.AddSingleton<ILogReader, EmbeddedLogReader>();
        builder.Services.AddSingleton<ILogErasure, EmbeddedLogErasure>();
        // Not AddHostedService, which keeps one of a type.
        builder.Services.AddSingleton<IHostedService>(s => new RetentionService(
            s.GetRequiredService<EmbeddedEventLog>().TrimAsync, "events of the log", s));
        AddHealthCheck(builder, LogCheck, s => s.GetRequiredService<EmbeddedEventLog>().ProbeWriteAsync);
        return builder;
    }

    /// <summary>The store on SQLite: a class for each port, on one file, and its idempotency keys in the log's.</summary>
    public static IHostApplicationBuilder AddEmbeddedStore(this IHostApplicationBuilder builder)
    {
        AddDataFolder(builder);
        builder.Services.AddOptions<RetentionOptions>()
            .BindConfiguration(RetentionOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton<EmbeddedEventLog>();
        builder.Services.AddSingleton<StoreDatabase>();
        builder.Services.AddSingleton(s => new StateCache(s.GetRequiredService<IOptions<EmbeddedOptions>>().Value.CachedStates));
        builder.Services.AddSingleton<IConversationStore, EmbeddedConversationStore>();
        builder.Services.AddSingleton<IIdempotencyStore, EmbeddedIdempotencyStore>();
        builder.Services.AddSingleton<IMessageStore, EmbeddedMessageStore>();
        builder.Services.AddSingleton<IStatusStore, EmbeddedStatusStore>();
        builder.Services.AddSingleton<IChangeStore, EmbeddedChangeStore>();
        builder.Services.AddSingleton<IEpochStore, EmbeddedEpochStore>();
        builder.Services.AddSingleton<IParkedStore, EmbeddedParkedStore>();
        builder.Services.AddSingleton<IHandOverLedger, EmbeddedHandOverLedger>();
        builder.Services.AddSingleton<IProviderIds, EmbeddedProviderIds>();
        builder.Services.AddSingleton<ISendLedger, EmbeddedSendLedger>();
        builder.Services.AddSingleton<IHeldMessages, EmbeddedHeldMessages>();
        builder.Services.AddSingleton<IAccountStore, EmbeddedAccountStore>();
        builder.Services.AddSingleton<IContactStore, EmbeddedContactStore>();
        builder.Services.AddSingleton<IRevokedTokenStore, EmbeddedRevokedTokenStore>();
        builder.Services.AddSingleton<IErasure, EmbeddedErasure>();
        builder.Services.AddSingleton<StoreRetention>();
        builder.Services.AddSingleton<IHostedService>(s => new RetentionService(
            s.GetRequiredService<StoreRetention>().TrimAsync, "status changes", s));
        builder.Services.AddSingleton<MessageRetention>();
        builder.Services.AddSingleton<IHostedService>(s => new RetentionService(
            s.GetRequiredService<MessageRetention>().TrimAsync, "messages", s));
        AddHealthCheck(builder, StoreCheck, s => s.GetRequiredService<StoreDatabase>().ProbeWriteAsync);
        return builder;
    }

    /// <summary>The bus within this process.</summary>
    public static IHostApplicationBuilder AddInProcessStatusBus(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IStatusBus, InProcessStatusBus>();
        return builder;
    }

    private static void AddHealthCheck(
        IHostApplicationBuilder builder, string name, Func<IServiceProvider, Func<CancellationToken, Task>> write)
    {
        // One instance, which concurrent requests share.
        builder.Services.AddKeyedSingleton(
            name, (s, _) => new EmbeddedHealthCheck(write(s), s.GetRequiredService<TimeProvider>()));
        builder.Services.AddHealthChecks().Add(new(
            name, s => s.GetRequiredKeyedService<EmbeddedHealthCheck>(name), failureStatus: null, tags: null));
    }

    private static void AddDataFolder(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmbeddedOptions>()
            .BindConfiguration(EmbeddedOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<DataFolder>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IEngineErrors, EmbeddedErrors>());
    }
}
