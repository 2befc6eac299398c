using Chat.Engines.Selection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.LoadTest.Distributed;

/// <summary>The services' engines on a run's servers, for what the load test itself appends and writes.</summary>
internal static class EngineHost
{
    /// <param name="settings">Beside the connections, as <c>Cassandra:MaxRowsPerRequest</c>.</param>
    public static IHost Build(ServerOptions servers, params IReadOnlyList<(string Name, string Value)> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(
            settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
        {
            ["ConnectionStrings:kafka"] = servers.Kafka,
            ["ConnectionStrings:redis"] = servers.Redis,
            ["ConnectionStrings:cassandra"] = servers.CassandraConnection,
        });
        builder.Logging.ClearProviders();
        WithoutSignals.Use(builder.Services);
        builder.AddChatEngines();
        return builder.Build();
    }
}
