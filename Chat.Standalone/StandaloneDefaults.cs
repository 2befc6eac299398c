using Chat.Engines.Embedded;
using Chat.Standalone.Phone;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;

namespace Chat.Standalone;

/// <summary>What this program assumes where nobody says otherwise; every source of configuration overrides it.</summary>
public static class StandaloneDefaults
{
    /// <summary>Loopback only: who is to reach it from elsewhere has to be let in on purpose.</summary>
    public const string Url = "http://localhost:5000";

    private static readonly Dictionary<string, string> Switches = new() { ["--data"] = EmbeddedOptions.DataFolderSetting };

    /// <summary>A builder with the defaults, with <c>--data</c> for <c>--Embedded:DataFolder</c>, and <c>--phone</c>.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        args = PhoneSettings.Normalize(args);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            EnvironmentName = EnvironmentOf(args),
            // Its settings lie beside the program, wherever it was started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        var configuration = builder.Configuration;
        configuration.AddCommandLine(args, Switches);
        configuration.Sources.Insert(
            0,
            new MemoryConfigurationSource
            {
                InitialData = new Dictionary<string, string?>
                {
                    [EmbeddedOptions.DataFolderSetting] = DefaultDataFolder(),
                    // What they say, the banner says better.
                    ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
                },
            });
        configuration[EmbeddedOptions.DataFolderSetting] = Path.GetFullPath(configuration[EmbeddedOptions.DataFolderSetting]!);
        if (!SaysWhereToListen(configuration)) configuration[WebHostDefaults.ServerUrlsKey] = Url;
        builder.Logging.AddSimpleConsole(Write);
        return builder;
    }

    /// <summary>How a line of the log looks.</summary>
    public static void Write(SimpleConsoleFormatterOptions console)
    {
        console.SingleLine = true;
        console.TimestampFormat = "HH:mm:ss.fff ";
    }

    /// <summary>
    /// A folder of the user's, so that it doesn't depend on where the program is started: <c>~/.local/share/chat</c> on Linux,
    /// <c>%LOCALAPPDATA%\chat</c> on Windows; <c>./data</c> for a user without a home.
    /// </summary>
    public static string DefaultDataFolder()
    {
        var user = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return user.Length > 0 ? Path.Combine(user, "chat") : "data";
    }

    /// <summary>Development where no environment is named: the demo page signs itself in there. Null leaves it as it is named.</summary>
    private static string? EnvironmentOf(string[] args)
    {
        var named = new ConfigurationBuilder()
            .AddEnvironmentVariables("DOTNET_")
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddCommandLine(args)
            .Build()[HostDefaults.EnvironmentKey];
        return string.IsNullOrEmpty(named) ? Environments.Development : null;
    }

    private static bool SaysWhereToListen(ConfigurationManager configuration) =>
        !string.IsNullOrEmpty(configuration[WebHostDefaults.ServerUrlsKey])
        || !string.IsNullOrEmpty(configuration[WebHostDefaults.HttpPortsKey])
        || !string.IsNullOrEmpty(configuration[WebHostDefaults.HttpsPortsKey])
        || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}
