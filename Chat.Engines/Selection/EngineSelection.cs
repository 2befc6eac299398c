using Chat.Engines.Embedded;
using Chat.Engines.Kafka;
using Chat.Engines.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Chat.Engines.Selection;

/// <summary>The one place that decides which engine stands behind each port.</summary>
public static class EngineSelection
{
    /// <summary>
    /// Registers the three ports as singletons. A server's connection string (<c>ConnectionStrings:kafka</c>, <c>:redis</c>,
    /// <c>:cassandra</c>) chooses that server; without it, <c>Embedded:DataFolder</c> the embedded engine.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// Neither is set for one of the ports, and the message names the settings; or the server's engine is not in this build.
    /// </exception>
    public static IHostApplicationBuilder AddChatEngines(this IHostApplicationBuilder builder)
    {
        AddEventLog(builder);
        AddMessageStore(builder);
        AddStatusBus(builder);
        return builder;
    }

    private static void AddEventLog(IHostApplicationBuilder builder)
    {
        if (Has(builder, "kafka"))
        {
            builder.AddKafkaEventLog();
            return;
        }
        RequireDataFolder(builder, "kafka");
        builder.AddEmbeddedEventLog();
    }

    private static void AddMessageStore(IHostApplicationBuilder builder)
    {
        if (Has(builder, "cassandra"))
        {
            builder.AddCassandraStore();
            return;
        }
        RequireDataFolder(builder, "cassandra");
        builder.AddEmbeddedStore();
    }

    private static void AddStatusBus(IHostApplicationBuilder builder)
    {
        if (Has(builder, "redis"))
        {
            builder.AddRedisStatusBus();
            return;
        }
        RequireDataFolder(builder, "redis");
        builder.AddInProcessStatusBus();
    }

    private static bool Has(IHostApplicationBuilder builder, string server) =>
        !string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(server));

    private static void RequireDataFolder(IHostApplicationBuilder builder, string server)
    {
        if (!string.IsNullOrWhiteSpace(builder.Configuration[EmbeddedOptions.DataFolderSetting])) return;
        throw new InvalidOperationException(
            $"Nothing to run on: set ConnectionStrings:{server} for the server, or {EmbeddedOptions.DataFolderSetting} for the embedded engine.");
    }
}
