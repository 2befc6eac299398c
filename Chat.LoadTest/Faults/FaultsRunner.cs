using System.Runtime.InteropServices;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>Runs a scenario, searches what its processes wrote, and reports. Exit code 1 where something is missing, or leaked.</summary>
internal static class FaultsRunner
{
    public static async Task<int> RunAsync(FaultsOptions options)
    {
        var folder = options.Logs is { } logs
            ? Directory.CreateDirectory(logs).FullName
            : Directory.CreateTempSubdirectory("chat-faults-").FullName;
        using var cancel = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        var ids = FaultIds.Create(options.Conversations);
        var token = Tokens.Mint(Services.JwtKey, ids.Organization, ids.User);
        var (report, isComplete) = options.Scenario is { } scenario
            ? await new FaultsRun(options, scenario, ids, token, folder).RunAsync(cancel.Token)
            : await new RefusedRun(options, ids, token, folder).RunAsync(cancel.Token);
        var leaks = Leaks.Search(folder, Leaks.SecretsOf(ids, token));
        leaks.WriteTo(report);
        Console.WriteLine(report);
        if (options.Report is { } file) await File.WriteAllTextAsync(file, report.ToString(), cancel.Token);
        var isGood = isComplete && leaks.None;
        if (!isGood) Progress.Say($"SOMETHING IS MISSING OR LEAKED; the processes' output is in {folder}");
        else if (options.Logs is null) Directory.Delete(folder, recursive: true);
        return isGood ? 0 : 1;

        // So that the processes of the run end with it.
        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancel.Cancel();
        }
    }
}
