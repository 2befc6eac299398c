using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>The demo page, and a server that does what a test tells it to.</summary>
public abstract class DemoPageTest(Chromium chromium) : IAsyncLifetime
{
    private protected const string Conversation = "123e4567-e89b-12d3-a456-426614174000";
    private protected const string Another = "123e4567-e89b-12d3-a456-426614174001";
    private protected const string Organization = "456e7890-e89b-12d3-a456-426614174000";

    private IBrowserContext? _context;
    private int _posted;

    private protected FakeServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await FakeServer.StartAsync();
        Server.Rest = AnswerAsync;
    }

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected int Signals(string what) =>
        Server.Requests.Count(r => r is { Method: "POST" } && r.Path == $"/v1/conversations/{Conversation}/{what}");

    private protected static JsonObject Inbound(string messageId, string text)
    {
        var item = Item(messageId, text, "ACCEPTED");
        item["direction"] = "inbound";
        return item;
    }

    private protected static JsonObject At(long position, JsonObject item)
    {
        item["position"] = position;
        return item;
    }

    private protected static string MessageId(int number) => $"01900000-0000-7000-8000-{number:d12}";

    private protected static string Jwt()
    {
        var claims = new JsonObject
        {
            ["sub"] = "789e1234-e89b-12d3-a456-426614174000",
            ["tenant_id"] = Organization,
            ["exp"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
        };
        return $"x.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.y";
    }

    private protected static async Task TypeAsync(IPage page, string text)
    {
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        await page.Locator("#text").FillAsync(text);
        await page.Locator("#text").PressAsync("Enter");
    }

    /// <summary>Sends a message and gives its ticks, once it was answered with 202.</summary>
    private protected static async Task<ILocator> SendAsync(IPage page, string text)
    {
        await TypeAsync(page, text);
        await Expect(page.Locator(".msg").Last).Not.ToHaveClassAsync(new Regex("unsent"));
        return page.Locator(".ticks").Last;
    }

    private protected async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        var browser = await chromium.StartAsync();
        _context = await browser.NewContextAsync(options);
        return await _context.NewPageAsync();
    }

    private protected static async Task WatchAsync(IPage page, string conversation)
    {
        await page.Locator("#conversation").FillAsync(conversation);
        await page.Locator("#conversation").PressAsync("Enter");
        await Expect(page.Locator("#chat-sub")).ToHaveTextAsync($"Inscrito em {conversation}");
    }

    private protected async Task<IPage> OpenAsync(string query = "", BrowserNewContextOptions? options = null)
    {
        var page = await NewPageAsync(options);
        await page.Clock.InstallAsync(new() { TimeDate = DateTime.UtcNow });
        page.PageError += (_, error) => TestContext.Current.TestOutputHelper?.WriteLine(error);
        await page.GotoAsync($"{Server.Url}/demo.html{query}");
        return page;
    }

    private protected async Task<IResult> AnswerAsync(FakeRequest request)
    {
        await Task.Yield();
        return request switch
        {
            { Path: "/v1/auth/token" } => Results.Json(
                new { token = $"minted-{Guid.NewGuid():N}", expiresAt = DateTimeOffset.UtcNow.AddHours(1) }),
            { Path: "/v1/channels" } => Results.Json(new
            {
                items = new[]
                {
                    new { name = "whatsapp", displayName = "WhatsApp", reports = new[] { "SENT", "DELIVERED", "READ", "FAILED" } },
                    new { name = "instagram", displayName = "Instagram", reports = new[] { "SENT", "READ", "FAILED" } },
                },
            }),
            { Method: "POST", Path: "/v1/messages" } => Results.Json(
                new
                {
                    messageId = MessageId(Interlocked.Increment(ref _posted)),
                    conversationId = (string?)request.Body!["conversaId"],
                    channel = (string?)request.Body["canal"],
                    status = "ACCEPTED",
                    timestamp = DateTimeOffset.UtcNow,
                },
                statusCode: 202),
            { Method: "GET" } when request.Path.EndsWith("/messages", StringComparison.Ordinal) => FakeServer.Page([], 100),
            _ => Results.NotFound(),
        };
    }

    private protected static JsonObject Item(string messageId, string text, string status, string? reason = null) =>
        FakeServer.Item(Conversation, messageId, text, status, reason);
}
