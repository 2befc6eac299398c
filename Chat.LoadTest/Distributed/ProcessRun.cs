namespace Chat.LoadTest.Distributed;

/// <summary>A scenario with processes of its own: where they write, and its report.</summary>
internal static class ProcessRun
{
    /// <summary>
    /// Runs, prints the report and writes it to the file. What the processes wrote is kept where a folder is given, or the result is
    /// not good.
    /// </summary>
    /// <param name="otherwise">What is said where the result is not good.</param>
    /// <param name="cancellationToken">Ends the run, and the processes with it.</param>
    /// <returns>The exit code: 1 where the result is not good.</returns>
    public static async Task<int> RunAsync(
        string? logs,
        string? reportFile,
        string otherwise,
        Func<string, CancellationToken, Task<(string Report, bool Good)>> run,
        CancellationToken cancellationToken)
    {
        var folder = logs is not null
            ? Directory.CreateDirectory(logs).FullName
            : Directory.CreateTempSubdirectory("chat-load-").FullName;
        bool? isGood = null;
        try
        {
            (var report, var good) = await run(folder, cancellationToken);
            isGood = good;
            await LoadTest.Report.WriteAsync(report, reportFile);
            return good ? 0 : 1;
        }
        finally
        {
            // Nothing was written where a port was taken, or a program is not built.
            if (logs is null && (isGood == true || !Directory.EnumerateFiles(folder).Any())) Directory.Delete(folder, recursive: true);
            else if (isGood != true) Progress.Say($"{(isGood == false ? $"{otherwise}; the" : "The")} processes' output is in {folder}");
        }
    }
}
