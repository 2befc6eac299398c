using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Chat.AppHost.Engines;

/// <summary>Asks this machine for a container runtime, by the runtime's own command.</summary>
internal static class ContainerRuntime
{
    /// <summary>Aspire's own setting, for a machine that has several.</summary>
    private const string Setting = "ASPIRE_CONTAINER_RUNTIME";

    // A daemon that hangs must not hold up the start.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly string[] Known = ["docker", "podman"];

    /// <summary>The first command whose daemon answers; null where none does.</summary>
    public static async Task<string?> FindAsync(IConfiguration configuration)
    {
        string[] commands = configuration[Setting] is { Length: > 0 } named ? [named] : Known;
        foreach (var command in commands)
        {
            if (await AnswersAsync(command)) return command;
        }
        return null;
    }

    private static async Task<bool> AnswersAsync(string command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, ["info"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var deadline = new CancellationTokenSource(Patience);
            try
            {
                await Task.WhenAll(
                    process.StandardOutput.ReadToEndAsync(deadline.Token),
                    process.StandardError.ReadToEndAsync(deadline.Token),
                    process.WaitForExitAsync(deadline.Token));
                return process.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return false;
            }
        }
        catch (Win32Exception)
        {
            // There is no such command.
            return false;
        }
    }
}
