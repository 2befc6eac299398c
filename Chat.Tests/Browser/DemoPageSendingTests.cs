using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Chat.Tests.Graph.Until;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>What becomes of a message that the demo page sends: that it fails, hangs, or is sent again.</summary>
public sealed class DemoPageSendingTests(Chromium chromium) : DemoPageTest(chromium)
{
    private readonly TaskCompletionSource _answer = new();

    private List<FakeRequest> Posts => [.. Server.Requests.Where(r => r is { Method: "POST", Path: "/v1/messages" })];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_template_that_failed_is_sent_again_as_it_is_stored_and_once(bool personHasWritten)
    {
        var template = new JsonObject
        {
            ["modelo"] = new JsonObject { ["nome"] = "pedido_enviado", ["idioma"] = "pt_BR" },
            ["respostaA"] = MessageId(8),
        };
        var failed = At(10, Item(MessageId(9), "", "FAILED", "Bloqueado"));
        failed["type"] = "template";
        failed["content"] = template.DeepClone();
        failed["channel"] = "instagram";
        Server.Rest = request => request is { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" }
            ? Task.FromResult(FakeServer.Page(personHasWritten ? [failed, At(9, Inbound(MessageId(8), "Olá"))] : [failed], 100))
            : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        await page.Locator("#recipient").EvaluateAsync("input => { input.value = '+5511999990000' }");

        await page.GetByRole(AriaRole.Button, new() { Name = "Enviar de novo" })
            .EvaluateAsync("button => { button.click(); button.click(); }");

        await Expect(page.Locator(".msg:not(.in)")).ToHaveCountAsync(2);
        await TrueAsync(() => Posts.Count > 0, "it is sent again");
        var mint = Server.Requests.First(r => r.Path == "/v1/auth/token").Body!;
        var posted = new JsonObject
        {
            ["conversaId"] = Conversation,
            ["organizacaoId"] = (string?)mint["organizacaoId"],
            ["usuarioRemetenteId"] = (string?)mint["usuarioId"],
            ["tipo"] = "template",
            ["conteudo"] = template,
            ["direcao"] = "outbound",
            ["canal"] = "instagram",
        };
        // The conversation has a recipient once the person has written.
        if (!personHasWritten) posted["destinatario"] = "+5511999990000";
        Assert.True(JsonNode.DeepEquals(posted, Assert.Single(Posts).Body));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Enviar de novo" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_is_sent_again_goes_where_it_went_before()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await page.Locator("#recipient").EvaluateAsync("input => { input.value = '+5511999990000' }");
        await SendAsync(page, "Olá");
        await (await Server.SocketAsync(0)).SendStatusAsync(Conversation, MessageId(1), "FAILED", 101, "Bloqueado");
        await page.Locator("#recipient").EvaluateAsync("input => { input.value = '+5511888880000' }");

        await page.GetByRole(AriaRole.Button, new() { Name = "Enviar de novo" }).ClickAsync();

        await TrueAsync(() => Posts.Count == 2, "it is sent again");
        Assert.Equal("+5511999990000", (string?)Posts[1].Body!["destinatario"]);
        Assert.NotEqual(Posts[0].IdempotencyKey, Posts[1].IdempotencyKey);
    }

    [Fact]
    public async Task A_retry_is_the_same_post_whatever_the_fields_hold_by_then()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        RefusePosts();
        await page.Locator("#recipient").EvaluateAsync("input => { input.value = '+5511999990000' }");
        await TypeAsync(page, "Olá");
        await Expect(page.Locator(".failed")).ToContainTextAsync("Não enviada: lotado");
        await page.Locator("#recipient").EvaluateAsync("input => { input.value = '+5511888880000' }");
        Server.Rest = AnswerAsync;

        await page.GetByRole(AriaRole.Button, new() { Name = "Tentar de novo" }).ClickAsync();

        await Expect(page.Locator(".msg.unsent")).ToHaveCountAsync(0);
        Assert.Equal(2, Posts.Count);
        Assert.Equal(Posts[0].IdempotencyKey, Posts[1].IdempotencyKey);
        Assert.True(JsonNode.DeepEquals(Posts[0].Body, Posts[1].Body));
    }

    [Fact]
    public async Task A_message_of_the_conversation_that_was_left_is_not_shown_in_the_next()
    {
        HoldPosts();
        var page = await OpenAsync($"?conversa={Conversation}");
        await TypeAsync(page, "minha");
        await TrueAsync(() => Posts.Count == 1, "it is posted");
        var socket = await Server.SocketAsync(0);
        await socket.SendMessageAsync(At(20, Item(MessageId(9), "da primeira", "SENT")), 101);
        await Expect(page.Locator("#log").GetByText("message.created outbound")).ToBeVisibleAsync();
        await WatchAsync(page, Another);

        var answered = await page.RunAndWaitForRequestFinishedAsync(
            () => Task.FromResult(_answer.TrySetResult()),
            new() { Predicate = r => r.Method == "POST" && r.Url.EndsWith("/messages", StringComparison.Ordinal) });
        Assert.NotNull(answered);

        var item = At(30, FakeServer.Item(Another, MessageId(11), "da segunda", "SENT"));
        await socket.SendMessageAsync(item, 102);
        await Expect(page.Locator(".msg .text").Last).ToHaveTextAsync("da segunda");
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["da segunda"]);
    }

    [Fact]
    public async Task What_could_not_be_sent_is_there_again_after_another_conversation()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        RefusePosts();
        await TypeAsync(page, "não se perde");
        await Expect(page.Locator(".failed")).ToContainTextAsync("lotado");
        await WatchAsync(page, Another);
        await Expect(page.Locator(".msg")).ToHaveCountAsync(0);
        Server.Rest = AnswerAsync;

        await WatchAsync(page, Conversation);

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["não se perde"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Tentar de novo" }).ClickAsync();
        await Expect(page.Locator(".msg.unsent")).ToHaveCountAsync(0);
        Assert.Equal([Conversation, Conversation], Posts.Select(p => (string?)p.Body!["conversaId"]));
        Assert.Single(Posts.Select(p => p.IdempotencyKey).Distinct());
    }

    [Fact]
    public async Task What_could_not_be_sent_comes_back_in_the_pages_language()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        RefusePosts();
        await TypeAsync(page, "Olá");
        await Expect(page.Locator(".failed")).ToContainTextAsync("lotado");
        await WatchAsync(page, Another);
        await page.GetByRole(AriaRole.Button, new() { Name = "English" }).ClickAsync();

        await page.Locator("#conversation").FillAsync(Conversation);
        await page.Locator("#conversation").PressAsync("Enter");

        await Expect(page.Locator(".failed")).ToContainTextAsync("Not sent: lotado");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        await Expect(page.Locator(".ticks")).ToHaveAttributeAsync("aria-label", "Not sent. Details");
    }

    [Fact]
    public async Task What_is_under_way_while_the_conversation_is_left_and_comes_back_is_shown_once()
    {
        HoldPosts();
        var page = await OpenAsync($"?conversa={Conversation}");
        await TypeAsync(page, "minha");
        await TrueAsync(() => Posts.Count == 1, "it is posted");
        await WatchAsync(page, Another);
        await WatchAsync(page, Conversation);
        await Expect(page.Locator(".msg.unsent .text")).ToHaveTextAsync(["minha"]);

        await (await Server.SocketAsync(0)).SendMessageAsync(At(10, Item(MessageId(1), "minha", "SENT")), 101);
        await Expect(page.Locator("#log").GetByText("message.created outbound")).ToBeVisibleAsync();
        _answer.SetResult();

        await Expect(page.Locator(".msg.unsent")).ToHaveCountAsync(0);
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["minha"]);
    }

    [Fact]
    public async Task A_post_that_hangs_ends_and_what_others_sent_meanwhile_appears()
    {
        HoldPosts();
        var page = await OpenAsync($"?conversa={Conversation}");
        await TypeAsync(page, "minha");
        await TrueAsync(() => Posts.Count == 1, "it is posted");
        await (await Server.SocketAsync(0)).SendMessageAsync(At(20, Item(MessageId(9), "de outro atendente", "SENT")), 101);
        await Expect(page.Locator("#log").GetByText("message.created outbound")).ToBeVisibleAsync();

        await page.Clock.FastForwardAsync(16_000);

        await Expect(page.Locator(".failed:visible")).ToContainTextAsync("Não enviada: O servidor não respondeu.");
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["de outro atendente", "minha"]);
        Server.Rest = AnswerAsync;
        await page.GetByRole(AriaRole.Button, new() { Name = "Tentar de novo" }).ClickAsync();
        await Expect(page.Locator(".msg.unsent")).ToHaveCountAsync(0);
        Assert.Equal(Posts[0].IdempotencyKey, Posts[1].IdempotencyKey);
        _answer.SetResult();
    }

    [Fact]
    public async Task What_the_server_says_is_in_the_pages_language()
    {
        var page = await OpenAsync($"?conversa={Conversation}", new() { Locale = "de-DE" });
        await SendAsync(page, "Olá");
        Assert.All(Server.Requests, r => Assert.Equal("pt-BR", r.Language));

        await page.GetByRole(AriaRole.Button, new() { Name = "English" }).ClickAsync();
        await page.Locator("#text").FillAsync("Hello");
        await page.Locator("#text").PressAsync("Enter");

        await TrueAsync(() => Posts.Count == 2, "it is posted");
        Assert.Equal("en", Posts[1].Language);
    }

    [Fact]
    public async Task A_failed_send_is_announced_and_the_focus_stays_with_the_message()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        RefusePosts();
        await TypeAsync(page, "Olá");
        await Expect(page.Locator("#announcer")).ToHaveTextAsync("Mensagem “Olá”: não enviada.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tentar de novo" }).FocusAsync();
        Server.Rest = AnswerAsync;

        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator(".msg.unsent")).ToHaveCountAsync(0);
        await Expect(page.Locator(".ticks")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_button_that_is_focused_is_not_made_again()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await SendAsync(page, "Olá");
        var socket = await Server.SocketAsync(0);
        await socket.SendStatusAsync(Conversation, MessageId(1), "FAILED", 101);
        var again = page.GetByRole(AriaRole.Button, new() { Name = "Enviar de novo" });
        await again.FocusAsync();

        await socket.SendStatusAsync(Conversation, MessageId(1), "FAILED", 102, "Número inexistente");

        await Expect(page.Locator(".failed")).ToContainTextAsync("Número inexistente");
        await Expect(again).ToBeFocusedAsync();
    }

    private void HoldPosts() => Server.Rest = async request =>
    {
        if (request is { Method: "POST", Path: "/v1/messages" }) await _answer.Task;
        return await AnswerAsync(request);
    };

    private void RefusePosts() => Server.Rest = request => request is { Method: "POST", Path: "/v1/messages" }
        ? Task.FromResult(Results.Problem("lotado", statusCode: 503))
        : AnswerAsync(request);
}
