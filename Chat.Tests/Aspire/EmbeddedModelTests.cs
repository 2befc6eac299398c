using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Chat.AppHost;

namespace Chat.Tests.Aspire;

public sealed class EmbeddedModelTests(EmbeddedModel apphost) : IClassFixture<EmbeddedModel>
{
    [Fact]
    public void It_has_one_process_and_nothing_that_needs_a_container_runtime()
    {
        Assert.Equal("chat", Assert.Single(apphost.Model.Resources.OfType<ProjectResource>()).Name);
        Assert.Equal(1, apphost.Resource("chat").GetReplicaCount());
        Assert.Empty(apphost.Model.GetContainerResources());
        Assert.Empty(apphost.Resource("chat").Annotations.OfType<WaitAnnotation>());
    }

    [Fact]
    public void It_is_at_port_5000_and_is_asked_for_its_health()
    {
        var endpoint = Assert.Single(apphost.Resource("chat").Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(5000, endpoint.Port);
        Assert.Equal("http", endpoint.UriScheme);
        Assert.NotEmpty(apphost.Resource("chat").Annotations.OfType<HealthCheckAnnotation>());
    }

    [Fact]
    public async Task It_is_in_Development_so_that_the_demo_page_works() =>
        Assert.Equal("Development", (await apphost.EnvironmentAsync("chat"))["ASPNETCORE_ENVIRONMENT"]);

    [Fact]
    public async Task Its_data_folder_is_a_setting_read_from_where_the_AppHost_runs() =>
        Assert.Equal(Path.GetFullPath("some/folder"), (await apphost.EnvironmentAsync("chat"))["Embedded__DataFolder"]);

    [Fact]
    public async Task It_has_room_for_new_objects() =>
        Assert.Equal(Generation0.OfWorkers, (await apphost.EnvironmentAsync("chat"))[Generation0.Variable]);

    [Fact]
    public async Task It_calls_nobody_back() =>
        Assert.DoesNotContain("Connectors__CallbackUrl", (await apphost.EnvironmentAsync("chat")).Keys);
}
