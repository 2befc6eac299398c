using System.Net;
using System.Text.Json;
using Chat.Tests.Graph;

namespace Chat.Tests.Channels;

/// <summary>What the phone does shows at the desk, and the reverse, over real HTTP on the embedded engines.</summary>
public sealed class DeskAndPhoneTests(DeskAndPhone both) : IClassFixture<DeskAndPhone>, IAsyncLifetime
{
    private readonly Guid _conversation = Guid.NewGuid();

    public async ValueTask InitializeAsync()
    {
        await both.DoAsync("power", new { isOn = true });
        await both.DoAsync("close");
        foreach (var channel in new[] { DeskAndPhone.WhatsApp, DeskAndPhone.Instagram })
        {
            await both.DoAsync($"{DeskAndPhone.ChatOf(channel)}/block", new { isBlocked = false });
            await both.DoAsync($"{DeskAndPhone.ChatOf(channel)}/wrote", new { secondsAgo = 1 });
        }
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task On_WhatsApp_the_ticks_follow_the_phone()
    {
        await both.DoAsync("power", new { isOn = false });
        var first = await both.WriteAsync(_conversation, "Seu pedido saiu 📦", DeskAndPhone.WhatsApp);
        await both.Desk.WaitForStatusAsync(first, "SENT");
        Assert.DoesNotContain(await both.OnPhoneAsync(DeskAndPhone.WhatsApp), m => m.Text("text") == "Seu pedido saiu 📦");

        await both.DoAsync("power", new { isOn = true });
        await both.Desk.WaitForStatusAsync(first, "DELIVERED");

        await both.DoAsync($"{DeskAndPhone.ChatOf(DeskAndPhone.WhatsApp)}/open");
        await both.Desk.WaitForStatusAsync(first, "READ");
        var second = await both.WriteAsync(_conversation, "Chega na quinta", DeskAndPhone.WhatsApp);
        await both.Desk.WaitForStatusAsync(second, "READ");

        await both.DoAsync("close");
        var third = await both.WriteAsync(_conversation, "Posso ajudar?", DeskAndPhone.WhatsApp);
        await both.Desk.WaitForStatusAsync(third, "DELIVERED");
        Assert.Equal("DELIVERED", (await both.Desk.GetAsync($"/v1/messages/{third:D}")).Text("status"));
    }

    [Fact]
    public async Task A_blocked_desk_sees_FAILED_with_the_providers_code()
    {
        await both.DoAsync($"{DeskAndPhone.ChatOf(DeskAndPhone.WhatsApp)}/block", new { isBlocked = true });
        var message = await both.WriteAsync(_conversation, "Olá?", DeskAndPhone.WhatsApp);

        await both.Desk.WaitForStatusAsync(message, "FAILED");

        Assert.Contains("131026", (await both.Desk.GetAsync($"/v1/messages/{message:D}")).Text("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_the_window_it_is_FAILED_and_says_so()
    {
        await both.DoAsync($"{DeskAndPhone.ChatOf(DeskAndPhone.WhatsApp)}/wrote", new { secondsAgo = 90_000 });
        var message = await both.WriteAsync(_conversation, "Olá?", DeskAndPhone.WhatsApp);

        await both.Desk.WaitForStatusAsync(message, "FAILED");

        Assert.Contains("131047", (await both.Desk.GetAsync($"/v1/messages/{message:D}")).Text("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_Instagram_a_message_is_sent_and_then_read_and_never_delivered()
    {
        var text = $"Oi {Guid.NewGuid():N}";
        var message = await both.WriteAsync(_conversation, text, DeskAndPhone.Instagram);
        await both.Desk.WaitForStatusAsync(message, "SENT");
        await both.WaitForTextAsync(DeskAndPhone.Instagram, text);

        await both.DoAsync($"{DeskAndPhone.ChatOf(DeskAndPhone.Instagram)}/open");
        await both.Desk.WaitForStatusAsync(message, "READ");

        var facts = (await both.Desk.GetAsync($"/v1/messages/{message:D}")).GetProperty("facts");
        Assert.Equal(JsonValueKind.Null, facts.GetProperty("delivered").ValueKind);
    }

    [Theory]
    [InlineData(DeskAndPhone.WhatsApp)]
    [InlineData(DeskAndPhone.Instagram)]
    public async Task What_the_person_answers_comes_into_the_desks_conversation_once(string channel)
    {
        // Who has a conversation with the person already, it stays.
        var conversation = await ConversationWithPersonAsync(channel);
        var text = $"Obrigada 🙏 a/b {Guid.NewGuid():N}";
        await both.ControlAsync(HttpMethod.Put, "faults", new { duplicates = 1, redeliveries = 1, disorder = 0.5 });
        try
        {
            await both.DoAsync($"{DeskAndPhone.ChatOf(channel)}/messages", new { text });

            var inbound = await both.WaitForMessageAsync(conversation, m => TextOf(m) == text, "the answer is in the conversation");

            Assert.Equal(("inbound", channel), (inbound.Text("direction"), inbound.Text("channel")));
            await Until.TrueAsync(
                async () => (await both.AskAsync("")).GetProperty("waiting").GetInt32() == 0, "every copy of it was taken");
            var last = $"last {Guid.NewGuid():N}";
            await both.DoAsync($"{DeskAndPhone.ChatOf(channel)}/messages", new { text = last });
            await both.WaitForMessageAsync(conversation, m => TextOf(m) == last, "what came after it is in the conversation");
            var page = await both.Desk.GetAsync($"/v1/conversations/{conversation:D}/messages?limit=200");
            Assert.Single(page.GetProperty("items").EnumerateArray(), m => TextOf(m) == text);
        }
        finally
        {
            await both.ControlAsync(HttpMethod.Put, "faults", new { });
        }
    }

    [Theory]
    [InlineData(DeskAndPhone.WhatsApp)]
    [InlineData(DeskAndPhone.Instagram)]
    public async Task Each_time_that_the_person_edits_a_message_the_desk_sees_it(string channel)
    {
        var conversation = await ConversationWithPersonAsync(channel);
        var text = $"Rua 1 {Guid.NewGuid():N}";
        await both.DoAsync($"{DeskAndPhone.ChatOf(channel)}/messages", new { text });
        var messageId = (await both.OnPhoneAsync(channel)).Single(m => m.Text("text") == text).Text("id");
        foreach (var edited in new[] { $"{text}, casa 2", $"{text}, casa 3" })
        {
            await both.DoAsync($"{DeskAndPhone.ChatOf(channel)}/edits", new { messageId, text = edited });
            await both.WaitForMessageAsync(conversation, m => TextOf(m) == edited, edited);
        }
    }

    [Theory]
    [InlineData(DeskAndPhone.WhatsApp)]
    [InlineData(DeskAndPhone.Instagram)]
    public async Task When_the_desk_reads_the_persons_ticks_turn_blue(string channel)
    {
        var conversation = await ConversationWithPersonAsync(channel);
        var text = $"Alguém aí? {Guid.NewGuid():N}";
        await both.DoAsync($"{DeskAndPhone.ChatOf(channel)}/messages", new { text });
        await both.WaitForMessageAsync(conversation, m => TextOf(m) == text, "the question is in the conversation");

        using var response = await both.Desk.SendAsync(HttpMethod.Post, $"/v1/conversations/{conversation:D}/read");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await Until.TrueAsync(
            async () => (await both.OnPhoneAsync(channel)).Single(m => m.Text("text") == text).GetProperty("isSeen").GetBoolean(),
            "the phone shows that it was read");
    }

    [Theory]
    [InlineData(DeskAndPhone.WhatsApp, "image")]
    [InlineData(DeskAndPhone.Instagram, "image")]
    [InlineData(DeskAndPhone.WhatsApp, "document")]
    public async Task A_file_that_the_person_sends_is_there_for_the_desk(string channel, string type)
    {
        var conversation = await ConversationWithPersonAsync(channel);
        var bytes = Guid.NewGuid().ToByteArray();
        var before = (await both.Desk.GetAsync($"/v1/conversations/{conversation:D}/messages?limit=200"))
            .GetProperty("items").EnumerateArray().Select(m => m.Id("messageId")).ToHashSet();
        await both.DoAsync(
            $"{DeskAndPhone.ChatOf(channel)}/messages",
            new { type, file = new { bytes = Convert.ToBase64String(bytes), mimeType = "image/png", name = "nota.png" } });
        var message = await both.WaitForMessageAsync(
            conversation,
            m => m.Text("type") == type && m.Text("direction") == "inbound" && !before.Contains(m.Id("messageId")),
            "the file is in the conversation");

        using var response = await both.Desk.SendAsync(HttpMethod.Get, $"/v1/messages/{message.Id("messageId"):D}/media");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("image/png", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The conversation that the person's answers come into: the first that wrote to them.</summary>
    private async Task<Guid> ConversationWithPersonAsync(string channel)
    {
        var text = $"who is there? {Guid.NewGuid():N}";
        await both.WriteAsync(_conversation, text, channel);
        await both.WaitForTextAsync(channel, text);
        return both.Conversations[channel];
    }

    private static string? TextOf(JsonElement message) =>
        message.GetProperty("content") is { ValueKind: JsonValueKind.Object } content ? content.Text("texto") : null;
}
