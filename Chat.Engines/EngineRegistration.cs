using Chat.Engines.Embedded;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Chat.Engines;

/// <summary>The one place that decides which engine stands behind each port.</summary>
public static class EngineRegistration
{
    /// <summary>
    /// Registers the three ports as singletons. A server's connection string (<c>ConnectionStrings:kafka</c>, <c>:redis</c>,
    /// <c>:cassandra</c>) chooses that server; without it, <c>Embedded:DataFolder</c> the embedded engine.
    /// </summary>
    /// <exception cref="InvalidOperationException">Neither is set for one of the ports; the message names the settings.</exception>
    public static IHostApplicationBuilder AddChatEngines(this IHostApplicationBuilder builder)
    {
        AddEventLog(builder);
        AddMessageStore(builder);
        AddStatusBus(builder);
        return builder;
    }

    private static void AddEventLog(IHostApplicationBuilder builder)
    {
        if (Has(builder, "kafka")) throw NotBuiltIn("kafka");
        RequireDataFolder(builder, "kafka");
        builder.AddEmbeddedEventLog();
    }

    private static void AddMessageStore(IHostApplicationBuilder builder)
    {
        if (Has(builder, "cassandra")) throw NotBuiltIn("cassandra");
        RequireDataFolder(builder, "cassandra");
        builder.AddEmbeddedMessageStore();
    }

    private static void AddStatusBus(IHostApplicationBuilder builder)
    {
        if (Has(builder, "redis")) throw NotBuiltIn("redis");
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

    private static InvalidOperationException NotBuiltIn(string server) => new(
        $"ConnectionStrings:{server} is set, and this build has no engine for it.");
}
