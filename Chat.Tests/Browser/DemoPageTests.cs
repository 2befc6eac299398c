using System.Text.Json.Nodes;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.Browser;

/// <summary>What a person sees of the demo page, whatever the server does.</summary>
public sealed class DemoPageTests(Chromium chromium) : DemoPageTest(chromium)
{
    [Fact]
    public async Task Served_by_the_API_it_is_signed_in_and_subscribed_without_a_click()
    {
        var page = await OpenAsync($"?conversa={Conversation.ToUpperInvariant()}");

        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");
        await Expect(page.Locator("#chat-sub")).ToHaveTextAsync($"Inscrito em {Conversation}");
        var frame = await (await Server.SocketAsync(0)).ReceivedAsync("subscribe");
        Assert.Equal(Conversation, (string?)frame["conversationId"]);
    }

    [Fact]
    public async Task Its_ids_are_made_once_and_kept()
    {
        var page = await OpenAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        await page.ReloadAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");

        var minted = Server.Requests.Where(r => r.Path == "/v1/auth/token").Select(r => r.Body!.ToJsonString()).ToList();
        Assert.Equal(2, minted.Count);
        Assert.Single(minted.Distinct());
        var subscribes = Server.Sockets.SelectMany(s => s.ReceivedOf("subscribe")).ToList();
        Assert.Single(subscribes.Select(f => (string?)f["conversationId"]).Distinct());
    }

    [Fact]
    public async Task A_sent_message_has_the_seeds_body_and_its_ticks_follow_the_statuses()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        var socket = await Server.SocketAsync(0);
        var ticks = await SendAsync(page, "Olá, mundo!");
        await Expect(ticks).ToHaveAttributeAsync("data-status", "ACCEPTED");

        var seq = 100L;
        foreach (var status in new[] { "SENT", "DELIVERED", "READ" })
        {
            await socket.SendStatusAsync(Conversation, MessageId(1), status, ++seq);
            await Expect(ticks).ToHaveAttributeAsync("data-status", status);
        }

        await Expect(ticks).ToHaveAccessibleNameAsync("Lida. Detalhes");
        await Expect(page.Locator("#announcer")).ToHaveTextAsync("Mensagem “Olá, mundo!”: lida.");
        var post = Server.Requests.Single(r => r is { Method: "POST", Path: "/v1/messages" });
        var mint = Server.Requests.First(r => r.Path == "/v1/auth/token").Body!;
        Assert.True(JsonNode.DeepEquals(
            new JsonObject
            {
                ["conversaId"] = Conversation,
                ["organizacaoId"] = (string?)mint["organizacaoId"],
                ["usuarioRemetenteId"] = (string?)mint["usuarioId"],
                ["tipo"] = "text",
                ["conteudo"] = new JsonObject { ["texto"] = "Olá, mundo!" },
                ["direcao"] = "outbound",
                ["canal"] = "whatsapp",
            },
            post.Body));
        Assert.True(Guid.TryParse(post.IdempotencyKey, out _));
    }

    [Fact]
    public async Task A_failed_message_says_why_and_can_be_sent_again()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        var ticks = await SendAsync(page, "Olá");
        await (await Server.SocketAsync(0)).SendStatusAsync(Conversation, MessageId(1), "FAILED", 101, "Número inexistente");

        await Expect(ticks).ToHaveAttributeAsync("data-status", "FAILED");
        await Expect(page.Locator(".failed")).ToContainTextAsync("Falhou: Número inexistente");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enviar de novo" }).ClickAsync();
        await Expect(page.Locator(".msg")).ToHaveCountAsync(2);
        await Until.TrueAsync(
            () => Server.Requests.Count(r => r is { Method: "POST", Path: "/v1/messages" }) == 2, "it is sent again");
    }

    [Fact]
    public async Task A_status_that_is_faster_than_the_202_is_not_lost()
    {
        var answer = new TaskCompletionSource();
        Server.Rest = async request =>
        {
            if (request is { Method: "POST", Path: "/v1/messages" }) await answer.Task;
            return await AnswerAsync(request);
        };
        var page = await OpenAsync($"?conversa={Conversation}");
        var socket = await Server.SocketAsync(0);
        await TypeAsync(page, "Olá");
        await Until.TrueAsync(() => Server.Requests.Any(r => r.Path == "/v1/messages"), "it is posted");
        await socket.SendStatusAsync(Conversation, MessageId(1), "SENT", 101);
        await Expect(page.Locator("#log").GetByText("message.status SENT")).ToBeVisibleAsync();
        answer.SetResult();

        await Expect(page.Locator(".ticks")).ToHaveAttributeAsync("data-status", "SENT");
    }

    [Fact]
    public async Task The_details_of_a_message_have_the_facts_that_no_frame_showed()
    {
        var item = Item(MessageId(1), "Olá", "READ");
        item["facts"]!["delivered"] = new JsonObject { ["at"] = "2025-01-15T10:30:09.000Z", ["reason"] = null, ["seq"] = 1 };
        Server.Rest = request => request.Path == $"/v1/messages/{MessageId(1)}"
            ? Task.FromResult(Results.Json(item))
            : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        var ticks = await SendAsync(page, "Olá");
        await (await Server.SocketAsync(0)).SendStatusAsync(Conversation, MessageId(1), "READ", 101);
        await Expect(ticks).ToHaveAttributeAsync("data-status", "READ");

        await ticks.ClickAsync();

        await Expect(page.Locator(".facts dt")).ToHaveTextAsync(["Canal", "Aceita", "Entregue", "Lida"]);
    }

    [Fact]
    public async Task A_message_sent_from_elsewhere_appears_with_its_first_status()
    {
        Server.Rest = request => request.Path == $"/v1/messages/{MessageId(7)}"
            ? Task.FromResult(Results.Json(Item(MessageId(7), "De outro navegador", "SENT")))
            : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");

        await (await Server.SocketAsync(0)).SendStatusAsync(Conversation, MessageId(7), "DELIVERED", 101);

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync("De outro navegador");
        await Expect(page.Locator(".ticks")).ToHaveAttributeAsync("data-status", "DELIVERED");
    }

    [Fact]
    public async Task What_the_person_writes_appears_on_the_left_and_is_marked_as_read()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        var socket = await Server.SocketAsync(0);
        Assert.Equal(2, (await socket.ReceivedAsync("subscribe"))["events"]!.AsArray().Count);

        await socket.SendMessageAsync(At(10, Inbound(MessageId(5), "Preciso de ajuda")), 101);

        await Expect(page.Locator(".msg.in .text")).ToHaveTextAsync("Preciso de ajuda");
        await Expect(page.Locator(".msg.in .ticks")).ToHaveCountAsync(0);
        await Expect(page.Locator("#announcer")).ToHaveTextAsync("O cliente escreveu: “Preciso de ajuda”.");
        await Until.TrueAsync(() => Signals("read") == 1, "it is marked as read");
        await socket.SendMessageAsync(At(10, Inbound(MessageId(5), "Preciso de ajuda")), 102);
        await TypeAsync(page, "Claro");
        await Until.TrueAsync(() => Signals("typing") == 1, "the person sees that somebody writes");
        await Expect(page.Locator(".msg")).ToHaveCountAsync(2);
        Assert.Equal(1, Signals("read"));
    }

    [Fact]
    public async Task What_another_desk_sends_appears_once_and_what_this_page_sends_does_not_come_twice()
    {
        var answer = new TaskCompletionSource();
        Server.Rest = async request =>
        {
            if (request is { Method: "POST", Path: "/v1/messages" }) await answer.Task;
            return await AnswerAsync(request);
        };
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        var socket = await Server.SocketAsync(0);
        await TypeAsync(page, "minha");
        await Until.TrueAsync(() => Server.Requests.Any(r => r.Path == "/v1/messages"), "it is posted");

        // Both faster than the 202, which says which one is the page's own.
        await socket.SendMessageAsync(At(10, Item(MessageId(1), "minha", "SENT")), 101);
        await socket.SendMessageAsync(At(20, Item(MessageId(9), "de outro atendente", "SENT")), 102);
        await Expect(page.Locator("#log").GetByText("message.created outbound")).ToHaveCountAsync(2);
        answer.SetResult();

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["minha", "de outro atendente"]);
        await socket.SendStatusAsync(Conversation, MessageId(9), "DELIVERED", 103);
        await Expect(page.Locator(".ticks").Last).ToHaveAttributeAsync("data-status", "DELIVERED");
    }

    [Fact]
    public async Task A_message_that_is_too_large_for_a_frame_is_fetched()
    {
        var item = At(10, Inbound(MessageId(5), "muito longa"));
        Server.Rest = request => request.Path == $"/v1/messages/{MessageId(5)}"
            ? Task.FromResult(Results.Json(item))
            : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        var frame = (JsonObject)item.DeepClone();
        frame.Remove("content");

        await (await Server.SocketAsync(0)).SendMessageAsync(frame, 101);

        await Expect(page.Locator(".msg.in .text")).ToHaveTextAsync("muito longa");
    }

    [Fact]
    public async Task The_conversation_so_far_is_shown_oldest_first_with_an_older_page_on_request()
    {
        var older = FakeServer.Page([Item(MessageId(1), "um", "READ")], 100);
        var newest = FakeServer.Page(
            [Item(MessageId(3), "três", "SENT"), Item(MessageId(2), "dois", "FAILED", "Bloqueado")], 100, next: MessageId(2));
        Server.Rest = request => request is { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" }
            ? Task.FromResult(request.Query.Contains("before", StringComparison.Ordinal) ? older : newest)
            : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["dois", "três"]);
        await Expect(page.Locator(".failed:visible")).ToContainTextAsync("Bloqueado");

        await page.GetByRole(AriaRole.Button, new() { Name = "Mensagens anteriores" }).ClickAsync();

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["um", "dois", "três"]);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Mensagens anteriores" })).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Messages_stand_in_the_order_of_their_positions_and_a_sent_one_takes_its_place_with_its_first_status()
    {
        var earlier = FakeServer.Page([At(20, Item(MessageId(8), "dois", "SENT")), At(10, Item(MessageId(9), "um", "READ"))], 100);
        Server.Rest = request => request switch
        {
            { Method: "GET", Path: $"/v1/conversations/{Conversation}/messages" } => Task.FromResult(earlier),
            { Path: var path } when path == $"/v1/messages/{MessageId(1)}" =>
                Task.FromResult(Results.Json(At(30, Item(MessageId(1), "três", "SENT")))),
            { Path: var path } when path == $"/v1/messages/{MessageId(7)}" =>
                Task.FromResult(Results.Json(At(40, Item(MessageId(7), "quatro", "SENT")))),
            _ => AnswerAsync(request),
        };
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["um", "dois"]);
        var socket = await Server.SocketAsync(0);
        await SendAsync(page, "três");
        await socket.SendStatusAsync(Conversation, MessageId(7), "SENT", 101);
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["um", "dois", "quatro", "três"]);

        await socket.SendStatusAsync(Conversation, MessageId(1), "SENT", 102);

        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(["um", "dois", "três", "quatro"]);
    }

    [Fact]
    public async Task What_people_write_is_text_and_never_markup()
    {
        const string Attack = "<img src=x onerror=\"window.pwned=1\"><b>oi</b>";
        var page = await OpenAsync($"?conversa={Conversation}");
        await SendAsync(page, Attack);
        await (await Server.SocketAsync(0)).SendStatusAsync(Conversation, MessageId(1), "FAILED", 101, Attack);

        await Expect(page.Locator(".failed")).ToContainTextAsync(Attack);
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync(Attack);
        Assert.Equal(0, await page.Locator(".msg img, .msg b, .log img").CountAsync());
        Assert.Null(await page.EvaluateAsync<int?>("window.pwned ?? null"));
    }

    [Fact]
    public async Task It_says_what_a_channel_does_not_report()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#truth")).ToHaveTextAsync("O WhatsApp informa envio, entrega e leitura.");

        await page.GetByRole(AriaRole.Radio, new() { Name = "Instagram" }).CheckAsync(new() { Force = true });

        await Expect(page.Locator("#truth")).ToContainTextAsync("O Instagram não informa a entrega");
        await SendAsync(page, "Olá");
        Assert.Equal("instagram", (string?)Server.Requests.Last(r => r.Method == "POST").Body!["canal"]);
        await page.Locator(".ticks").ClickAsync();
        await Expect(page.Locator(".facts")).ToContainTextAsync("O Instagram não informa");
    }

    [Fact]
    public async Task A_lost_connection_is_seen_and_comes_back_by_a_click()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");
        // Its own next attempt never comes: the clock stands.
        await page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        (await Server.SocketAsync(0)).Abort();

        await Expect(page.Locator("#state")).ToHaveTextAsync("Reconectando…");
        await Expect(page.Locator("#banner")).ToContainTextAsync("Sem conexão.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tentar agora" }).ClickAsync();

        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");
        await Expect(page.Locator("#banner")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_connection_that_theServer_ended_says_so_and_waits_for_a_person()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");

        await (await Server.SocketAsync(0)).CloseAsync(4509, "frame too big");

        await Expect(page.Locator("#state")).ToHaveTextAsync("Recusado");
        await Expect(page.Locator("#banner")).ToContainTextAsync("4509: frame too big");
    }

    [Fact]
    public async Task English_is_one_click_away_and_the_choice_is_kept()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "pt-BR");

        await page.GetByRole(AriaRole.Button, new() { Name = "English" }).ClickAsync();

        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Connected");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Events" })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Português" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task No_word_is_missing_in_either_language()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        foreach (var language in new[] { "pt-BR", "en" })
        {
            await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", language);
            var empty = await page.EvaluateAsync<string[]>(
                """
                () => [...document.querySelectorAll('[data-i18n]')]
                  .filter(e => !e.textContent || e.textContent === 'undefined').map(e => e.dataset.i18n)
                """);
            Assert.Empty(empty);
            Assert.DoesNotContain("undefined", await page.Locator("body").InnerTextAsync(), StringComparison.Ordinal);
            await page.Locator("#language").ClickAsync();
        }
    }

    [Fact]
    public async Task Everything_can_be_done_from_the_keyboard()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#chat-sub")).ToContainTextAsync("Inscrito");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#text")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Pelo teclado");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.TypeAsync("em duas linhas");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".msg .text")).ToHaveTextAsync("Pelo teclado\nem duas linhas");
        await Expect(page.Locator("#text")).ToHaveValueAsync("");

        await page.Locator("#wall").FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".ticks")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".facts")).ToBeVisibleAsync();
        var unnamed = await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('button, input, textarea, summary')].filter(e =>
              !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map(e => e.outerHTML)
            """);
        Assert.Empty(unnamed);
    }

    [Fact]
    public async Task A_token_in_the_address_is_not_used_and_does_not_stay_there()
    {
        var page = await OpenAsync($"?conversa={Conversation}&token=secret-1&access_token=secret-2");
        await Server.SocketAsync(0);

        Assert.DoesNotContain("secret", page.Url, StringComparison.Ordinal);
        Assert.Contains(Conversation, page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(Server.Upgrades, token => token.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_token_is_shown_or_kept()
    {
        var page = await OpenAsync($"?conversa={Conversation}");
        await SendAsync(page, "Olá");
        var token = Server.Upgrades[0];

        Assert.DoesNotContain(token, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(token, await page.EvaluateAsync<string>("JSON.stringify(localStorage)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_tokens_are_issued_it_asks_for_one_and_connects_with_it()
    {
        Server.Rest = request => request.Path == "/v1/auth/token" ? Task.FromResult(Results.NotFound()) : AnswerAsync(request);
        var page = await OpenAsync($"?conversa={Conversation}");
        await Expect(page.Locator("#connect-error")).ToContainTextAsync("cole um token JWT");
        Assert.Empty(Server.Upgrades);

        var token = Jwt();
        await page.GetByLabel("Token JWT").FillAsync(token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Conectado");
        await SendAsync(page, "Olá");

        Assert.Equal(token, Server.Upgrades[0]);
        Assert.Equal(Organization, (string?)Server.Requests.Last(r => r.Method == "POST").Body!["organizacaoId"]);
    }

    [Theory]
    [InlineData("http:")]
    [InlineData("ws:")]
    public async Task Opened_as_a_file_it_works_with_a_pasted_token(string scheme)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(new Uri(Path.Combine(AppContext.BaseDirectory, "frontend-example", "demo.html")).AbsoluteUri);
        await Expect(page.GetByLabel("Servidor", new() { Exact = true })).ToHaveValueAsync("http://localhost:5000");

        var server = Server.Url.Replace("http:", scheme, StringComparison.Ordinal) + "/";
        await page.GetByLabel("Servidor", new() { Exact = true }).FillAsync(server);
        await page.GetByLabel("Token JWT").FillAsync(Jwt());
        await page.GetByRole(AriaRole.Button, new() { Name = "Conectar", Exact = true }).ClickAsync();
        await page.GetByLabel("Id da conversa").FillAsync(Conversation);
        await page.GetByRole(AriaRole.Button, new() { Name = "Inscrever" }).ClickAsync();

        await Expect(page.Locator("#chat-sub")).ToHaveTextAsync($"Inscrito em {Conversation}");
        await SendAsync(page, "De um arquivo");
    }

    [Theory]
    [InlineData(360, 640)]
    [InlineData(390, 844)]
    [InlineData(844, 390)]
    public async Task On_a_phone_nothing_sticks_out_and_every_part_is_a_tap_away(int width, int height)
    {
        var page = await OpenAsync(
            $"?conversa={Conversation}",
            new() { ViewportSize = new() { Width = width, Height = height }, IsMobile = true, HasTouch = true });
        await SendAsync(page, "Uma mensagem que não cabe numa linha só, e uma palavra sem fim: " + new string('x', 120));
        var tabs = page.GetByRole(AriaRole.Tab);
        var views = width < 780 ? 3 : 1;
        for (var view = 0; view < views; view++)
        {
            if (views > 1) await tabs.Nth(view).TapAsync();
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        }
        if (views > 1) await tabs.Nth(0).TapAsync();
        await Expect(page.Locator("#send")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task A_conversation_of_somebody_else_is_left_with_theServers_words()
    {
        Server.Answer = static (socket, frame) => socket.SendForbiddenAsync((string)frame["conversationId"]!);
        var page = await OpenAsync($"?conversa={Conversation}");

        await Expect(page.Locator("#conversation-error")).ToHaveTextAsync("conversa de outra organização");
        await Expect(page.Locator("#chat-sub")).ToHaveTextAsync("Nenhuma conversa inscrita");
    }
}
