using Chat.Tests.Browser;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Chat.Tests.Browser;

/// <summary>One headless Chromium for all browser tests, started by the first of them.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private const string Variable = "CHAT_CHROMIUM";

    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

    // Nothing that reaches for the network by itself, and nothing that a container lacks.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly SemaphoreSlim _gate = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The browser; the calling test is skipped where there is none.</summary>
    public async Task<IBrowser> StartAsync()
    {
        var configured = Environment.GetEnvironmentVariable(Variable);
        var path = new[] { configured }.Concat(Places).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Skip($"No Chromium found: install Debian's package 'chromium', or say in {Variable} where one is.");
        }
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            Assertions.SetDefaultExpectTimeout((float)Graph.Until.Deadline.TotalMilliseconds);
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments });
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _gate.Dispose();
    }
}
