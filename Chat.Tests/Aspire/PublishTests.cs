using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using Chat.AppHost.Containers;

namespace Chat.Tests.Aspire;

/// <summary>What is committed under deploy/ is what the model publishes, and can be deployed.</summary>
public sealed partial class PublishTests
{
    private static readonly string Root = Path.GetDirectoryName(Projects.Chat_AppHost.ProjectPath)!;
    private static readonly string Compose = Path.Combine("deploy", "compose", "docker-compose.yaml");
    private const string FirstLook = "docker-compose.yml";
    private static readonly string Manifest = Path.Combine("deploy", "aspire-manifest.json");

    [Fact]
    public Task The_compose_file_of_a_deployment_is_what_the_model_publishes() => AssertComposeAsync(Compose);

    [Fact]
    public Task The_compose_file_for_a_first_look_is_what_the_model_publishes() =>
        AssertComposeAsync(FirstLook, "--Compose:FirstLook=true");

    [Fact]
    public async Task The_manifest_is_what_the_model_publishes()
    {
        // The manifest has paths relative to itself: as deep in the repository as the committed one.
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Root, "artifacts")).FullName, $"manifest-{Guid.NewGuid():N}.json");
        try
        {
            await PublishAsync("--publisher", "manifest", "--output-path", file);
            AssertCurrent(Manifest, file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_compose_file_has_the_services_of_the_seed() => Assert.Equal(
        ContainersModel.Servers.Concat(ContainersModel.Services).Order(), Services().Keys.Order());

    [Fact]
    public void Each_container_is_asked_for_its_health_and_starts_again() => Assert.All(Services().Values, service =>
    {
        Assert.Contains("healthcheck:", service);
        Assert.Contains("restart: \"unless-stopped\"", service);
    });

    [Fact]
    public void A_container_starts_once_what_it_needs_is_healthy() => Assert.All(ContainersModel.Services, name =>
    {
        var service = Services()[name];
        Assert.All(ContainersModel.Servers, server => Assert.Matches(
            $"""\n      {server}:\n        condition: "service_healthy"\n""", service));
        Assert.DoesNotContain("service_started", service);
    });

    [Fact]
    public void No_secret_is_published_and_none_may_be_empty()
    {
        var compose = Read(Compose);
        foreach (var line in compose.Split('\n').Where(l => SecretLine().IsMatch(l))) Assert.Contains(":?run deploy/make-env}", line);
        Assert.DoesNotMatch(@"\$\{(JWT_KEY|CALLBACKS_KEY_[A-Z]+|[A-Z]+_PASSWORD)\}", compose);
        using var manifest = JsonDocument.Parse(Read(Manifest));
        foreach (var name in (string[])["jwt-key", "callbacks-key-whatsapp", "callbacks-key-instagram", "redis-password", "kafka-password",
            "cassandra-password"])
        {
            var input = manifest.RootElement.GetProperty("resources").GetProperty(name).GetProperty("inputs").GetProperty("value");
            Assert.True(input.GetProperty("secret").GetBoolean());
        }
    }

    [Theory]
    [InlineData(FirstLook)]
    [InlineData("deploy/compose/docker-compose.yaml")]
    public void Every_server_takes_the_services_by_a_password_alone(string file)
    {
        var services = Services(file);
        // What needs no password listens inside the container only, for Kafka's own tools.
        Assert.Contains("\"PLAINTEXT://localhost:9092,CONTROLLER://localhost:29093,SERVICES://0.0.0.0:9093\"", services["kafka"]);
        Assert.Contains("SERVICES:SASL_PLAINTEXT", services["kafka"]);
        Assert.Contains("PlainLoginModule required user_chat=", services["kafka"]);
        Assert.Contains("s/AllowAllAuthenticator/PasswordAuthenticator/", services["cassandra"]);
        Assert.Contains("--requirepass", services["redis"]);
        Assert.All(ContainersModel.Services, name =>
        {
            Assert.Contains("ConnectionStrings__kafka: \"kafka:9093\"", services[name]);
            Assert.Contains("Kafka__Sasl__Username: \"chat\"", services[name]);
            Assert.Contains("Kafka__Sasl__Password: \"${KAFKA_PASSWORD:?run deploy/make-env}\"", services[name]);
            Assert.Contains("Cassandra__Password: \"${CASSANDRA_PASSWORD:?run deploy/make-env}\"", services[name]);
        });
    }

    [Theory]
    [InlineData(null)]
    [InlineData("CHAT_API_ADDRESS=127.0.0.1")]
    [InlineData("CHAT_API_ADDRESS=127.0.0.1\n")]
    public async Task Make_env_writes_a_value_for_each_variable_that_may_not_be_empty_and_keeps_what_is_there(string? there)
    {
        var folder = Directory.CreateTempSubdirectory("chat-env-");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "deploy"));
            var copy = Path.Combine(folder.FullName, "deploy", "make-env");
            File.Copy(Path.Combine(Root, "deploy", "make-env"), copy);
            var file = Path.Combine(folder.FullName, ".env");
            if (there is not null) await File.WriteAllTextAsync(file, there, TestContext.Current.CancellationToken);
            using var process = Process.Start("sh", [copy]);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var written = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(there?.TrimEnd() ?? "COMPOSE_PROJECT_NAME=chat", written[0]);
            Assert.Contains("COMPOSE_PROJECT_NAME=chat", written);

            Assert.All(
                RequiredVariable().Matches(Read(Compose)).Select(m => m.Groups[1].Value).Distinct(),
                name => Assert.Contains(written, l => l.StartsWith($"{name}=", StringComparison.Ordinal) && l.Length > name.Length + 32));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_service_gets_the_settings_that_people_write()
    {
        var settings = Read(Path.Combine("deploy", "compose", "settings.yaml"));
        Assert.All(ContainersModel.Services, service => Assert.Contains($"  {service}:\n    env_file: chat.env", settings));
        Assert.Equal(ContainersModel.Services.Length, settings.Split("env_file:").Length - 1);
    }

    [Fact]
    public void What_is_published_is_not_in_Development_unless_the_deployment_says_so()
    {
        var environments = EnvironmentLine().Matches(Read(Compose)).Select(m => m.Value).ToList();
        Assert.Equal(ContainersModel.Services.Length, environments.Count);
        Assert.All(environments, e => Assert.EndsWith("\"${ASPNETCORE_ENVIRONMENT:-Production}\"", e));
        Assert.DoesNotContain("Development", Read(Manifest));
    }

    [Fact]
    public void The_file_for_a_first_look_has_the_containers_by_the_seeds_names_and_in_Development()
    {
        Assert.All(Services(FirstLook), s => Assert.Contains($"\n    container_name: \"{s.Key}\"\n", s.Value));
        Assert.Equal(Services().Keys.Order(), Services(FirstLook).Keys.Order());
        Assert.All(
            EnvironmentLine().Matches(Read(FirstLook)).Select(m => m.Value),
            e => Assert.EndsWith("\"${ASPNETCORE_ENVIRONMENT:-Development}\"", e));
    }

    [Fact]
    public void Connectors_call_back_in_the_file_for_a_first_look_only()
    {
        const string setting = "Connectors__CallbackUrl: \"http://chat-api:8080/v1/callbacks/status\"";
        foreach (var (name, service) in Services(FirstLook))
        {
            Assert.Equal(name.StartsWith("connector-", StringComparison.Ordinal), service.Contains(setting, StringComparison.Ordinal));
        }
        Assert.DoesNotContain("CallbackUrl", Read(Compose));
        Assert.DoesNotContain("CallbackUrl", Read(Manifest));
    }

    // Debian's docker-compose 1.29 refuses a file with any of these at its top level.
    [Theory]
    [InlineData("name:")]
    [InlineData("include:")]
    public void The_file_for_a_first_look_has_nothing_that_needs_a_newer_Compose(string key) =>
        Assert.DoesNotContain($"\n{key}", "\n" + Read(FirstLook), StringComparison.Ordinal);

    private static async Task AssertComposeAsync(string committed, params string[] args)
    {
        Assert.SkipUnless(Feed.IsFull, "Aspire.Hosting.Docker, which writes the compose file, is in the full feed only.");
        var folder = Directory.CreateTempSubdirectory("chat-compose-").FullName;
        try
        {
            await PublishAsync(["--operation", "publish", "--step", "publish", "--output-path", folder, .. args]);
            AssertCurrent(committed, Path.Combine(folder, "docker-compose.yaml"));
            Assert.Single(Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PublishAsync(params string[] args)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(args, ct);
        await using var app = await builder.BuildAsync(ct);
        await app.RunAsync(ct);
    }

    private static void AssertCurrent(string committed, string published) => Assert.True(
        OfThisBuild(Read(committed)) == Normalized(File.ReadAllText(published)),
        $"{committed} is stale: run deploy/publish and commit what it writes.");

    // A manifest calls a resource v1 where the model says what it is deployed to, which is what Aspire.Hosting.Docker adds.
    private static string OfThisBuild(string text) => Feed.IsFull ? text : DeployedResource().Replace(text, "$1.v0");

    /// <summary>The services of a compose file, each with its own lines.</summary>
    private static Dictionary<string, string> Services(string? file = null)
    {
        var compose = Read(file ?? Compose);
        var services = compose["services:\n".Length..compose.IndexOf("\nnetworks:", StringComparison.Ordinal)];
        return Service().Matches(services).ToDictionary(m => m.Groups[1].Value, m => m.Value);
    }

    private static string Read(string path) => Normalized(File.ReadAllText(Path.Combine(Root, path)));

    // Without the comments at its head, which say how to use it.
    private static string Normalized(string text) => HeadComments().Replace(text.ReplaceLineEndings("\n"), "").TrimEnd('\n');

    [GeneratedRegex(@"^  ([a-z-]+):\n(?:    .*(?:\n|$))+", RegexOptions.Multiline)]
    private static partial Regex Service();

    [GeneratedRegex(@"\$\{([A-Z_]+):\?")]
    private static partial Regex RequiredVariable();

    [GeneratedRegex(@"\A(#.*\n)+")]
    private static partial Regex HeadComments();

    [GeneratedRegex(@"\b(container|project)\.v1\b")]
    private static partial Regex DeployedResource();

    [GeneratedRegex(@"ASPNETCORE_ENVIRONMENT: .*$", RegexOptions.Multiline)]
    private static partial Regex EnvironmentLine();

    [GeneratedRegex(@"^ +(\w*(Key|PASSWORD|Password|JAAS_CONFIG)|ConnectionStrings__redis): ")]
    private static partial Regex SecretLine();
}
