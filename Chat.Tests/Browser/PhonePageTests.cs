using System.Net;
using Chat.Tests.MetaSimulator;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>The phone's page on the simulator alone. Pictures are kept in the test output's folder <c>screenshots</c>.</summary>
public sealed class PhonePageTests(Chromium chromium) : IAsyncLifetime
{
    private const string Evil = "<img src=x onerror=\"document.title='hacked'\">";

    private readonly List<string> _complaints = [];
    private SimulatorRig _rig = null!;
    private IBrowserContext? _context;

    public async ValueTask InitializeAsync()
    {
        _rig = await SimulatorRig.StartAsync();
        await _rig.OpenWindowsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_person_reads_answers_corrects_and_takes_back()
    {
        var page = await OpenAsync();
        (await _rig.SendTextAsync($"Olá, Ana! {Evil}")).Is(HttpStatusCode.OK);
        var chat = page.Locator(".chats [data-channel=whatsapp]");
        await Expect(chat.Locator(".badge")).ToHaveTextAsync("1");

        await chat.ClickAsync();
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync($"Olá, Ana! {Evil}");
        await _rig.ToldAsync();
        Assert.Contains("read", _rig.Receiver.Items("statuses").Select(s => s.GetProperty("status").GetString()));

        await page.Locator("#text").FillAsync("Oi 😀");
        await page.Locator("#text").PressAsync("Enter");
        var own = page.Locator(".msg.mine");
        await Expect(own.Locator(".text")).ToHaveTextAsync("Oi 😀");
        await own.Locator(".bubble").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.Locator("#text").FillAsync("Olá 😀");
        await page.Locator("#send").ClickAsync();
        await Expect(own.Locator(".text")).ToHaveTextAsync("Olá 😀");
        await Expect(own.Locator(".meta")).ToContainTextAsync("edited");
        await own.Locator(".bubble").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(own.Locator(".gone")).ToHaveTextAsync("Message deleted");
        await page.Locator(".msg:not(.mine) .bubble").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "❤" }).ClickAsync();
        await Expect(page.Locator(".reactions")).ToHaveTextAsync("❤");
        await ShootAsync(page, "phone-page");
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Off_shows_nothing_and_blocked_takes_nothing()
    {
        var page = await OpenAsync();
        await page.Locator("#power").UncheckAsync();
        await Expect(page.Locator("#off")).ToBeVisibleAsync();
        (await _rig.SendTextAsync("Olá")).Is(HttpStatusCode.OK);
        await page.Locator("#power").CheckAsync();
        await page.Locator(".chats [data-channel=whatsapp]").ClickAsync();
        await Expect(page.Locator(".msg")).ToHaveCountAsync(1);

        await page.Locator("#block").CheckAsync();
        await Expect(page.Locator("#write")).ToBeHiddenAsync();
        await Expect(page.Locator("#blocked")).ToBeVisibleAsync();
        await page.Locator("#block").UncheckAsync();
        await Expect(page.Locator("#write")).ToBeVisibleAsync();
        await page.Locator("#back").ClickAsync();
        await Expect(page.Locator("#list")).ToBeVisibleAsync();
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task That_the_business_types_and_has_read_shows_and_a_picture_goes_along()
    {
        var page = await OpenAsync("pt-BR");
        await page.Locator(".chats [data-channel=whatsapp]").ClickAsync();
        await page.Locator("#text").FillAsync("Veja");
        await page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "foto.png",
            MimeType = "image/png",
            Buffer = await page.ScreenshotAsync(),
        });
        await Expect(page.Locator(".msg.mine img")).ToBeVisibleAsync();
        await _rig.ToldAsync();
        var id = _rig.Receiver.Items("messages")[0].GetProperty("id").GetString();
        Assert.Equal("Veja", _rig.Receiver.Items("messages")[0].GetProperty("image").GetProperty("caption").GetString());
        await Expect(page.Locator(".mine svg")).ToHaveAttributeAsync("data-seen", "false");

        (await _rig.SendAsync(new
        {
            messaging_product = "whatsapp",
            status = "read",
            message_id = id,
            typing_indicator = new { type = "text" },
        })).Is(HttpStatusCode.OK);

        await Expect(page.Locator(".mine svg")).ToHaveAttributeAsync("data-seen", "true");
        await Expect(page.Locator("#chat-sub")).ToHaveTextAsync("digitando…");
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task A_person_whom_no_list_names_has_a_phone()
    {
        _rig.Simulator.Simulator.Do((world, _) =>
        {
            for (var i = 0; i < 1000; i++) world.SetPerson($"p{i}", $"Person {i}", null, null, null, $"77{i}");
        });
        var page = await OpenAsync();
        await page.GotoAsync(new Uri(_rig.Simulator.Address, "/phone/p999").ToString());
        await Expect(page.Locator("#name")).ToHaveTextAsync("Person 999");
        await Expect(page.Locator("#people")).ToHaveValueAsync("p999");
        Assert.Empty(_complaints);
    }

    private static Task<byte[]> ShootAsync(IPage page, string name) => page.ScreenshotAsync(new()
    {
        Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png"),
        Animations = ScreenshotAnimations.Disabled,
    });

    private async Task<IPage> OpenAsync(string locale = "en-US")
    {
        var browser = await chromium.StartAsync();
        _context = await browser.NewContextAsync(new() { Locale = locale, ViewportSize = new() { Width = 760, Height = 860 } });
        var page = await _context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type == "error") _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        await page.GotoAsync(new Uri(_rig.Simulator.Address, "/phone").ToString());
        // Its switches stand where the person's do from then on.
        await Expect(page.Locator("#name")).Not.ToBeEmptyAsync();
        return page;
    }
}
