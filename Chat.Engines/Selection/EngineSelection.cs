using Chat.Engines.Embedded;
using Chat.Engines.Kafka;
using Chat.Engines.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chat.Engines.Selection;

/// <summary>The one place that decides which engine is behind each port.</summary>
public static class EngineSelection
{
    /// <summary>The setting that chooses the embedded engines: their folder.</summary>
    public const string DataFolderSetting = EmbeddedOptions.DataFolderSetting;

    /// <summary>Whether the embedded engines, or one of them, have worked in a folder.</summary>
    public static bool HasData(string folder) => EmbeddedRegistration.HasLog(folder) || EmbeddedRegistration.HasStore(folder);

    /// <summary>
    /// Chooses the embedded engines that have worked in a folder, whatever servers the settings name: an engine that has no file there may
    /// be a server beside it.
    /// </summary>
    public static void ChooseFolder(IConfiguration configuration, string folder)
    {
        configuration[DataFolderSetting] = folder;
        if (EmbeddedRegistration.HasLog(folder)) Leave(KafkaOptions.ConnectionName);
        if (EmbeddedRegistration.HasStore(folder)) Leave(CassandraExtensions.ConnectionName);
        if (EmbeddedRegistration.HasLog(folder) && EmbeddedRegistration.HasStore(folder)) Leave(RedisOptions.ConnectionName);

        void Leave(string server) => configuration[$"ConnectionStrings:{server}"] = "";
    }

    /// <summary>
    /// Registers the ports as singletons. A server's connection string (<c>ConnectionStrings:kafka</c>, <c>:redis</c>,
    /// <c>:cassandra</c>) chooses that server; without it, <c>Embedded:DataFolder</c> the embedded engine.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// Neither is set for one of the ports, and the message names the settings; or the server's engine is not in this build.
    /// </exception>
    public static IHostApplicationBuilder AddChatEngines(this IHostApplicationBuilder builder)
    {
        if (HasServer(builder, KafkaOptions.ConnectionName)) builder.AddKafkaEventLog();
        else builder.AddEmbeddedEventLog();
        if (HasServer(builder, CassandraExtensions.ConnectionName)) builder.AddCassandraStore();
        else builder.AddEmbeddedStore();
        if (HasServer(builder, RedisOptions.ConnectionName)) builder.AddRedisStatusBus();
        else builder.AddInProcessStatusBus();
        builder.Services.AddHostedService<ServerSecurityAtStart>();
        return builder;
    }

    private static bool HasServer(IHostApplicationBuilder builder, string server)
    {
        if (!string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(server))) return true;
        if (!string.IsNullOrWhiteSpace(builder.Configuration[EmbeddedOptions.DataFolderSetting])) return false;
        throw new InvalidOperationException(
            $"No engine is chosen: set ConnectionStrings:{server} for the server, or {EmbeddedOptions.DataFolderSetting} "
            + "for the embedded engine.");
    }
}
