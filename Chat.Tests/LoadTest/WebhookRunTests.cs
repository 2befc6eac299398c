using System.Collections.Concurrent;
using Chat.LoadTest;
using Chat.LoadTest.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.LoadTest;

/// <summary><c>Chat.LoadTest webhooks</c>.</summary>
public sealed class WebhookRunTests : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _paths = new();
    private readonly ConcurrentQueue<string> _bodies = new();
    private readonly StringWriter _output = new();
    private readonly WebApplication _app;
    private Func<int, HttpContext, Task<int>> _answer = (_, _) => Task.FromResult(200);
    private int _requests;

    public WebhookRunTests()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            _paths.Enqueue(context.Request.Path);
            using var reader = new StreamReader(context.Request.Body);
            _bodies.Enqueue(await reader.ReadToEndAsync());
            context.Response.StatusCode = await _answer(Interlocked.Increment(ref _requests), context);
        });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Path_of_the_address_stands_before_that_of_the_webhook()
    {
        Assert.Equal(0, await RunAsync("/base/", TimeSpan.FromMinutes(1)));

        Assert.All(_paths, path => Assert.Equal("/base/v1/webhooks/whatsapp", path));
        Assert.Contains("5 × 200 |", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("each repeats one before", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_repeated_of_the_warm_up()
    {
        await RunAsync("", TimeSpan.FromMinutes(1));

        Assert.Equal(9, _bodies.Count);
        Assert.Equal(9, _bodies.Distinct().Count());
    }

    [Fact]
    public async Task Request_that_is_never_answered_is_counted_in_the_report()
    {
        // The four before are for the warm-up.
        _answer = async (number, context) =>
        {
            if (number == 6) await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
            return 200;
        };

        Assert.Equal(1, await RunAsync("", TimeSpan.FromSeconds(2)));

        Assert.Contains("4 × 200, 1 × no answer within 2 s", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_it_reports_what_was_posted()
    {
        using var interrupt = new CancellationTokenSource();
        _answer = async (number, _) =>
        {
            if (number == 6) await interrupt.CancelAsync();
            return 200;
        };

        Assert.Equal(0, await RunAsync("", TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), interrupt.Token));

        Assert.Contains("interrupted before", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_is_said_whatever_fails_by_it()
    {
        var folder = Directory.CreateTempSubdirectory("chat-webhooks-").FullName;
        using var interrupt = new CancellationTokenSource();
        _answer = async (number, _) =>
        {
            if (number != 6) return 200;
            Directory.Delete(folder);
            await interrupt.CancelAsync();
            return 200;
        };
        await _app.StartAsync(TestContext.Current.CancellationToken);
        var error = new StringWriter();

        var code = await LoadTestProgram.RunUntilAsync(
            [
                "webhooks", "--url", _app.Urls.First(), "--secret", "s", "--updates", "1", "--rate", "50", "--duration", "1h",
                "--report", Path.Combine(folder, "report.md"),
            ],
            _output,
            error,
            interrupt.Token);

        Assert.Equal(2, code);
        Assert.Matches("Interrupted: there is nothing to report \\(.*report.md", Assert.Single(error.ToString().TrimEnd().Split('\n')));
    }

    private async Task<int> RunAsync(
        string path, TimeSpan timeout, TimeSpan? duration = null, CancellationToken? cancellationToken = null)
    {
        var stop = cancellationToken ?? TestContext.Current.CancellationToken;
        await _app.StartAsync(TestContext.Current.CancellationToken);
        var options = new WebhookOptions(
            new($"{_app.Urls.First()}{path}"), "/v1/webhooks/whatsapp", "secret", "1", 1, 50, duration ?? TimeSpan.FromSeconds(0.1),
            TimeSpan.FromMinutes(5), null);
        return await WebhookRun.RunAsync(options, _output, stop, timeout);
    }
}
