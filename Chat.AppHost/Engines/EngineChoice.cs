using Chat.AppHost.Containers;
using Chat.AppHost.Embedded;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Chat.AppHost.Engines;

/// <summary>Which engines this run works on, and why.</summary>
internal sealed record EngineChoice(EngineSet Engines, string Reason)
{
    /// <summary>Configuration: <c>auto</c> (the default), <c>containers</c> or <c>embedded</c>.</summary>
    public const string Setting = "Engines";

    private const string Auto = "auto";

    private const string NoPhone =
        $"--{EmbeddedGraph.PhoneSetting}=true: the customer's phone runs with the embedded engines alone, and is in nothing that is "
        + $"published. Add --{Setting}=embedded, or leave it out.";

    private const string NoMonitoring =
        $"--{Monitoring.Setting}=true: Prometheus and Grafana run with the containers alone. Start a container runtime and add "
        + $"--{Setting}=containers, or leave it out.";

    /// <summary>Chooses by the configuration; only <c>auto</c> asks the machine for a container runtime.</summary>
    /// <exception cref="DistributedApplicationException">
    /// The setting has another value, or leaves no way for the phone or the monitoring that are asked for.
    /// </exception>
    public static async Task<EngineChoice> OfAsync(IDistributedApplicationBuilder builder)
    {
        var choice = await OfAsync(
            builder.Configuration[Setting],
            builder.ExecutionContext.IsPublishMode,
            Feed.IsFull,
            () => ContainerRuntime.FindAsync(builder.Configuration),
            builder.Configuration.GetValue<bool>(EmbeddedGraph.PhoneSetting));
        return choice.Check(builder.Configuration.GetValue<bool>(Monitoring.Setting));
    }

    /// <summary>The choice itself, where it has what is asked for beside the engines.</summary>
    public EngineChoice Check(bool monitoring) => monitoring && Engines == EngineSet.Embedded
        ? throw new DistributedApplicationException($"{NoMonitoring} The engines are embedded: {Reason}.")
        : this;

    /// <summary>The decision itself.</summary>
    /// <param name="findRuntime">The command of the container runtime that answers, or null; asked only where it matters.</param>
    /// <param name="phone">Whether the customer's phone is wanted, whose accounts Chat.Standalone alone connects.</param>
    public static async Task<EngineChoice> OfAsync(
        string? setting, bool publishing, bool fullFeed, Func<Task<string?>> findRuntime, bool phone = false)
    {
        var engines = Parse(setting);
        if (phone && (publishing || engines == EngineSet.Containers)) throw new DistributedApplicationException(NoPhone);
        if (publishing) return new(EngineSet.Containers, "what is published is always containers");
        if (engines is not null) return new(engines.Value, $"{Setting} says so");
        if (phone) return new(EngineSet.Embedded, $"the phone (--{EmbeddedGraph.PhoneSetting}=true) runs with them alone");
        if (!fullFeed) return new(EngineSet.Embedded, "this build leaves the packages for containers out (FullFeed=false)");
        return await findRuntime() is { } runtime
            ? new(EngineSet.Containers, $"{runtime} answers")
            : new(EngineSet.Embedded, "no container runtime answers (docker, podman)");
    }

    /// <summary>Says it in one line of the console.</summary>
    public void Log(IServiceProvider services) =>
        services.GetRequiredService<ILogger<EngineChoice>>().Chosen(Name(Engines), Reason, Setting);

    /// <summary>Null for <c>auto</c>, and where nothing is set.</summary>
    private static EngineSet? Parse(string? setting)
    {
        if (string.IsNullOrWhiteSpace(setting) || Same(setting, Auto)) return null;
        foreach (var engines in Enum.GetValues<EngineSet>())
        {
            if (Same(setting, Name(engines))) return engines;
        }
        throw new DistributedApplicationException(
            $"{Setting} is '{setting}': it must be {Auto}, {Name(EngineSet.Containers)} or {Name(EngineSet.Embedded)}.");
    }

    private static string Name(EngineSet engines) => engines switch
    {
        EngineSet.Containers => "containers",
        EngineSet.Embedded => "embedded",
        _ => throw new ArgumentOutOfRangeException(nameof(engines)),
    };

    private static bool Same(string setting, string name) => setting.Trim().Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>In a class of its own: the generator knows no records.</summary>
internal static partial class EngineChoiceLog
{
    [LoggerMessage(1, LogLevel.Information, "Engines: {Engines}, because {Reason}. --{Setting}=auto, containers or embedded chooses.")]
    public static partial void Chosen(this ILogger<EngineChoice> logger, string engines, string reason, string setting);
}
