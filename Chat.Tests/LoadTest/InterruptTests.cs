using Chat.LoadTest.InProcess;
using Chat.Tests.Graph;
using Chat.Tests.Tools;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.LoadTest;

/// <summary>What SIGINT and SIGTERM do to the program.</summary>
public sealed class InterruptTests : IAsyncDisposable
{
    private readonly TaskCompletionSource _measures = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private int _requests;

    /// <summary>A server that answers the warm-up, and nothing more until it is told to.</summary>
    public InterruptTests()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            if (Interlocked.Increment(ref _requests) <= 4) return;
            _measures.TrySetResult();
            await _release.Task.WaitAsync(context.RequestAborted);
        });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task The_first_signal_ends_what_is_measured_and_the_report_follows(string signal)
    {
        using var program = await StartAsync();

        await program.SendAsync(signal);
        _release.SetResult();
        var (code, output, error) = await program.WaitAsync();

        Assert.True(code == 0, error);
        Assert.Contains("interrupted before", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task The_second_signal_ends_the_program_at_once(string signal, int expected)
    {
        using var program = await StartAsync();

        // Two that come close together are one: so until it has ended, which without an answer it does not by itself.
        await Until.TrueAsync(
            async () =>
            {
                await program.SendAsync(signal);
                return program.HasExited;
            },
            "it has ended");

        var (code, output, _) = await program.WaitAsync();
        Assert.Equal((expected, ""), (code, output));
    }

    [Fact]
    public async Task Host_within_the_program_does_not_take_its_signals()
    {
        var folder = Directory.CreateTempSubdirectory("chat-signals-").FullName;
        var (app, _) = ChatHost.Build(folder, "a key of the tests, which is long enough for HS256");

        await using (app) Assert.IsNotType<ConsoleLifetime>(app.Services.GetRequiredService<IHostLifetime>());

        Directory.Delete(folder, recursive: true);
    }

    private async Task<SignalledProgram> StartAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends signals.");
        await _app.StartAsync(Cancellation);
        var program = new SignalledProgram(
            "Chat.LoadTest",
            [
                "webhooks", "--url", _app.Urls.First(), "--secret", "s", "--updates", "1", "--rate", "50", "--duration", "10m",
                "--max-p99", "5m",
            ]);
        await _measures.Task.WaitAsync(Until.Deadline, Cancellation);
        return program;
    }
}
