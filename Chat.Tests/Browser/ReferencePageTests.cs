using System.Net;
using Chat.Api.Reference;
using Chat.Tests.Api;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>The pages that show the API's documents, in a browser that reaches nothing but the API.</summary>
public sealed class ReferencePageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly List<string> _elsewhere = [], _complaints = [];
    private ApiHost _api = null!;
    private IBrowserContext? _context;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task The_documents_and_pages_need_no_token_and_say_what_they_may_load()
    {
        Assert.Equal(AsyncApiDocument.Text, (await _api.GetAsync("/asyncapi/v1.yaml")).Is(HttpStatusCode.OK).Body);
        (await _api.GetAsync("/openapi/v1.json")).Is(HttpStatusCode.OK);
        foreach (var path in new[] { "/reference/", "/asyncapi" })
        {
            var page = (await _api.GetAsync(path)).Is(HttpStatusCode.OK);
            Assert.Equal("text/html", page.ContentType);
            Assert.StartsWith("default-src 'none';", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_rest_reference_shows_the_operations_and_loads_nothing_from_elsewhere()
    {
        var page = await OpenAsync("/reference");

        await Expect(page.GetByText("Sends a message.").First).ToBeVisibleAsync();
        foreach (var tag in new[] { "Messages", "Conversations", "Channels", "Callbacks", "WebSocket", "Health and metrics" })
            await Expect(page.GetByText(tag, new() { Exact = true }).First).ToBeAttachedAsync();
        await ShootAsync(page, "reference");
        Assert.Empty(_elsewhere);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task The_page_of_events_shows_every_channel_message_and_close_code_without_a_script()
    {
        var page = await OpenAsync("/asyncapi");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The WebSocket" })).ToBeVisibleAsync();
        foreach (var message in Described.AsyncApiDescription.Current.Messages)
            await Expect(page.Locator($"[id='{message.Name.Replace('/', '-')}']")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "4509", Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator("script")).ToHaveCountAsync(0);
        await ShootAsync(page, "asyncapi");
        Assert.Empty(_elsewhere);
        Assert.Empty(_complaints);
    }

    private async Task<IPage> OpenAsync(string path)
    {
        var browser = await chromium.StartAsync();
        _context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        var page = await _context.NewPageAsync();
        var api = _api.Client.BaseAddress!;
        page.Request += (_, request) =>
        {
            var asked = new Uri(request.Url);
            if (asked.Scheme is "http" or "https" && asked.Authority != api.Authority) _elsewhere.Add(request.Url);
        };
        // What the policy refuses is told here too.
        page.Console += (_, message) =>
        {
            if (message.Type == "error") _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        await page.GotoAsync(new Uri(api, path).ToString());
        return page;
    }

    private static Task<byte[]> ShootAsync(IPage page, string name) => page.ScreenshotAsync(
        new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png") });
}
