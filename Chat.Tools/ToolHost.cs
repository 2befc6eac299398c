using Chat.Engines.Selection;
using Chat.Engines.Embedded;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Tools;

/// <summary>The engines for a command, chosen as every service's are.</summary>
internal static class ToolHost
{
    /// <summary>Never to be started: no command consumes, and retention is the services' own.</summary>
    /// <param name="dataFolder">The embedded engines' folder; null where the settings name the engines.</param>
    public static HostApplicationBuilder CreateBuilder(string? dataFolder)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // What a client says again and again of a server that it can't reach, the command says once at its end.
        builder.Logging.AddFilter("Chat.Engines.Kafka.KafkaClientLog", LogLevel.Error);
        if (dataFolder is not null) builder.Configuration[EmbeddedOptions.DataFolderSetting] = dataFolder;
        builder.AddChatEngines();
        return builder;
    }
}
