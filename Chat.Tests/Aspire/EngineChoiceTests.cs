using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Chat.AppHost.Engines;

namespace Chat.Tests.Aspire;

public sealed class EngineChoiceTests
{
    [Theory]
    // Nothing said: what the machine and the build can do.
    [InlineData(null, false, true, "docker", "Containers", "docker answers")]
    [InlineData("", false, true, "podman", "Containers", "podman answers")]
    [InlineData("auto", false, true, null, "Embedded", "no container runtime answers")]
    [InlineData("auto", false, false, "docker", "Embedded", "FullFeed=false")]
    [InlineData("auto", false, false, null, "Embedded", "FullFeed=false")]
    // Said: that, whatever the machine can do.
    [InlineData("embedded", false, true, "docker", "Embedded", "Engines says so")]
    [InlineData("Embedded", false, false, null, "Embedded", "Engines says so")]
    [InlineData("containers", false, true, null, "Containers", "Engines says so")]
    [InlineData(" CONTAINERS ", false, false, null, "Containers", "Engines says so")]
    // Published: containers in every case.
    [InlineData(null, true, false, null, "Containers", "published")]
    [InlineData("auto", true, true, null, "Containers", "published")]
    [InlineData("embedded", true, true, "docker", "Containers", "published")]
    public async Task The_engines_are_chosen_for_a_reason(
        string? setting, bool publishing, bool fullFeed, string? runtime, string engines, string reason)
    {
        var choice = await EngineChoice.OfAsync(setting, publishing, fullFeed, () => Task.FromResult(runtime));
        Assert.Equal(engines, choice.Engines.ToString());
        Assert.Contains(reason, choice.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("auto")]
    [InlineData("embedded")]
    public async Task The_phone_is_wanted_and_the_embedded_engines_run_without_a_look_for_containers(string? setting)
    {
        var choice = await EngineChoice.OfAsync(
            setting, publishing: false, fullFeed: true, () => throw new InvalidOperationException("It was looked for."), phone: true);
        Assert.Equal(EngineSet.Embedded, choice.Engines);
        if (setting != "embedded") Assert.Contains("--Phone=true", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Monitoring_without_containers_is_an_error_of_one_line_that_says_what_to_do()
    {
        var embedded = new EngineChoice(EngineSet.Embedded, "no container runtime answers");
        var error = Assert.Throws<DistributedApplicationException>(() => embedded.Check(monitoring: true));
        Assert.StartsWith("--Monitoring=true: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("--Engines=containers", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("no container runtime answers.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);

        Assert.Same(embedded, embedded.Check(monitoring: false));
        var containers = new EngineChoice(EngineSet.Containers, "docker answers");
        Assert.Same(containers, containers.Check(monitoring: true));
    }

    [Theory]
    [InlineData("containers", false)]
    [InlineData("containers", true)]
    [InlineData("auto", true)]
    [InlineData("embedded", true)]
    public async Task The_phone_on_containers_is_an_error_of_one_line_that_says_what_to_do(string setting, bool publishing)
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => EngineChoice.OfAsync(
            setting, publishing, fullFeed: true, () => Task.FromResult<string?>("docker"), phone: true));
        Assert.StartsWith("--Phone=true: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("--Engines=embedded", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("embedded", false, true)]
    [InlineData("containers", false, true)]
    [InlineData("auto", true, true)]
    [InlineData("auto", false, false)]
    public async Task A_container_runtime_is_looked_for_only_where_it_decides(string setting, bool publishing, bool fullFeed) =>
        await EngineChoice.OfAsync(setting, publishing, fullFeed, () => throw new InvalidOperationException("It was looked for."));

    [Theory]
    [InlineData("docker")]
    [InlineData("1")]
    [InlineData("embeded")]
    public async Task An_unknown_value_is_an_error_that_names_the_setting_and_its_values(string setting)
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => EngineChoice.OfAsync(setting, publishing: false, fullFeed: true, () => Task.FromResult<string?>(null)));
        Assert.Equal($"Engines is '{setting}': it must be auto, containers or embedded.", error.Message);
    }

    [Fact]
    public async Task The_AppHost_does_not_start_with_an_unknown_value()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(
            ["--Engines=sqlite"], TestContext.Current.CancellationToken));
        Assert.Contains("'sqlite'", error.ToString(), StringComparison.Ordinal);
    }
}
