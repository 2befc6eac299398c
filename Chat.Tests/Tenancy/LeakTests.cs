using System.Globalization;

namespace Chat.Tests.Tenancy;

/// <summary>No leak, in a random run of all that the API does: see docs/reliability.md for a longer one.</summary>
public sealed class LeakTests(ITestOutputHelper output)
{
    private const string OperationsSetting = "CHAT_LEAK_OPERATIONS";
    private const string OrganizationsSetting = "CHAT_LEAK_ORGANIZATIONS";
    private const string SeedSetting = "CHAT_LEAK_SEED";

    [Fact]
    public async Task Whatever_organizations_do_at_random_no_answer_and_no_frame_has_anything_of_another_one()
    {
        var operations = Setting(OperationsSetting, 1000);
        await using var run = await LeakRun.StartAsync(Setting(OrganizationsSetting, 8), Setting(SeedSetting, 15));

        await run.RunAsync(operations);

        output.WriteLine(
            $"{operations} operations, {run.Answers} answers, {run.Frames} frames, {run.Refused} refusals, {run.Leaks.Count} leaks");
        Assert.True(run.Leaks.Count == 0, string.Join(Environment.NewLine, run.Leaks.Take(10)));
        Assert.True(run.Answers > operations / 2, "There were hardly any answers.");
        Assert.True(run.Refused > operations / 10, "There were hardly any refusals.");
        Assert.True(run.Frames > operations / 2, "There were hardly any frames.");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var set)
            ? set
            : otherwise;
}
