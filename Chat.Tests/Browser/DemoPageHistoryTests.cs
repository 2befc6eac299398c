using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>The demo page on a long conversation, and one that stands open for long.</summary>
public sealed class DemoPageHistoryTests(Chromium chromium) : DemoPageTest(chromium)
{
    private const int Most = 500;

    private List<string> Reads =>
        [.. Server.Requests.Where(r => r.Path.StartsWith("/v1/messages/", StringComparison.Ordinal)).Select(r => r.Path)];

    [Fact]
    public async Task Beyond_what_it_keeps_the_oldest_go_and_can_be_loaded_again()
    {
        var page = await OpenLongAsync();

        await (await Server.SocketAsync(0)).SendMessageAsync(Numbered(Most + 1), 101);
        await Expect(page.Locator(".msg .text").Last).ToHaveTextAsync($"n {Most + 1}");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(Most);
        await page.GetByRole(AriaRole.Button, new() { Name = "Mensagens anteriores" }).ClickAsync();

        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync("n 1");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(Most + 1);
        await Expect(page.Locator("#older")).ToBeHiddenAsync();
        Assert.Contains($"before={MessageId(2)}", Server.Requests.Last(r => r.Method == "GET").Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_person_reads_further_up_stays_while_new_messages_come()
    {
        var page = await OpenLongAsync();
        await page.Locator("#wall").EvaluateAsync("wall => { wall.scrollTop = 0 }");

        await (await Server.SocketAsync(0)).SendMessageAsync(Numbered(Most + 1), 101);

        await Expect(page.Locator(".msg .text").Last).ToHaveTextAsync($"n {Most + 1}");
        await Expect(page.Locator(".msg .text").First).ToBeInViewportAsync();
        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync("n 1");
    }

    [Fact]
    public async Task A_status_of_a_message_that_went_costs_no_read()
    {
        var page = await OpenLongAsync();
        var socket = await Server.SocketAsync(0);
        await socket.SendMessageAsync(Numbered(Most + 1), 101);
        await Expect(page.Locator(".msg .text").Last).ToHaveTextAsync($"n {Most + 1}");

        await socket.SendStatusAsync(Conversation, MessageId(1), "DELIVERED", 102);
        await socket.SendStatusAsync(Conversation, MessageId(Most + 2), "DELIVERED", 103);

        await Until.TrueAsync(() => Reads.Count > 0, "the message from elsewhere is fetched");
        Assert.Equal([$"/v1/messages/{MessageId(Most + 2)}"], Reads);
        await Expect(page.Locator(".msg")).ToHaveCountAsync(Most);
    }

    [Fact]
    public async Task A_long_time_away_costs_the_pages_and_no_read_of_a_message()
    {
        const int Missed = 1000;
        var missed = false;
        var page = await OpenLongAsync(request => missed ? PageOf(request, Most + Missed, 100) : null);
        Server.Answer = (socket, frame) => (string?)frame["type"] == "subscribe"
            ? socket.SendSubscribedAsync(Conversation, 5000, recovered: false)
            : socket.AnswerAsync(frame);
        missed = true;
        (await Server.SocketAsync(0)).Abort();

        await Expect(page.Locator("#log").GetByText("resync")).ToBeVisibleAsync();
        await Expect(page.Locator(".msg .text").Last).ToHaveTextAsync($"n {Most + Missed}");
        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync($"n {Missed + 1}");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(Most);
        await SendAsync(page, "Olá");
        Assert.Empty(Reads);
    }

    [Fact]
    public async Task A_conversation_that_could_not_be_loaded_is_not_called_empty_and_is_loaded_later()
    {
        var asked = new TaskCompletionSource();
        var away = true;
        Server.Rest = async request =>
        {
            if (request is not { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" }) return await AnswerAsync(request);
            await asked.Task;
            return away ? Results.Problem("lotado", statusCode: 503) : FakeServer.Page([Item(MessageId(1), "um", "READ")], 100);
        };
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        await Expect(page.Locator("#empty")).ToBeHiddenAsync();

        asked.SetResult();
        await Expect(page.Locator("#empty")).ToContainTextAsync("A conversa não pôde ser carregada");
        away = false;
        await page.Clock.FastForwardAsync(31_000);

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["um"]);
        await Expect(page.Locator("#empty")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData(50)]
    [InlineData(60)]
    [InlineData(600)]
    public async Task Connected_again_after_more_than_a_page_the_list_begins_with_the_page(int missed)
    {
        var count = Most;
        var page = await OpenLongAsync(request => count > Most ? PageOf(request, count, 50) : null);
        await DisconnectAsync(page);
        count += missed;

        await ConnectAsync(page);

        await Expect(page.Locator(".msg .text").Last).ToHaveTextAsync($"n {count}");
        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync($"n {count - 49}");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(50);
        await page.GetByRole(AriaRole.Button, new() { Name = "Mensagens anteriores" }).ClickAsync();
        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync($"n {count - 99}");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(49)]
    public async Task Connected_again_after_less_than_a_page_the_list_goes_on_and_its_oldest_can_be_loaded(int missed)
    {
        var count = 0;
        var page = await OpenLongAsync(request => count > 0 ? PageOf(request, count, 50) : null);
        await DisconnectAsync(page);
        count = Most + missed;

        await ConnectAsync(page);

        await Expect(page.Locator(".msg .text").Last).ToHaveTextAsync($"n {count}");
        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync($"n {missed + 1}");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(Most);
        if (missed == 0) return;
        await page.GetByRole(AriaRole.Button, new() { Name = "Mensagens anteriores" }).ClickAsync();
        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync("n 1");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(count);
    }

    [Fact]
    public async Task What_is_sent_while_disconnected_does_not_hide_that_more_than_a_page_was_missed()
    {
        const int Now = Most + 60;
        var count = Most;
        var page = await OpenLongAsync(request => count > Most ? PageOf(request, count, 50) : null);
        await DisconnectAsync(page);
        count = Now;
        var rest = Server.Rest;
        Server.Rest = request => request is { Method: "POST", Path: "/v1/messages" }
            ? Task.FromResult(Results.Json(
                new { messageId = MessageId(Now), conversationId = Conversation, timestamp = DateTimeOffset.UtcNow }, statusCode: 202))
            : request.Path == $"/v1/messages/{MessageId(Now)}" ? Task.FromResult(Results.Json(Numbered(Now))) : rest(request);
        await page.Locator("#text").FillAsync($"n {Now}");
        await page.Locator("#text").PressAsync("Enter");
        await Expect(page.Locator(".msg").Last).Not.ToHaveClassAsync(new Regex("unsent"));
        await page.Locator(".ticks").Last.ClickAsync(); // so that its place is known
        await Expect(page.Locator(".msg").Last).ToHaveAttributeAsync("data-status", "SENT");

        await ConnectAsync(page);

        await Expect(page.Locator(".msg .text").First).ToHaveTextAsync($"n {Now - 49}");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(50);
    }

    [Fact]
    public async Task A_first_page_that_hangs_says_nothing_once_another_is_there()
    {
        var hangs = new TaskCompletionSource();
        HoldFirstPage(hangs.Task);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Until.TrueAsync(() => Pages == 1, "the page is asked for");
        (await Server.SocketAsync(0)).Abort();
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["n 1", "n 2"]);

        await page.Clock.FastForwardAsync(16_000);

        await (await Server.SocketAsync(1)).SendMessageAsync(Numbered(3), 101);
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["n 1", "n 2", "n 3"]);
        await Expect(page.Locator("#empty")).ToBeHiddenAsync();
        await Expect(page.Locator("#log").GetByText("não pôde ser carregada")).ToHaveCountAsync(0);
        hangs.SetResult();
    }

    [Fact]
    public async Task A_page_from_before_the_subscription_is_not_taken_for_one_after_it()
    {
        var hangs = new TaskCompletionSource();
        HoldFirstPage(hangs.Task);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Until.TrueAsync(() => Pages == 1, "the page is asked for");
        await DisconnectAsync(page);
        Server.Answer = (_, _) => Task.CompletedTask;
        await ConnectAsync(page);
        await (await Server.SocketAsync(1)).ReceivedAsync("subscribe");

        await page.RunAndWaitForRequestFinishedAsync(
            () => Task.FromResult(hangs.TrySetResult()),
            new() { Predicate = r => r.Url.EndsWith($"{Conversation}/messages", StringComparison.Ordinal) });
        await Server.Sockets[1].SendSubscribedAsync(Conversation, 100);

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["n 1", "n 2"]);
        Assert.Equal(2, Pages);
    }

    [Fact]
    public async Task Without_a_connection_the_first_page_is_not_asked_for_again()
    {
        var away = true;
        Server.Rest = request => request is { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" }
            ? Task.FromResult(away ? Results.Problem("lotado", statusCode: 503) : PageOf(request, 1, 50))
            : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#empty")).ToContainTextAsync("A página tenta de novo daqui a pouco.");
        await DisconnectAsync(page);
        await Expect(page.Locator("#empty")).ToHaveTextAsync("A conversa não pôde ser carregada");
        var asked = Pages;

        await page.Clock.FastForwardAsync(31_000);
        away = false;
        Server.Answer = (_, _) => Task.CompletedTask;
        await ConnectAsync(page);
        await (await Server.SocketAsync(1)).ReceivedAsync("subscribe");
        await page.Clock.FastForwardAsync(5_000);
        await Server.Sockets[1].SendSubscribedAsync(Conversation, 100);

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["n 1"]);
        Assert.Equal(asked + 1, Pages);
    }

    [Fact]
    public async Task From_midnight_on_the_times_of_the_day_before_have_their_date()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await SendAsync(page, "Olá");
        await Expect(page.Locator(".msg time")).ToHaveTextAsync(new Regex(@"^\d\d:\d\d$"));

        await page.Clock.FastForwardAsync("24:00:00");

        await Expect(page.Locator(".msg time")).ToHaveTextAsync(new Regex(@"^\d\d/\d\d,? \d\d:\d\d$"));
    }

    [Fact]
    public async Task What_the_person_writes_is_not_read_while_another_part_of_the_page_is_shown()
    {
        var page = await OpenAsync($"?conversa={Conversation}", new() { ViewportSize = new() { Width = 390, Height = 844 } });
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Eventos" }).ClickAsync();

        await (await Server.SocketAsync(0)).SendMessageAsync(At(10, Inbound(MessageId(5), "Preciso de ajuda")), 101);

        await Expect(page.Locator("#announcer")).ToHaveTextAsync("O cliente escreveu: “Preciso de ajuda”.");
        Assert.Equal(0, Signals("read"));
        await page.GetByRole(AriaRole.Tab, new() { Name = "Conversa" }).ClickAsync();
        await Until.TrueAsync(() => Signals("read") == 1, "it is marked as read");
    }

    [Fact]
    public async Task What_the_person_writes_is_not_read_before_it_is_scrolled_to()
    {
        var page = await OpenLongAsync();
        await page.Locator("#wall").EvaluateAsync("wall => { wall.scrollTop = 0 }");

        await (await Server.SocketAsync(0)).SendMessageAsync(At(Most + 1, Inbound(MessageId(Most + 1), "Preciso de ajuda")), 101);

        await Expect(page.Locator("#announcer")).ToHaveTextAsync("O cliente escreveu: “Preciso de ajuda”.");
        Assert.Equal(0, Signals("read"));
        await page.Locator("#wall").EvaluateAsync("wall => { wall.scrollTop = wall.scrollHeight }");
        await Until.TrueAsync(() => Signals("read") == 1, "it is marked as read");
    }

    [Fact]
    public async Task A_picture_is_let_go_once_it_is_shown()
    {
        var item = At(10, Inbound(MessageId(5), ""));
        item["type"] = "image";
        item["content"] = new JsonObject { ["midia"] = new JsonObject { ["id"] = "1", ["nomeArquivo"] = "foto.gif" } };
        var picture = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");
        Server.Rest = request => request switch
        {
            { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" } => Task.FromResult(FakeServer.Page([item], 100)),
            _ when request.Path.EndsWith("/media", StringComparison.Ordinal) => Task.FromResult(Results.Bytes(picture, "image/gif")),
            _ => AnswerAsync(request),
        };
        var page = await OpenAsync($"?conversa={Conversation}");
        await page.GetByRole(AriaRole.Button, new() { Name = "foto.gif" }).ClickAsync();
        var image = page.Locator(".msg img");
        await Expect(image).ToHaveJSPropertyAsync("complete", true);
        var source = await image.GetAttributeAsync("src");

        await page.Clock.FastForwardAsync(61_000);

        Assert.False(await page.EvaluateAsync<bool>("url => fetch(url).then(() => true, () => false)", source));
        await Expect(image).ToHaveJSPropertyAsync("naturalWidth", 1);
    }

    private int Pages => Server.Requests.Count(r => r is { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" });

    private static async Task DisconnectAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Desconectar" }).ClickAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Desconectado");
    }

    private static async Task ConnectAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Conectar", Exact = true }).ClickAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");
    }

    /// <summary>The first page that is asked for comes late, as the conversation was; others at once, with what is there by now.</summary>
    private void HoldFirstPage(Task late) => Server.Rest = async request =>
    {
        if (request is not { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" }) return await AnswerAsync(request);
        if (Pages > 1) return PageOf(request, 2, 50);
        await late;
        return PageOf(request, 1, 50);
    };

    private static JsonObject Numbered(int number) => At(number, Item(MessageId(number), $"n {number}", "SENT"));

    /// <summary>The page of the conversation, of so many messages, that a request asks for.</summary>
    private static IResult PageOf(FakeRequest request, int count, int limit)
    {
        var before = Regex.Match(request.Query, "before=[0-9a-f-]*?([0-9]+)$");
        var newest = before.Success ? int.Parse(before.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) - 1 : count;
        var items = Enumerable.Range(0, Math.Min(limit, newest)).Select(i => Numbered(newest - i)).ToList();
        return FakeServer.Page(items, 5000, newest > limit ? MessageId(newest - limit + 1) : null);
    }

    /// <summary>The page on a conversation of as many messages as it keeps.</summary>
    private async Task<IPage> OpenLongAsync(Func<FakeRequest, IResult?>? otherwise = null)
    {
        Server.Rest = request => request is { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" }
            ? Task.FromResult(otherwise?.Invoke(request) ?? PageOf(request, Most, Most))
            : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(Most);
        return page;
    }
}
