using System.Diagnostics;
using Chat.AppHost.Engines;
using Microsoft.Extensions.Configuration;

namespace Chat.Tests.Aspire;

/// <summary>The containers of this machine, by the command of its runtime.</summary>
internal static class Containers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<bool> AnswerAsync() => await RuntimeAsync() is not null;

    /// <summary>Every container there is, running or not, by its full id.</summary>
    public static async Task<IReadOnlyList<string>> AllAsync() =>
        (await RunAsync("ps", "-a", "-q", "--no-trunc")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Task RemoveVolumeAsync(string name) => RunAsync("volume", "rm", name);

    private static Task<string?> RuntimeAsync() =>
        ContainerRuntime.FindAsync(new ConfigurationBuilder().AddEnvironmentVariables().Build());

    private static async Task<string> RunAsync(params string[] args)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var process = Process.Start(new ProcessStartInfo((await RuntimeAsync())!, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await errors;
        await process.WaitForExitAsync(deadline.Token);
        return output;
    }
}
