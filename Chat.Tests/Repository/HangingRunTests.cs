using System.Xml.Linq;

namespace Chat.Tests.Repository;

/// <summary>A test that never ends must not hold up a run for ever, however the run was started.</summary>
public sealed class HangingRunTests
{
    [Fact]
    public void Every_run_of_the_tests_ends_where_nothing_goes_on_and_says_what_was_running()
    {
        var project = XDocument.Load(SourceFiles.PathOf("Chat.Tests/Chat.Tests.csproj"));
        Assert.EndsWith("tests.runsettings", Assert.Single(project.Descendants("RunSettingsFilePath")).Value, StringComparison.Ordinal);

        var settings = XDocument.Load(SourceFiles.PathOf("Chat.Tests/tests.runsettings"));
        var hang = Assert.Single(settings.Descendants("CollectDumpOnTestSessionHang"));
        Assert.Equal(("15min", "None"), (hang.Attribute("TestTimeout")?.Value, hang.Attribute("HangDumpType")?.Value));
        // The collector ends the run; the logger says which tests had begun.
        foreach (var part in (string[])["DataCollector", "Logger"])
        {
            var blame = Assert.Single(settings.Descendants(part));
            Assert.Equal(("blame", "True"), (blame.Attribute("friendlyName")?.Value, blame.Attribute("enabled")?.Value));
        }
    }
}
