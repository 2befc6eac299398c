using System.Text.Json;
using System.Xml.Linq;
using Chat.AppHost;
using Chat.LoadTest.Distributed;
using Chat.Tests.Repository;

namespace Chat.Tests.Api;

/// <summary>What the services' processes are started with.</summary>
public sealed class RuntimeSettingsTests
{
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
    [InlineData("Chat.Api", Generation0.OfApi)]
    [InlineData("Chat.RouterWorker", Generation0.OfWorkers)]
    [InlineData("Chat.StatusWorker", Generation0.OfWorkers)]
    [InlineData("Chat.Connectors", Generation0.OfWorkers)]
    public void A_service_has_the_same_room_for_new_objects_in_its_image_by_the_AppHost_and_in_the_load_test(string project, string size)
    {
        Assert.Equal(size, Assert.Single(Read($"{project}/{project}.csproj").Descendants("Generation0Size")).Value);
        Assert.Equal((Generation0.Variable, size), Services.Generation0Of(project));
    }

    [Fact]
    public void Images_have_the_room_that_their_project_names()
    {
        var variable = Assert.Single(Read("Directory.Build.targets").Descendants("ContainerEnvironmentVariable"));
        Assert.Equal(Generation0.Variable, variable.Attribute("Include")?.Value);
        Assert.Equal("$(Generation0Size)", variable.Attribute("Value")?.Value);
        Assert.Equal("'$(Generation0Size)' != ''", variable.Parent?.Attribute("Condition")?.Value);
    }

    [Theory]
    [InlineData("Chat.Standalone")]
    [InlineData("Chat.LoadTest")]
    public async Task What_is_run_from_its_source_has_it_too(string project)
    {
        var file = SourceFiles.PathOf($"{project}/Properties/launchSettings.json");
        var profiles = JsonElement.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).GetProperty("profiles");

        var variables = Assert.Single(profiles.EnumerateObject()).Value.GetProperty("environmentVariables");
        Assert.Equal(Generation0.OfWorkers, variables.GetProperty(Generation0.Variable).GetString());
    }

    private static XDocument Read(string file) => XDocument.Load(SourceFiles.PathOf(file));
}
