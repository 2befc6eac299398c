using System.Text.RegularExpressions;
using Chat.Tests.Graph;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>
/// The demo page on the running product, as a person meets it: the printed address opened in a browser. Pictures are kept in the
/// test output's folder <c>screenshots</c>.
/// </summary>
public sealed partial class DemoEndToEndTests(Chromium chromium, StandaloneProcess standalone)
    : IClassFixture<StandaloneProcess>, IAsyncLifetime
{
    private IBrowserContext? _context;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_opens_the_printed_address_sends_a_message_and_watches_its_ticks_up_to_READ()
    {
        var page = await OpenAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");

        var ticks = await SendAsync(page, "Olá! Seu pedido saiu hoje e chega na quinta-feira.");

        await Expect(ticks).ToHaveAttributeAsync("data-status", "READ");
        await AssertTicksRoseAsync(page);
        await ticks.ClickAsync();
        await Expect(page.Locator(".facts dt")).ToHaveTextAsync(["Canal", "Aceita", "Enviada", "Entregue", "Lida"]);
        await SendAsync(page, "O código de rastreio é BR 4471 2208.");
        await page.Locator("#channels label", new() { HasText = "Instagram" }).ClickAsync();
        var last = await SendAsync(page, "Posso ajudar com mais alguma coisa?");
        await Expect(last).ToHaveAttributeAsync("data-status", "READ");
        await ShootAsync(page, "desktop");

        await page.GetByRole(AriaRole.Button, new() { Name = "English" }).ClickAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Connected");
        await Expect(last).ToHaveAccessibleNameAsync("Read. Details");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await ShootAsync(page, "desktop-dark");
    }

    [Fact]
    public async Task On_a_phone_it_is_the_same()
    {
        var page = await OpenAsync(new()
        {
            ViewportSize = new() { Width = 390, Height = 844 },
            DeviceScaleFactor = 2,
            IsMobile = true,
            HasTouch = true,
        });

        var ticks = await SendAsync(page, "Seu pedido chega hoje.");

        await Expect(ticks).ToHaveAttributeAsync("data-status", "READ");
        await AssertTicksRoseAsync(page);
        await ShootAsync(page, "phone");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Eventos" }).TapAsync();
        await Expect(page.Locator("#log").GetByText("message.status READ")).ToBeVisibleAsync();
        await ShootAsync(page, "phone-events");
    }

    [Fact]
    public async Task A_second_window_on_the_conversation_shows_the_same()
    {
        var first = await OpenAsync();
        var second = await _context!.NewPageAsync();
        await second.GotoAsync(first.Url);
        await Expect(second.Locator("#chat-sub")).ToContainTextAsync("Inscrito");

        await SendAsync(first, "Nas duas janelas");

        foreach (var page in new[] { first, second })
        {
            await Expect(page.Locator(".msg .text")).ToHaveTextAsync("Nas duas janelas");
            await Expect(page.Locator(".ticks")).ToHaveAttributeAsync("data-status", "READ");
        }
    }

    [Fact]
    public async Task After_a_crash_of_the_server_the_page_comes_back_by_itself_and_the_message_reaches_READ()
    {
        var page = await OpenAsync();
        var ticks = await SendAsync(page, "Antes da queda");

        await standalone.KillAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Reconectando…");
        await Expect(page.Locator("#banner")).ToBeVisibleAsync();
        await ShootAsync(page, "reconnecting");
        await standalone.StartAsync();

        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado", new() { Timeout = 60_000 });
        await Expect(ticks).ToHaveAttributeAsync("data-status", "READ");
        await AssertTicksRoseAsync(page);
    }

    /// <summary>Sends a message and gives its ticks, once it was answered with 202.</summary>
    private static async Task<ILocator> SendAsync(IPage page, string text)
    {
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        await page.EvaluateAsync(
            """
            () => {
              window.ticksSeen = [];
              new MutationObserver(() => {
                const status = [...document.querySelectorAll('.ticks')].at(-1)?.dataset.status;
                if (status && ticksSeen.at(-1) !== status) ticksSeen.push(status);
              }).observe(document.getElementById('messages'), { subtree: true, childList: true, attributes: true });
            }
            """);
        await page.Locator("#text").FillAsync(text);
        await page.Locator("#send").ClickAsync();
        await Expect(page.Locator(".msg").Last).Not.ToHaveClassAsync(new Regex("unsent"));
        return page.Locator(".ticks").Last;
    }

    /// <summary>
    /// From accepted to read, never back. What a busy machine, or a crash, let happen at once is shown at once: the steps in
    /// between need not all have been seen.
    /// </summary>
    private static async Task AssertTicksRoseAsync(IPage page)
    {
        var seen = await page.EvaluateAsync<string[]>("ticksSeen");
        string[] inOrder = ["ACCEPTED", "SENT", "DELIVERED", "READ"];
        Assert.Equal("ACCEPTED", seen[0]);
        Assert.Equal("READ", seen[^1]);
        Assert.Equal(inOrder.Where(seen.Contains), seen);
    }

    private static Task<byte[]> ShootAsync(IPage page, string name) => page.ScreenshotAsync(new()
    {
        Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png"),
        Animations = ScreenshotAnimations.Disabled,
    });

    private async Task<IPage> OpenAsync(BrowserNewContextOptions? options = null)
    {
        var browser = await chromium.StartAsync();
        _context = await browser.NewContextAsync(options);
        var page = await _context.NewPageAsync();
        await page.GotoAsync(PrintedAddress());
        return page;
    }

    private string PrintedAddress() =>
        standalone.Output.Select(line => Printed().Match(line)).First(m => m.Success).Groups[1].Value;

    [GeneratedRegex("^  open  (http://[^ ]+)$")]
    private static partial Regex Printed();
}
