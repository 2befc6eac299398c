using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Chat.Core.Bus;
using Chat.Core.Log;
using Chat.Core.PutBack;
using Chat.Core.Tokens;
using Chat.Core.Webhooks;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Chat.Tests.Hub.Protocol;
using Chat.Tests.Webhooks;
using Chat.Tools.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Described;

/// <summary>What makes the services say something that is documented.</summary>
/// <param name="Shows">The messages and close codes of the document that it shows.</param>
internal sealed record AsyncApiScene(string Name, string[] Shows, Func<ApiHost, Task> PlayAsync)
{
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<AsyncApiScene> All { get; } =
    [
        new(
            "a message is sent and watched",
            [
                "socket/connected", "socket/subscribe", "socket/subscribed", "socket/messageStatus", "socket/shown", "socket/unsubscribe",
                "socket/unsubscribed", "socket/messageCreated", "messages/message", "outbound/message", "status/statusEvent",
                "bus/statusPublished", "bus/messagePublished",
            ],
            WatchAsync),
        new("a person writes", ["webhooks/webhook", "inbound/message"], ReceiveAsync),
        new("a token is renewed", ["socket/ping", "socket/pong", "socket/auth", "socket/authenticated"], RenewAsync),
        new("a frame is refused", ["socket/error"], RefuseAsync),
        new("a payload is published by hand", ["socket/passedOn"], PassOnAsync),
        new("an event can't be read, and is put back", ["deadLetters/deadLetter", "putBack/putBackMark"], PutBackAsync),
        new("an event is refused", ["deadLetters/deadLetterPointer"], PutAsideAsync),
        new("a status waits in vain", ["deadLetters/givenUpStatus"], GiveUpAsync),
        new("a token is revoked", ["bus/revocationHint", "close 4501"], RevokeAsync),
        new("the protocol is broken", ["close 1002"], host => CloseByBytesAsync(
            host, 1002, ClientFrames.Frame(ClientFrames.Ping, [], reserved: 1))),
        new("a text is no UTF-8", ["close 1007"], host => CloseByBytesAsync(
            host, 1007, ClientFrames.Frame(ClientFrames.TextFrame, [0xFF]))),
        new("the instance stops", ["close 4000"], StopAsync),
        new("a message takes too long", ["close 4008"], DawdleAsync),
        new("a message has too many fragments", ["close 4029"], FloodAsync),
        new("a token expires", ["close 4401"], ExpireAsync),
        new("a message is too big", ["close 4509"], host => CloseByBytesAsync(
            host, 4509, ClientFrames.Header(ClientFrames.TextFrame, 1_000_000))),
    ];

    private static async Task WatchAsync(ApiHost host)
    {
        var desk = new Desk();
        await using var socket = await OpenAsync(host, desk.Token);
        await socket.SubscribeAsync(desk.Conversation, events: ["status", "message"]);

        var posted = (await host.PostAsync("/v1/messages", desk.Token, desk.Body())).Is(HttpStatusCode.Accepted).Json.Id("messageId");

        Assert.Equal(posted, (await socket.ExpectAsync("message.created")).GetProperty("message").Id("messageId"));
        await Graph.Statuses.ThreeOfAsync(socket, posted);
        var shown = new { conversationId = desk.Conversation, messageId = posted, timestamp = "2026-01-15T10:30:10.000Z", ago = 250 };
        await socket.SendAsync(new { type = "shown", items = new[] { shown } });
        await socket.SendAsync(new { type = "unsubscribe", conversationId = desk.Conversation });
        await socket.ExpectAsync("unsubscribed");
    }

    private static async Task ReceiveAsync(ApiHost host)
    {
        var id = $"wamid.{Guid.NewGuid():N}";
        var message = WebhookFixture.TextOf(id, "Oi");
        var body = WebhookFixture.WhatsApp($"\"messages\":[{message}]", DescribedHosts.Business, DescribedHosts.WhatsAppAccount);
        (await host.SendAsync(
            HttpMethod.Post,
            "/v1/webhooks/whatsapp",
            token: null,
            new StringContent(body),
            request => request.Headers.Add(
                WebhookSignature.Header, WebhookSignature.Sign(Encoding.UTF8.GetBytes(body), DescribedHosts.AppSecret))))
            .Is(HttpStatusCode.OK);
        await host.ReadAsync(
            Topics.Messages, e => Encoding.UTF8.GetString(e.Value.Span).Contains(id, StringComparison.Ordinal), 1);
    }

    private static async Task RenewAsync(ApiHost host)
    {
        var desk = new Desk();
        await using var socket = await OpenAsync(host, desk.Token);
        await socket.SendAsync(new { type = "ping" });
        await socket.ExpectAsync("pong");
        await socket.SendAsync(new { type = "auth", token = desk.Token });
        await socket.ExpectAsync("authenticated");
    }

    private static async Task RefuseAsync(ApiHost host)
    {
        await using var socket = await OpenAsync(host, new Desk().Token);
        await socket.SendTextAsync("what?");
        Assert.Equal("invalid_message", (await socket.ExpectAsync("error")).Text("code"));
    }

    private static async Task PassOnAsync(ApiHost host)
    {
        var desk = new Desk();
        (await host.PostAsync("/v1/messages", desk.Token, desk.Body())).Is(HttpStatusCode.Accepted);
        await using var socket = await OpenAsync(host, new Desk { Organization = desk.Organization }.Token);
        await socket.SubscribeAsync(desk.Conversation);
        var payload = Encoding.UTF8.GetBytes("""{"type":"message.status","status":"DELIVERED","by":"hand"}""");

        await host.Bus.PublishAsync([new(desk.Conversation, payload)], TestContext.Current.CancellationToken);

        while ((await socket.NextAsync()).Text("by") != "hand")
        {
            // The message's own.
        }
    }

    private static async Task PutBackAsync(ApiHost host)
    {
        var key = Guid.NewGuid().ToString();
        await host.Log.AppendAsync([new(Topics.Messages, key, "not JSON"u8.ToArray())], TestContext.Current.CancellationToken);
        await host.ReadAsync(Topics.DeadLetter(Topics.Messages), e => e.Key == key, 1);
        var box = new DeadLetterBox(
            host.App.Services.GetRequiredService<IEventLog>(), host.App.Services.GetRequiredService<ILogReader>());

        // It is what the event's producer wrote, and no message: nothing of ours writes it again as one.
        Assert.Equal(1, await box.PutBackAsync(l => l.Event.Key == key, TestContext.Current.CancellationToken));
    }

    private static async Task PutAsideAsync(ApiHost host)
    {
        var desk = new Desk();
        (await host.PostAsync("/v1/messages", desk.Token, desk.Body(RefusingLog.Refused))).Is(HttpStatusCode.Accepted);
        await host.ReadAsync(Topics.DeadLetter(Topics.Messages), e => e.Header(HeaderNames.DeadLetterPointer) is not null, 1);
    }

    private static async Task GiveUpAsync(ApiHost host)
    {
        var message = Guid.CreateVersion7();
        var status = $$"""{"message_id":"{{message}}","status":"SENT"}""";
        (await host.PostAsync("/v1/callbacks/status", ApiHost.CallbackKey, status)).Is(HttpStatusCode.Accepted);
        await host.ReadAsync(
            Topics.DeadLetter(Topics.Status),
            e => e.Header(HeaderNames.DeadLetterSeq) is not null
                && Encoding.UTF8.GetString(e.Value.Span).Contains($"{message}", StringComparison.Ordinal),
            1);
    }

    private static async Task RevokeAsync(ApiHost host)
    {
        var id = Guid.NewGuid().ToString();
        await using var socket = await OpenAsync(host, ApiHost.Token(Guid.NewGuid(), null, tokenId: id));
        var services = host.App.Services;
        await RevokeCommand.RunAsync(
            services.GetRequiredService<IRevokedTokenStore>(),
            services.GetRequiredService<IStatusBus>,
            TimeProvider.System,
            new(id, DateTimeOffset.UtcNow.AddHours(1), null),
            TextWriter.Null,
            TestContext.Current.CancellationToken);
        await IsClosedAsync(socket, 4501);
    }

    private static async Task StopAsync(ApiHost host)
    {
        // One of its own: the others go on.
        await using var stopping = await ApiHost.StartAsync();
        await using var socket = await OpenAsync(stopping, new Desk().Token);
        var stopped = stopping.App.StopAsync(TestContext.Current.CancellationToken);
        await IsClosedAsync(socket, 4000);
        await stopped;
    }

    private static async Task DawdleAsync(ApiHost host)
    {
        await using var slow = await ApiHost.StartAsync(new() { ["Hub:MessageTimeout"] = "00:00:00.1" });
        await using var socket = await OpenAsync(slow, new Desk().Token);
        await socket.SendBytesAsync("{"u8.ToArray(), WebSocketMessageType.Text, end: false);
        await IsClosedAsync(socket, 4008);
    }

    private static async Task FloodAsync(ApiHost host)
    {
        await using var socket = await OpenAsync(host, new Desk().Token);
        for (var i = 0; i <= 100; i++) await socket.SendBytesAsync("{"u8.ToArray(), WebSocketMessageType.Text, end: false);
        Assert.Equal("too_many_frames", (await socket.ExpectAsync("error")).Text("code"));
        await IsClosedAsync(socket, 4029);
    }

    private static async Task ExpireAsync(ApiHost host)
    {
        await using var socket = await OpenBrieflyAsync(host, Brief);
        await IsClosedAsync(socket, 4401);
    }

    // On a busy machine a brief token is over before the socket is open.
    private static async Task<TestSocket> OpenBrieflyAsync(ApiHost host, TimeSpan lifetime)
    {
        try
        {
            return await OpenAsync(host, ApiHost.Token(Guid.NewGuid(), null, (int)lifetime.TotalSeconds));
        }
        catch (Exception exception) when (exception is RefusedException or ChannelClosedException && lifetime < TimeSpan.FromSeconds(20))
        {
            return await OpenBrieflyAsync(host, lifetime * 3);
        }
    }

    private static async Task CloseByBytesAsync(ApiHost host, int code, byte[] bytes)
    {
        await using var socket = await RawSocket.OpenAsync(host.Client.BaseAddress!, new Desk().Token);
        await socket.SendAsync(bytes);
        string next;
        do next = await socket.NextAsync();
        while (next.StartsWith("error", StringComparison.Ordinal));
        Assert.Equal($"close {code}", next);
    }

    private static async Task<TestSocket> OpenAsync(ApiHost host, string token)
    {
        var socket = await TestSocket.OpenAsync(host.Client.BaseAddress!, token);
        await socket.ExpectAsync("connected");
        return socket;
    }

    private static async Task IsClosedAsync(TestSocket socket, int code)
    {
        await socket.WaitForCloseAsync();
        Assert.Equal(code, socket.CloseCode);
    }
}
