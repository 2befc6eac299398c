using System.Globalization;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Chat.Core.Channels;
using Microsoft.Extensions.Configuration;

namespace Chat.AppHost.Containers;

/// <summary>
/// What Aspire leaves out of the compose file that it publishes: health checks, waiting for them, restarts, names of images, and
/// values without which nothing may start. <c>deploy/README.md</c> has the commands.
/// </summary>
internal static class ComposePublishing
{
    private const string Healthy = "service_healthy";
    private const string Environment = "ASPNETCORE_ENVIRONMENT";

    // A service has stopped within 10 s of SIGTERM, whatever hangs.
    private const string StopGracePeriod = "15s";

    // Compose takes an unset variable for an empty one: a Redis without a password, callbacks that are all refused.
    private static readonly string[] Required =
    [
        "JWT_KEY", .. ChannelCatalog.Names.Select(c => $"CALLBACKS_KEY_{c.Replace('-', '_').ToUpperInvariant()}"),
        "KAFKA_PASSWORD", "CASSANDRA_PASSWORD", "REDIS_PASSWORD",
    ];

    /// <summary>
    /// Configuration: <c>true</c> publishes the file for a first look, at the root of the repository, instead of the one for a
    /// deployment.
    /// </summary>
    private const string FirstLookSetting = "Compose:FirstLook";

    public static void AddComposePublishing(this IDistributedApplicationBuilder builder)
    {
        var firstLook = builder.Configuration.GetValue<bool>(FirstLookSetting);
        builder.AddDockerComposeEnvironment("compose")
            // Telemetry goes where OTEL_EXPORTER_OTLP_ENDPOINT says; the file has what a deployment needs.
            .WithDashboard(enabled: false)
            .WithProperties(compose => compose.DefaultNetworkName = "chat")
            .ConfigureComposeFile(file =>
            {
                Complete(file);
                if (firstLook) CompleteForFirstLook(file);
            })
            // deploy/make-env writes the values, at random.
            .ConfigureEnvFile(variables => variables.Clear())
            .ExcludeFromManifest();
    }

    public static IResourceBuilder<T> PublishWithProbe<T>(this IResourceBuilder<T> builder, ComposeProbe probe)
        where T : IComputeResource =>
        builder.PublishAsDockerComposeService((_, service) => service.Healthcheck = new()
        {
            Test = ["CMD-SHELL", probe.Command],
            Interval = "5s",
            Timeout = "10s",
            Retries = 12,
            StartPeriod = "60s",
        });

    /// <summary>
    /// Publishes a service of ours: the image that <c>deploy/make-images</c> makes unless <c>{IMAGE}_IMAGE</c> names another, its
    /// health, and what the environment of the deployment says.
    /// </summary>
    /// <param name="port">The port in the container that serves <c>/health</c>.</param>
    /// <param name="publicPort">The port of the machine that leads to it; none where it is null.</param>
    public static IResourceBuilder<ProjectResource> PublishWithImage(
        this IResourceBuilder<ProjectResource> builder, string image, int port, int? publicPort = null) =>
        builder.PublishWithProbe(ComposeProbe.Health(port)).PublishAsDockerComposeService((_, service) =>
        {
            service.Image = $"${{{image.Replace('-', '_').ToUpperInvariant()}_IMAGE:-{image}:latest}}";
            service.Environment[Environment] = $"${{{Environment}:-Production}}";
            service.StopGracePeriod = StopGracePeriod;
            service.Environment["OTEL_SERVICE_NAME"] = service.Name;
            service.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "${OTEL_EXPORTER_OTLP_ENDPOINT:-}";
            if (publicPort is not null) service.Ports = [Public(publicPort.Value, port)];
        });

    // On loopback unless the deployment says otherwise: what is in Development lets anyone sign in as anyone. A range of ports is for
    // several replicas.
    private static string Public(int publicPort, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"${{CHAT_API_ADDRESS:-127.0.0.1}}:${{CHAT_API_PORT:-{publicPort}}}:{port}");

    private static void Complete(ComposeFile file)
    {
        foreach (var service in file.Services.Values)
        {
            service.Restart = "unless-stopped";
            foreach (var (name, dependency) in service.DependsOn)
            {
                if (file.Services[name].Healthcheck is not null) dependency.Condition = Healthy;
            }
            RefuseEmpty(service);
        }
    }

    // The container names and the callbacks that the commands of docs/seed-commands.md expect, and Development, which serves the
    // demo page and makes tokens for it.
    private static void CompleteForFirstLook(ComposeFile file)
    {
        foreach (var (name, service) in file.Services)
        {
            service.ContainerName = name;
            var environment = service.Environment;
            if (environment.ContainsKey(Environment)) environment[Environment] = $"${{{Environment}:-Development}}";
            if (environment.ContainsKey("Connectors__Run__0"))
            {
                environment["Connectors__CallbackUrl"] = "http://chat-api:8080/v1/callbacks/status";
            }
        }
    }

    private static void RefuseEmpty(Service service)
    {
        foreach (var (name, value) in service.Environment.ToArray())
        {
            service.Environment[name] = Required.Aggregate(value, (text, variable) =>
                text.Replace($"${{{variable}}}", $"${{{variable}:?run deploy/make-env}}", StringComparison.Ordinal));
        }
    }
}
