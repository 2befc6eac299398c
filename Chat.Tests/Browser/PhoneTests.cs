using System.Text.RegularExpressions;
using Chat.Tests.Graph;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>
/// Two windows, as a person meets them who starts it with <c>--phone</c>: the desk and the customer's phone. Pictures are kept in the test
/// output's folder <c>screenshots</c>.
/// </summary>
public sealed partial class PhoneTests(Chromium chromium) : IAsyncLifetime
{
    // A pixel.
    private const string Picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

    private readonly StandaloneProcess _standalone = new();
    private IBrowserContext? _context;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        _standalone.Dispose();
    }

    [Fact]
    public async Task Desk_and_phone_talk_and_the_ticks_follow_what_the_phone_does()
    {
        _standalone.Set("Phone", "true");
        await _standalone.StartAsync();
        var browser = await chromium.StartAsync();
        _context = await browser.NewContextAsync(new() { Locale = "pt-BR", ViewportSize = new() { Width = 1280, Height = 800 } });
        var desk = await _context.NewPageAsync();
        var phone = await _context.NewPageAsync();
        await phone.SetViewportSizeAsync(760, 800);
        await desk.GotoAsync(Printed("open"));
        await phone.GotoAsync(Printed("phone"));
        await Expect(desk.Locator("#chat-sub")).ToContainTextAsync("Inscrito");

        // The phone lies there, its chats closed.
        var first = await SendAsync(desk, "Olá, Ana! Seu pedido saiu hoje.");
        await Expect(first).ToHaveAttributeAsync("data-status", "DELIVERED");
        await Expect(phone.Locator("[data-channel=whatsapp] .badge")).ToHaveTextAsync("1");

        // She opens the chat and answers.
        await phone.Locator(".chats [data-channel=whatsapp]").ClickAsync();
        await Expect(first).ToHaveAttributeAsync("data-status", "READ");
        await Expect(phone.Locator(".msg .text")).ToHaveTextAsync(["Olá, Ana! Seu pedido saiu hoje."]);
        await phone.Locator("#text").FillAsync("Que bom! Chega quando? 😀");
        await phone.Locator("#send").ClickAsync();
        await Expect(desk.Locator(".msg.in .text")).ToHaveTextAsync("Que bom! Chega quando? 😀");
        // The desk has the conversation in view, so it is read there.
        await Expect(phone.Locator(".mine svg").First).ToHaveAttributeAsync("data-seen", "true");
        var second = await SendAsync(desk, "Na quinta-feira, até as 18h.");
        await Expect(second).ToHaveAttributeAsync("data-status", "READ");

        // She sends a picture, which the desk fetches from the provider.
        await phone.Locator("#file").SetInputFilesAsync(
            new FilePayload { Name = "nota.png", MimeType = "image/png", Buffer = Convert.FromBase64String(Picture) });
        await desk.Locator(".msg.in button.file").ClickAsync();
        await Expect(desk.Locator(".msg.in img.file")).ToHaveJSPropertyAsync("naturalWidth", 1);

        // She switches it off.
        await phone.Locator("#power").UncheckAsync();
        var third = await SendAsync(desk, "O código de rastreio é BR 4471 2208.");
        await Expect(third).ToHaveAttributeAsync("data-status", "SENT");
        await Expect(phone.Locator("#off")).ToBeVisibleAsync();
        await phone.Locator("#power").CheckAsync();
        await Expect(third).ToHaveAttributeAsync("data-status", "DELIVERED");
        await phone.Locator(".chats [data-channel=whatsapp]").ClickAsync();
        await Expect(third).ToHaveAttributeAsync("data-status", "READ");
        await ShootAsync(desk, phone);

        // On Instagram nothing tells of delivery.
        await phone.Locator("#back").ClickAsync();
        await desk.Locator("#channels label", new() { HasText = "Instagram" }).ClickAsync();
        var fourth = await SendAsync(desk, "E por aqui também.");
        await Expect(fourth).ToHaveAttributeAsync("data-status", "SENT");
        await phone.Locator(".chats [data-channel=instagram]").ClickAsync();
        await Expect(fourth).ToHaveAttributeAsync("data-status", "READ");

        // She blocks the number.
        await phone.Locator("#back").ClickAsync();
        await phone.Locator(".chats [data-channel=whatsapp]").ClickAsync();
        await phone.Locator("#block").CheckAsync();
        await desk.Locator("#channels label", new() { HasText = "WhatsApp" }).ClickAsync();
        var fifth = await SendAsync(desk, "Ana?");
        await Expect(fifth).ToHaveAttributeAsync("data-status", "FAILED");
        await Expect(desk.Locator(".failed").Last).ToContainTextAsync("131026");
    }

    private static async Task<ILocator> SendAsync(IPage desk, string text)
    {
        await desk.Locator("#text").FillAsync(text);
        await desk.Locator("#send").ClickAsync();
        var message = desk.Locator(".msg", new() { HasText = text });
        await Expect(message).Not.ToHaveClassAsync(new Regex("unsent"));
        return message.Locator(".ticks");
    }

    /// <summary>Both windows side by side.</summary>
    private async Task ShootAsync(IPage desk, IPage phone)
    {
        var pictures = new List<string>();
        foreach (var page in new[] { desk, phone })
        {
            var picture = await page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });
            pictures.Add($"<img src=\"data:image/png;base64,{Convert.ToBase64String(picture)}\" height=\"800\">");
        }
        var both = await _context!.NewPageAsync();
        await both.SetViewportSizeAsync(2052, 800);
        await both.SetContentAsync($"<body style=\"margin:0;display:flex;gap:12px;background:#555\">{string.Concat(pictures)}</body>");
        await both.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", "phone-and-desk.png") });
        await both.CloseAsync();
    }

    private string Printed(string name) => _standalone.Output
        .Select(line => PrintedAddress().Match(line))
        .First(m => m.Success && m.Groups[1].Value == name).Groups[2].Value;

    [GeneratedRegex("^  (open|phone) +(http://[^ ]+)$")]
    private static partial Regex PrintedAddress();
}
