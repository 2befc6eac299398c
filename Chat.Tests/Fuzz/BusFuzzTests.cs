using System.Net.WebSockets;
using System.Text;
using Chat.Core.Bus;
using Chat.Core.Conversations;
using Chat.Tests.Api;

namespace Chat.Tests.Fuzz;

/// <summary>Payloads that anybody may publish on the bus: what comes after them still reaches those who watch the conversation.</summary>
public sealed class BusFuzzTests(FuzzGraph graph) : IClassFixture<FuzzGraph>
{
    private const int Share = 20;
    private const int Usual = 500;

    // Fewer than a socket's queue holds: a slow reader is closed, and that is another test's.
    private const int Chunk = 20;

    [Fact]
    public async Task Payloads()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var conversation = Guid.NewGuid();
        await graph.Host.Store.Conversations.ClaimConversationAsync(
            new ConversationOwner(conversation, FuzzSamples.Organization, DateTimeOffset.UnixEpoch), cancellation);
        using var socket = new ClientWebSocket();
        var token = ApiHost.Token(FuzzSamples.User, FuzzSamples.Organization);
        await socket.ConnectAsync(new Uri($"ws://{graph.Host.Client.BaseAddress!.Authority}/ws/status?access_token={token}"), cancellation);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes($$"""{"type":"subscribe","conversationId":"{{conversation}}"}"""),
            WebSocketMessageType.Text,
            true,
            cancellation);
        await WaitForAsync(socket, "\"subscribed\"");

        var bus = graph.Host.Bus;
        var inputs = new FuzzInputs(nameof(Payloads), FuzzSamples.Payloads);
        for (var left = FuzzInputs.Count(Share, Usual); left > 0; left -= Chunk)
        {
            await bus.PublishAsync([.. Enumerable.Range(0, Chunk).Select(_ => new BusMessage(conversation, inputs.Next()))], cancellation);
            await bus.PublishAsync([new(conversation, Encoding.UTF8.GetBytes($$"""{"good":"{{left}}"}"""))], cancellation);
            await WaitForAsync(socket, $"{{\"good\":\"{left}\"}}");
        }
        graph.AssertNoComplaint();
    }

    private static async Task WaitForAsync(ClientWebSocket socket, string wanted)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        var buffer = new byte[256 * 1024];
        while (true)
        {
            var length = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), timeout.Token);
                Assert.NotEqual(WebSocketMessageType.Close, part.MessageType);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            if (Encoding.UTF8.GetString(buffer, 0, length).Contains(wanted, StringComparison.Ordinal)) return;
        }
    }
}
