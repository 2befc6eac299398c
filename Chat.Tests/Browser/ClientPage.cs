using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Tests.Graph;
using Microsoft.Playwright;

namespace Chat.Tests.Browser;

/// <summary>
/// A blank page with the client in it (<c>client</c>) and all that it emits (<c>events</c>). Its clock is the test's: no timer of
/// the client fires but by <see cref="AdvanceAsync"/>.
/// </summary>
internal sealed class ClientPage : IAsyncDisposable
{
    // Delays are half of what they can be at most; and what takes real time is not given up by a clock that leaps.
    private const string Options = "{ random: () => 0.5, connectTimeout: 1e6 }";

    private readonly IBrowserContext _context;

    private ClientPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <param name="token">A JavaScript expression.</param>
    /// <param name="options">A JavaScript expression; what it leaves out is as these tests need it.</param>
    public static async Task<ClientPage> OpenAsync(
        Chromium chromium, FakeServer server, string token = "'a-token'", string options = "{}")
    {
        var browser = await chromium.StartAsync();
        var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.Clock.InstallAsync(new() { TimeDate = DateTime.UtcNow });
        await page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        await page.GotoAsync(server.Url + FakeServer.BlankPage);
        await page.EvaluateAsync(
            $$"""
            url => {
              window.events = [];
              window.client = new ChatStatusClient(url, {{token}}, Object.assign({{Options}}, {{options}}));
              const types = ['connected', 'subscribed', 'unsubscribed', 'message.status', 'message.created', 'pong', 'error',
                'state', 'closed', 'snapshot', 'resync', 'sent'];
              for (const type of types) client.on(type, data => events.push([type, data]));
            }
            """,
            server.Url);
        return new(context, page);
    }

    /// <summary>Runs JavaScript in the page.</summary>
    public Task RunAsync(string script) => Page.EvaluateAsync($"() => {{ {script} }}");

    public async Task<JsonNode?> ValueAsync(string expression) =>
        JsonNode.Parse(await Page.EvaluateAsync<string>($"() => JSON.stringify({expression}) ?? 'null'"));

    /// <summary>What was emitted under a name so far.</summary>
    public async Task<IReadOnlyList<JsonObject>> EventsAsync(string type)
    {
        var json = await Page.EvaluateAsync<string>(
            "type => JSON.stringify(events.filter(e => e[0] === type).map(e => e[1]))", type);
        return JsonSerializer.Deserialize<List<JsonObject>>(json)!;
    }

    /// <summary>Waits until so much was emitted under a name, and gives it.</summary>
    public async Task<IReadOnlyList<JsonObject>> EventsAsync(string type, int count)
    {
        IReadOnlyList<JsonObject> events = [];
        await Until.TrueAsync(async () => (events = await EventsAsync(type)).Count >= count, $"{count} of {type}");
        return events;
    }

    /// <summary>The statuses that were shown, in order, as <c>message status</c>.</summary>
    public async Task<IReadOnlyList<string>> StatusesAsync(int count) =>
        [.. (await EventsAsync("message.status", count)).Select(e => $"{e["messageId"]} {e["status"]}")];

    public async Task<JsonObject> LastStateAsync() => (await EventsAsync("state"))[^1];

    /// <summary>Waits until the client is in a state; <paramref name="waiting"/>: until it waits for its next attempt.</summary>
    public async Task<JsonObject> StateAsync(string state, bool waiting = false)
    {
        JsonObject last = [];
        await Until.TrueAsync(
            async () => (string?)(last = await LastStateAsync())["state"] == state && (!waiting || last.ContainsKey("delay")),
            $"the client is {state}");
        return last;
    }

    /// <summary>Moves the page's clock; timers that become due fire.</summary>
    public Task AdvanceAsync(long milliseconds) => Page.Clock.RunForAsync(milliseconds);

    /// <summary>
    /// The page's clock jumps: timers that became due meanwhile fire at its end, as after a blocked event loop or a sleep.
    /// </summary>
    public Task SleepAsync(long milliseconds) => Page.Clock.FastForwardAsync(milliseconds);

    /// <summary>
    /// Waits until the client waits for its next attempt, and lets just that time pass: an attempt under way takes real time, and
    /// must not see a minute of the page's go by meanwhile.
    /// </summary>
    /// <returns>The delay in milliseconds.</returns>
    public async Task<int> PassDelayAsync(int attempt = 1)
    {
        JsonObject state = [];
        await Until.TrueAsync(
            async () => (state = await LastStateAsync()).ContainsKey("delay") && (int)state["attempt"]! == attempt,
            $"the client waits for attempt {attempt}");
        var delay = (int)state["delay"]!;
        await AdvanceAsync(delay);
        return delay;
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
