using System.Diagnostics;
using Chat.Tests.Compliance;
using Chat.Tests.Repository;

namespace Chat.Tests.Telemetry;

/// <summary>Each alert can be acted on, and counts what is measured.</summary>
public sealed class PrometheusRulesTests
{
    private const string Operations = MetricsTable.File;

    private static IEnumerable<PrometheusRule> Alerts => PrometheusRules.All.Where(r => r.IsAlert);

    [Fact]
    public void Each_alert_has_a_section_that_says_what_to_look_at_and_what_to_do()
    {
        var lines = SourceFiles.WithExtension(".md").Single(f => f.Path == Operations).Lines;
        Assert.All(Alerts, alert =>
        {
            Assert.Equal($"{Operations}#{alert.Name.ToLowerInvariant()}", alert.Runbook);
            Assert.True(alert.Severity is "page" or "ticket", $"{alert.Name}: {alert.Severity}");
            var section = lines.SkipWhile(l => l != $"### {alert.Name}").Skip(1).TakeWhile(l => !l.StartsWith('#')).ToList();
            Assert.True(section.Exists(l => l.StartsWith("- **Look at** ", StringComparison.Ordinal)), alert.Name);
            Assert.True(section.Exists(l => l.StartsWith("- **Do** ", StringComparison.Ordinal)), alert.Name);
        });
        Assert.Equal(
            Alerts.Select(a => $"### {a.Name}").Order(StringComparer.Ordinal),
            lines.Where(l => l.StartsWith("### Chat", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_metric_of_a_rule_is_one_that_is_measured_or_recorded() => Assert.All(PrometheusRules.All, rule =>
    {
        var metrics = PromQl.MetricsOf(rule.Expression);
        Assert.True(metrics.Count > 0 || rule.Name is "ChatTargetDown" or "ChatServiceGone", $"{rule.Name} is about nothing");
        Assert.All(metrics, AssertIsThere);
    });

    [Fact]
    public void What_may_go_wrong_has_its_alert() => Assert.Subset(
        Alerts.Select(a => a.Name).ToHashSet(),
        new HashSet<string>
        {
            "ChatStatusesLateFast", "ChatStatusesLateSlowly", "ChatConsumerLag", "ChatDeadLetters", "ChatEventsLost", "ChatEpochFight",
            "ChatRepairStorm", "ChatPostsRefused", "ChatAuditMissing",
        });

    [Theory]
    [InlineData("check", "rules", "rules.yml")]
    [InlineData("test", "rules", "tests.yml")]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("check", "config", "prometheus.push.yml")]
    public async Task Promtool_is_content(string command, string what, string file)
    {
        var program = ServerProcess.Find("promtool");
        Assert.SkipWhen(program is null, "promtool, of Debian's package 'prometheus', is not here.");
        var start = new ProcessStartInfo(program!, [command, what, file])
        {
            WorkingDirectory = PrometheusRules.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{await output}{await errors}");
    }

    /// <summary>A metric of the table, or one that a rule records.</summary>
    internal static void AssertIsThere(string metric) => Assert.True(
        MetricsTable.Ours.Concat(MetricsTable.Others).Any(m => m.Prometheus == metric)
            || PrometheusRules.All.Any(r => !r.IsAlert && r.Name == metric),
        $"Nothing measures {metric}");
}
