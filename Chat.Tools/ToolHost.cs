using Chat.Core.Engines;
using Chat.Engines.Kafka;
using Chat.Engines.Selection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Chat.Tools;

/// <summary>The engines for a command, chosen as every service's are.</summary>
internal static class ToolHost
{
    /// <summary>
    /// Runs a command on the engines' services. They are never started: no command consumes, and retention is the services' own.
    /// </summary>
    /// <param name="dataFolder">The embedded engines' folder; null where the settings name the engines.</param>
    /// <param name="register">Registers what the command needs beside the engines.</param>
    /// <exception cref="EngineFailureException">An engine could not do what the command asked of it.</exception>
    public static async Task<int> RunAsync(
        string? dataFolder, Action<IServiceCollection> register, Func<IServiceProvider, Task<int>> command)
    {
        var builder = CreateBuilder(dataFolder);
        register(builder.Services);
        using var host = builder.Build();
        var errors = host.Services.GetServices<IEngineErrors>().ToArray();
        try
        {
            return await command(host.Services);
        }
        catch (Exception exception) when (errors.Any(e => e.IsFailure(exception)))
        {
            throw new EngineFailureException(exception);
        }
    }

    private static HostApplicationBuilder CreateBuilder(string? dataFolder)
    {
        var builder = Host.CreateApplicationBuilder();
        // Without colours, which the guard of the console takes for what a stranger sent.
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.ColorBehavior = LoggerColorBehavior.Disabled);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // What a client says again and again of a server that it can't reach, the command says once at its end.
        builder.Logging.AddFilter(KafkaExtensions.ClientLogCategory, LogLevel.Error);
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.None);
        // It was asked for: servers that a shell or a file names would be looked at first.
        if (dataFolder is not null) EngineSelection.ChooseFolder(builder.Configuration, dataFolder);
        builder.AddChatEngines();
        return builder;
    }
}
