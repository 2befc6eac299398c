using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>The demo page for those who read it aloud, work it by keyboard, or see little.</summary>
public sealed class DemoPageAccessTests(Chromium chromium) : DemoPageTest(chromium)
{
    /// <summary>What is hard to read: each text whose contrast to what is behind it is below 4.5 to 1.</summary>
    private const string Pale =
        """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const over = (colors) => {
            canvas.clearRect(0, 0, 1, 1);
            for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          const light = (rgb) => {
            const [r, g, b] = rgb.map((c) => (c / 255 <= .04045 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4));
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const behind = (node) => (node ? [...behind(node.parentElement), getComputedStyle(node).backgroundColor] : ['#fff']);
          return [...document.body.querySelectorAll('*')]
            .filter((e) => e.checkVisibility() && !e.closest('svg, .skip, .hide, :disabled')
              && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
            .map((e) => {
              const ground = behind(e), [a, b] = [light(over(ground)), light(over([...ground, getComputedStyle(e).color]))];
              return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), `${e.tagName}.${e.className} ${e.textContent.trim()}`];
            })
            .filter(([contrast]) => contrast < 4.5).map(([contrast, what]) => `${contrast.toFixed(2)} ${what}`);
        }
        """;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Every_text_stands_out_from_what_is_behind_it(ColorScheme scheme)
    {
        var page = await OpenAsync($"?conversa={Conversation}", new() { ColorScheme = scheme });
        await SendAsync(page, "Olá");
        var socket = await Server.SocketAsync(0);
        await socket.SendMessageAsync(At(10, Inbound(MessageId(5), "Oi")), 101);
        await socket.SendStatusAsync(Conversation, MessageId(1), "READ", 102);
        await Expect(page.Locator(".msg").Last).ToHaveAttributeAsync("data-status", "READ");
        await page.Locator(".ticks").ClickAsync();
        await SendAsync(page, "Olá");
        await socket.SendStatusAsync(Conversation, MessageId(2), "FAILED", 103, "Bloqueado");
        await Expect(page.Locator(".failed:visible")).ToHaveCountAsync(1);

        await page.Locator("#log summary", new() { HasText = "message.status READ" }).HoverAsync();

        Assert.Empty(await page.EvaluateAsync<string[]>(Pale));
    }

    [Fact]
    public async Task On_a_narrow_screen_the_tabs_have_their_panels_and_the_skip_link_shows_where_it_leads()
    {
        var page = await OpenAsync($"?conversa={Conversation}", new() { ViewportSize = new() { Width = 390, Height = 844 } });
        foreach (var name in new[] { "Conversa", "Conexão", "Eventos" })
        {
            await page.GetByRole(AriaRole.Tab, new() { Name = name }).ClickAsync();
            var panel = await page.GetByRole(AriaRole.Tab, new() { Name = name }).GetAttributeAsync("aria-controls");
            await Expect(page.GetByRole(AriaRole.Tabpanel)).ToHaveIdAsync(panel!);
        }

        await page.Locator(".skip").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#text")).ToBeFocusedAsync();

        // Where all of it is shown there are no tabs.
        await page.SetViewportSizeAsync(1280, 800);
        await Expect(page.GetByRole(AriaRole.Tabpanel)).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Eventos" })).ToBeVisibleAsync();
    }
}
