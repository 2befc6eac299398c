using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>Runs a scenario, searches what its processes wrote, and reports. Exit code 1 where something is missing, or leaked.</summary>
internal static class FaultsRunner
{
    /// <summary>Longer than a run takes, with every outage and every time to catch up.</summary>
    private static readonly TimeSpan TokenLife = TimeSpan.FromDays(1);

    public static Task<int> RunAsync(FaultsOptions options, CancellationToken cancelled) => ProcessRun.RunAsync(
        options.Logs,
        options.Report,
        "SOMETHING IS MISSING OR LEAKED",
        async (folder, cancellationToken) =>
        {
            var ids = RunIds.Create(options.Conversations);
            var token = Tokens.Mint(Services.JwtKey, ids.Organization, ids.User, TokenLife);
            var (report, isComplete) = options.Scenario is { } scenario
                ? await new FaultsRun(options, scenario, ids, token, folder).RunAsync(cancellationToken)
                : await new RefusedRun(options, ids, token, folder).RunAsync(cancellationToken);
            var leaks = Leaks.Search(folder, Leaks.SecretsOf(ids, token));
            leaks.WriteTo(report);
            return (report.ToString(), isComplete && leaks.None);
        },
        cancelled);
}
