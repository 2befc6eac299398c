using System.Runtime.InteropServices;

namespace Chat.LoadTest.Distributed;

/// <summary>A scenario with processes of its own: where they write, how it is interrupted, and its report.</summary>
internal static class ProcessRun
{
    /// <summary>
    /// Runs, prints the report and writes it to the file. What the processes wrote is kept where a folder is given, or the result is
    /// not good. SIGINT and SIGTERM cancel, so that the processes end with the run.
    /// </summary>
    /// <param name="otherwise">What is said where the result is not good.</param>
    /// <returns>The exit code: 1 where the result is not good.</returns>
    public static async Task<int> RunAsync(
        string? logs, string? reportFile, string otherwise, Func<string, CancellationToken, Task<(Markdown Report, bool Good)>> run)
    {
        var folder = logs is not null
            ? Directory.CreateDirectory(logs).FullName
            : Directory.CreateTempSubdirectory("chat-load-").FullName;
        using var cancel = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        var (report, isGood) = await run(folder, cancel.Token);
        Console.WriteLine(report);
        if (reportFile is not null) await File.WriteAllTextAsync(reportFile, report.ToString(), cancel.Token);
        if (!isGood) Progress.Say($"{otherwise}; the processes' output is in {folder}");
        else if (logs is null) Directory.Delete(folder, recursive: true);
        return isGood ? 0 : 1;

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancel.Cancel();
        }
    }
}
