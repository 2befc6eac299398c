using System.Net;
using System.Text;
using Chat.Connectors;
using Chat.Core.Accounts;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Api.Operations;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>
/// The operator's page, on the whole program in this process. Pictures are kept in the test output's folder <c>screenshots</c>.
/// </summary>
public sealed class OperationsPageTests(Chromium chromium) : IAsyncLifetime
{
    private const string Evil = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>";

    private const string Waiting = """{"provider_message_id":"wamid.7","channel":"whatsapp","status":"DELIVERED"}""";

    private readonly List<string> _complaints = [];
    private ApiHost _api = null!;
    private IBrowserContext? _context;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync(
        new()
        {
            ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00.050",
            ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00.200",
            ["Connectors:Channels:instagram:FailureShare"] = "0.1",
            ["Audit:Interval"] = "00:00:02",
            ["Audit:Grace"] = "00:00:00",
            ["Accounts:EncryptionKeys:0"] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        },
        configure: builder =>
        {
            builder.AddRouterWorker();
            builder.AddStatusWorker();
            builder.AddConnectors();
        });

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Under_load_it_shows_what_happens_and_a_dead_letter_goes_back_by_keyboard_alone()
    {
        var desks = Enumerable.Range(0, 4).Select(_ => new Desk()).ToList();
        var message = await PostAsync(desks[0]);
        var (conversation, another) = (desks[0].Conversation, Guid.NewGuid());
        await PutAsideAsync(
            "msg.status",
            $"organizacao_id: conversation {conversation} belongs to another organization",
            $$"""
            {"message_id":"{{message}}","conversation_id":"{{conversation}}","organizacao_id":"{{another}}","channel":"whatsapp",
            "status":"FAILED","timestamp":"{{DateTimeOffset.UtcNow:O}}","reason":"O número +55 11 98765-0321 não existe"}
            """,
            $"{conversation}");
        await ParkAsync(ParkedStatuses.SubjectOf(Guid.CreateVersion7()));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var load = Task.WhenAll(desks.Select(d => LoadAsync(d, enough.Token)));
        var page = await OpenAsync(Operator.Token, new() { ViewportSize = new() { Width = 1280, Height = 1000 } });

        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await Expect(page.Locator("#tile-sockets .figure")).ToHaveTextAsync("4");
        foreach (var tile in new[] { "ticks", "posts" }) await Expect(page.Locator($"#tile-{tile} .figure")).Not.ToHaveTextAsync("0");
        await Expect(page.Locator("#tile-latency .figure")).ToContainTextAsync("s");
        await Expect(page.Locator("#channels tr").First).ToContainTextAsync("WhatsApp");
        await Expect(page.Locator("#channels time").First).ToBeVisibleAsync();
        await Expect(page.Locator("#lag tr")).ToHaveCountAsync(8);
        await Expect(page.Locator("#checks li")).Not.ToHaveCountAsync(0);
        await Expect(page.Locator("#audit")).ToContainTextAsync("facts checked");
        await Expect(page.Locator("#parked-summary")).ToContainTextAsync("1 wait");

        await page.Locator("#message-id").FillAsync(message);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#timeline tr").First).ToContainTextAsync("SENT");
        await page.EvaluateAsync("scrollTo(0, 0)");
        // A line that is long enough to see.
        await Until.TrueAsync(
            () => page.EvaluateAsync<bool>("document.querySelector('#tile-ticks polyline').points.numberOfItems >= 12"),
            "twelve seconds are shown");
        await ShootAsync(page, "operations");

        await page.Locator("#dead-letters button").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#letter-facts")).ToContainTextAsync("belongs to another organization");
        await Expect(page.Locator("#letter-event")).ToContainTextAsync(message);
        await Expect(page.Locator("#letter-event")).Not.ToContainTextAsync("98765");
        await ShootAsync(page, "operations-dead-letter");
        await page.Locator("#put-back").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("#letter-note")).ToHaveTextAsync("Put back.");
        await Expect(page.Locator("#put-back")).ToBeDisabledAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#dead-letters tr", new() { HasText = "put back" })).ToHaveCountAsync(1);
        Assert.Contains(_api.Logs.Lines, l => l.Contains($"Operator {Operator.User} put the dead letter", StringComparison.Ordinal));

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await ShootAsync(page, "operations-dark");
        await enough.CancelAsync();
        await load;
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Accounts_are_shown_once_there_are_any_and_why_one_needs_a_person()
    {
        var page = await OpenAsync(Operator.Token);
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await Expect(page.Locator("#accounts-card")).ToBeHiddenAsync();
        var accounts = _api.App.Services.GetRequiredService<AccountDirectory>();
        var key = new AccountKey("instagram", "17841400000000001");
        await accounts.ConnectAsync(
            new(key, Guid.NewGuid(), null, null, Account.DefaultApp, default, AccountState.Active, null, null, default, default),
            new("a-token-of-a-desk"),
            Cancellation);

        await Expect(page.Locator("#accounts tr")).ToContainTextAsync("works");
        await accounts.SetAttentionAsync(key, $"{Evil} (code 190)", Cancellation);

        await Expect(page.Locator("#accounts tr")).ToContainTextAsync("needs a person");
        await Expect(page.Locator("#accounts tr")).ToContainTextAsync("(code 190)");
        await Expect(page.Locator("#accounts-summary")).ToHaveTextAsync("0 work, 1 need a person.");
        Assert.Equal(0, await page.Locator("img, body script").CountAsync());
        Assert.DoesNotContain("a-token", await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task What_strangers_wrote_is_text_and_never_markup()
    {
        await PutAsideAsync("messages", Evil, "{\"channel\":\"" + Evil.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"}", Evil);
        await ParkAsync($"whatsapp:{Evil}");
        var page = await OpenAsync(Operator.Token);

        await Expect(page.Locator("#dead-letters td", new() { HasText = "<script>" }).First).ToBeVisibleAsync();
        await Expect(page.Locator("#parked td", new() { HasText = "<img src=x onerror=" })).ToBeVisibleAsync();
        await page.Locator("#dead-letters button").First.ClickAsync();
        await Expect(page.Locator("#letter-event")).ToContainTextAsync("channel");

        Assert.Equal(0, await page.Locator("img, body script").CountAsync());
        Assert.Equal("Chat: operations", await page.TitleAsync());
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task The_token_stays_in_its_tab_and_out_of_every_address()
    {
        var asked = new List<string>();
        var page = await OpenAsync(token: null);
        page.Request += (_, request) => asked.Add(request.Url);

        await page.Locator("#token").FillAsync(Operator.Token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await page.ReloadAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");

        Assert.NotEmpty(asked);
        Assert.DoesNotContain(asked.Append(page.Url), url => url.Contains("eyJ", StringComparison.Ordinal));
        var other = await _context!.NewPageAsync();
        await other.GotoAsync(page.Url);
        await Expect(other.Locator("#sign-in")).ToBeVisibleAsync();
        await page.Locator("#sign-out").ClickAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
        await Expect(page.Locator("#token")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_token_that_is_refused_or_no_operators_is_told_and_asked_for_anew()
    {
        var page = await OpenAsync(ApiHost.Token(Operator.User, null, seconds: -60, role: "operator"));
        await Expect(page.Locator("#alert")).ToContainTextAsync("wrong, expired or revoked");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Refused");

        await page.Locator("#token").FillAsync(new Desk().Token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#alert")).ToContainTextAsync("not an operator's");

        await page.Locator("#token").FillAsync(Operator.Token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await Expect(page.Locator("#alert")).ToBeHiddenAsync();
        Assert.Null(await page.EvaluateAsync<string?>("new URL(location).search || null"));
    }

    [Fact]
    public async Task While_the_API_is_away_it_says_so_and_comes_back_by_itself()
    {
        var page = await OpenAsync(Operator.Token);
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");

        await page.RouteAsync("**/v1/operations", route => route.AbortAsync());
        await Expect(page.Locator("#state")).ToHaveTextAsync("Unreachable");
        await Expect(page.Locator("#alert")).ToContainTextAsync("does not answer");
        await Expect(page.Locator("#tile-sockets")).ToBeVisibleAsync();

        await page.UnrouteAllAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await Expect(page.Locator("#alert")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Behind_a_proxy_it_keeps_to_one_instance_and_lists_those_that_answered()
    {
        var page = await OpenAsync(token: null);
        var (own, asked) = ($"{Environment.MachineName}/{Environment.ProcessId}", 0);
        await page.RouteAsync("**/v1/operations", async route =>
        {
            var answer = await route.FetchAsync();
            var body = await answer.TextAsync();
            // Every other answer is another instance's.
            if (Interlocked.Increment(ref asked) % 2 == 0) body = body.Replace($"\"{own}\"", "\"other/1\"", StringComparison.Ordinal);
            await route.FulfillAsync(new() { Response = answer, Body = body });
        });

        await page.Locator("#token").FillAsync(Operator.Token);
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#instances tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("#instances")).ToContainTextAsync("other/1");
        await Expect(page.Locator("#instance")).ToHaveTextAsync(own);
        await page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.Wait });
    }

    [Fact]
    public async Task From_midnight_on_the_times_of_the_day_before_have_their_date()
    {
        await PutAsideAsync("messages", "not JSON", "x", "1");
        var message = await PostAsync(new Desk());
        var page = await OpenAsync(token: null);
        await page.Clock.InstallAsync(new() { TimeDate = DateTime.UtcNow });
        await page.Locator("#token").FillAsync(Operator.Token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#dead-letters time")).Not.ToContainTextAsync("/");
        await page.Locator("#message-id").FillAsync(message);
        await page.Locator("#message-id").PressAsync("Enter");
        await Expect(page.Locator("#message-facts time")).Not.ToContainTextAsync("/");
        await page.RouteAsync("**/v1/operations", route => route.AbortAsync());
        await Expect(page.Locator("#alert")).ToContainTextAsync("does not answer");

        await page.Clock.FastForwardAsync("24:00:00");

        await Expect(page.Locator("#dead-letters time")).ToContainTextAsync("/");
        await Expect(page.Locator("#message-facts time")).ToContainTextAsync("/");
        await Expect(page.Locator("#alert")).ToContainTextAsync("/");
    }

    [Fact]
    public async Task What_becomes_of_a_dead_letter_is_not_said_of_another()
    {
        await PutAsideAsync("messages", "first", "x", "1");
        await PutAsideAsync("messages", "second", "y", "2");
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var page = await OpenAsync(Operator.Token);
        await page.RouteAsync("**/put-back", async route =>
        {
            asked.SetResult();
            await answer.Task;
            await route.ContinueAsync();
        });
        await page.Locator("#dead-letters tr", new() { HasText = "first" }).GetByRole(AriaRole.Button).ClickAsync();
        await page.Locator("#put-back").ClickAsync();
        await asked.Task;
        await page.Keyboard.PressAsync("Escape");
        await page.Locator("#dead-letters tr", new() { HasText = "second" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("#put-back")).ToBeEnabledAsync();

        answer.SetResult();

        await Expect(page.Locator("#dead-letters tr", new() { HasText = "put back" })).ToHaveCountAsync(1);
        await Expect(page.Locator("#letter-note")).ToHaveTextAsync("");
        await Expect(page.Locator("#letter-facts")).ToContainTextAsync("second");
    }

    [Theory]
    [InlineData(false, "Put back.")]
    [InlineData(true, "Put back.")]
    [InlineData(false, "A proxy is away.")]
    [InlineData(true, "A proxy is away.")]
    public async Task What_becomes_of_a_dead_letter_is_said_when_it_was_closed_and_opened_again(bool isLookedAtLater, string said)
    {
        await PutAsideAsync("messages", "first", "{\"channel\":\"whatsapp\"}", "1");
        var (answer, detail, lookedAt) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var looks = 0;
        var page = await OpenAsync(Operator.Token);
        await page.RouteAsync("**/dead-letters/*/*/*", async route =>
        {
            var asItWas = await route.FetchAsync();
            if (Interlocked.Increment(ref looks) == 2)
            {
                lookedAt.SetResult();
                if (isLookedAtLater) await detail.Task;
            }
            await route.FulfillAsync(new() { Response = asItWas });
        });
        await page.RouteAsync("**/put-back", async route =>
        {
            await answer.Task;
            if (said == "Put back.") await route.ContinueAsync();
            else await route.FulfillAsync(new() { Status = 502, ContentType = "application/json", Body = $"{{\"detail\":\"{said}\"}}" });
        });
        var open = page.Locator("#dead-letters tr", new() { HasText = "first" }).GetByRole(AriaRole.Button);
        await open.ClickAsync();
        await page.Locator("#put-back").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await open.ClickAsync();
        await lookedAt.Task;
        if (!isLookedAtLater) await Expect(page.Locator("#put-back")).ToBeEnabledAsync();

        answer.SetResult();

        await Expect(page.Locator("#letter-note")).ToHaveTextAsync(said);
        detail.SetResult();
        await Expect(page.Locator("#letter-event")).Not.ToHaveTextAsync("");
        await Expect(page.Locator("#letter-note")).ToHaveTextAsync(said);
        if (said == "Put back.") await Expect(page.Locator("#put-back")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task A_message_that_was_asked_for_first_does_not_replace_the_one_that_is_asked_for_now()
    {
        var (first, second) = (new Desk(), new Desk());
        var (slow, message) = (await PostAsync(first), await PostAsync(second));
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var page = await OpenAsync(Operator.Token);
        await page.RouteAsync($"**/messages/{slow}", async route =>
        {
            asked.SetResult();
            await answer.Task;
            await route.ContinueAsync();
        });
        await page.Locator("#message-id").FillAsync(slow);
        await page.Locator("#message-id").PressAsync("Enter");
        await asked.Task;
        await page.Locator("#message-id").FillAsync(message);
        await page.Locator("#message-id").PressAsync("Enter");
        await Expect(page.Locator("#message-facts")).ToContainTextAsync($"{second.Conversation}");

        await page.RunAndWaitForRequestFinishedAsync(
            () => Task.FromResult(answer.TrySetResult()),
            new() { Predicate = r => r.Url.EndsWith(slow, StringComparison.Ordinal) });

        // Whatever the answer did is done by the time the page was answered once more.
        await page.RunAndWaitForResponseAsync(
            () => Task.CompletedTask, r => r.Url.EndsWith("/v1/operations", StringComparison.Ordinal));
        await Expect(page.Locator("#message-facts")).ToContainTextAsync($"{second.Conversation}");
    }

    [Fact]
    public async Task Nothing_moves_for_those_who_want_none_of_it()
    {
        var page = await OpenAsync(Operator.Token);
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        const string Animation = "getComputedStyle(document.getElementById('state'), '::before').animationName";
        Assert.Equal("beat", await page.EvaluateAsync<string>(Animation));

        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });

        Assert.Equal("none", await page.EvaluateAsync<string>(Animation));
    }

    private async Task<IPage> OpenAsync(string? token, BrowserNewContextOptions? options = null)
    {
        var browser = await chromium.StartAsync();
        _context = await browser.NewContextAsync(options);
        var page = await _context.NewPageAsync();
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, line) =>
        {
            if (line.Type == "error") _complaints.Add(line.Text);
        };
        await page.GotoAsync(new Uri(_api.Client.BaseAddress!, "/operations").ToString());
        if (token is null) return page;
        await page.Locator("#token").FillAsync(token);
        await page.Locator("#sign-in button").ClickAsync();
        return page;
    }

    /// <summary>Somebody who watches a conversation and writes to it, again and again.</summary>
    private async Task LoadAsync(Desk desk, CancellationToken enough)
    {
        await using var socket = await TestSocket.OpenAsync(_api.Client.BaseAddress!, desk.Token);
        await socket.ExpectAsync("connected");
        await socket.SubscribeAsync(desk.Conversation);
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            await PostAsync(desk, i % 3 == 0 ? "instagram" : "whatsapp");
            await socket.NextAsync();
        }
    }

    private async Task<string> PostAsync(Desk desk, string channel = "whatsapp")
    {
        var posted = await _api.PostAsync("/v1/messages", desk.Token, desk.Body(more: $",\"canal\":\"{channel}\""));
        return posted.Is(HttpStatusCode.Accepted).Json.Text("messageId")!;
    }

    private async Task PutAsideAsync(string topic, string reason, string value, string key) => await _api.Log.AppendAsync(
        DeadLetters.From(new(topic, 0), new(0, key, Encoding.UTF8.GetBytes(value), DateTimeOffset.UnixEpoch, []), reason), Cancellation);

    private async Task ParkAsync(string subject) => await _api.Store.Parked.ParkAsync(
        [new(subject, 1, Encoding.UTF8.GetBytes(Waiting), DateTimeOffset.UtcNow)], Cancellation);

    private static Task<byte[]> ShootAsync(IPage page, string name) => page.ScreenshotAsync(new()
    {
        Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png"),
        Animations = ScreenshotAnimations.Disabled,
    });
}
