using System.Text.Json;
using System.Xml.Linq;
using Chat.AppHost;
using Chat.LoadTest.Distributed;
using Chat.Tests.Repository;

namespace Chat.Tests.Api;

/// <summary>What the services' processes are started with.</summary>
public sealed class RuntimeSettingsTests
{
    private const string LargeGeneration0 = "LargeGeneration0";

    [Fact]
    public async Task Threads_without_work_wait_at_once_and_what_is_called_often_is_optimized_soon()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Chat.Api.runtimeconfig.json");
        var settings = JsonElement.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))
            .GetProperty("runtimeOptions").GetProperty("configProperties");

        Assert.Equal(0, settings.GetProperty("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit").GetInt32());
        Assert.Equal(1, settings.GetProperty("System.Runtime.TieredCompilation.CallCountingDelayMs").GetInt32());
    }

    [Theory]
    [InlineData("Chat.Api", false)]
    [InlineData("Chat.RouterWorker", true)]
    [InlineData("Chat.StatusWorker", true)]
    [InlineData("Chat.Connectors", true)]
    public void An_image_of_what_takes_batches_has_room_for_new_objects(string project, bool hasRoom) =>
        Assert.Equal(hasRoom ? ["true"] : [], Read($"{project}/{project}.csproj").Descendants(LargeGeneration0).Select(e => e.Value));

    [Fact]
    public void Images_have_as_much_room_as_what_the_AppHost_starts()
    {
        var variable = Assert.Single(Read("Directory.Build.targets").Descendants("ContainerEnvironmentVariable"));
        Assert.Equal(Generation0.Variable, variable.Attribute("Include")?.Value);
        Assert.Equal(Generation0.Size, variable.Attribute("Value")?.Value);
        Assert.Equal($"'$({LargeGeneration0})' == 'true'", variable.Parent?.Attribute("Condition")?.Value);
    }

    [Theory]
    [InlineData("Chat.Standalone")]
    [InlineData("Chat.LoadTest")]
    public async Task What_is_run_from_its_source_has_it_too(string project)
    {
        var file = SourceFiles.PathOf($"{project}/Properties/launchSettings.json");
        var profiles = JsonElement.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).GetProperty("profiles");

        var variables = Assert.Single(profiles.EnumerateObject()).Value.GetProperty("environmentVariables");
        Assert.Equal(Generation0.Size, variables.GetProperty(Generation0.Variable).GetString());
    }

    [Fact]
    public void The_load_test_starts_services_with_as_much() =>
        Assert.Equal((Generation0.Variable, Generation0.Size), Services.LargeGeneration0);

    private static XDocument Read(string file) => XDocument.Load(SourceFiles.PathOf(file));
}
