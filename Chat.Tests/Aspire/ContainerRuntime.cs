using System.ComponentModel;
using System.Diagnostics;

namespace Chat.Tests.Aspire;

/// <summary>The container runtime of this machine, asked by its own command.</summary>
internal static class ContainerRuntime
{
    public const string Missing = "The AppHost's graph needs a container runtime that answers (Docker or Podman).";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string Command = Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") ?? "docker";

    public static async Task<bool> AnswersAsync()
    {
        try
        {
            return (await RunAsync("info")).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Every container there is, running or not, by its full id.</summary>
    public static async Task<IReadOnlyList<string>> ContainersAsync() =>
        (await RunAsync("ps", "-a", "-q", "--no-trunc")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Task RemoveVolumeAsync(string name) => RunAsync("volume", "rm", name);

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] args)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var process = Process.Start(new ProcessStartInfo(Command, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await errors;
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, output);
    }
}
