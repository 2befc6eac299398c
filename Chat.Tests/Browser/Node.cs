using System.Diagnostics;
using Chat.Tests.Graph;

namespace Chat.Tests.Browser;

/// <summary>Node.js and npm, where they are installed; else the calling test is skipped.</summary>
internal static class Node
{
    /// <summary>The folder of the JavaScript client, as it would be published.</summary>
    public static readonly string Package = Path.Combine(AppContext.BaseDirectory, "frontend-example");

    /// <summary>The first number of its version.</summary>
    public static async Task<int> MajorVersionAsync() =>
        int.Parse((await RunAsync("--print", "process.versions.node")).Output.Split('.')[0]);

    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync("node", Package, arguments);

    public static Task<(int ExitCode, string Output)> NpmAsync(string folder, params string[] arguments) =>
        RunAsync("npm", folder, arguments);

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string folder, string[] arguments)
    {
        var path = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Select(p => Path.Combine(p, OperatingSystem.IsWindows() ? program + ".cmd" : program))
            .FirstOrDefault(File.Exists);
        if (path is null) Assert.Skip($"No {program} found: install Debian's packages 'nodejs' and 'npm'.");
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(2 * Until.Deadline);
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, (await output + await errors).Trim());
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
