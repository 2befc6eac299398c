using System.Text;
using Chat.Api.Hub.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace Chat.Tests.Hub;

public sealed class ClientFrameTests
{
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");

    private static ClientFrame Read(string json) => ClientFrame.Read(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void The_protocols_frames_are_read()
    {
        Assert.Equal(new ClientFrame.Subscribe(Conversation, null), Read($$"""{"type":"subscribe","conversationId":"{{Conversation}}"}"""));
        var upper = Conversation.ToString().ToUpperInvariant();
        Assert.Equal(
            new ClientFrame.Subscribe(Conversation, 42), Read($$"""{"since":42,"conversationId":"{{upper}}","type":"subscribe"}"""));
        Assert.Equal(
            new ClientFrame.Unsubscribe(Conversation),
            Read($$"""{"type":"unsubscribe","more":{"a":[1]},"conversationId":"{{Conversation}}"}"""));
        Assert.Equal(new ClientFrame.Ping(), Read("""{"type":"ping"}"""));
        Assert.Equal(new ClientFrame.Auth("abc"), Read("""{"type":"auth","token":"abc"}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"ping\"")]
    [InlineData("{}")]
    [InlineData("{\"type\":7}")]
    [InlineData("{\"type\":\"ping\"}{")]
    [InlineData("{\"type\":\"dance\"}")]
    public void What_is_no_frame_of_the_protocol_gets_the_seeds_words(string json)
    {
        var bad = Assert.IsType<ClientFrame.Bad>(Read(json));
        Assert.Equal(ErrorCode.InvalidMessage, bad.Code);
        Assert.StartsWith("Mensagem inválida", bad.Text.Portuguese, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"type\":\"subscribe\"}", "conversationId")]
    [InlineData("{\"type\":\"unsubscribe\",\"conversationId\":\"1\"}", "conversationId")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":5}", "conversationId")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"since\":-1}", "since")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"since\":\"1\"}", "since")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"since\":9007199254740992}", "since")]
    [InlineData("{\"type\":\"auth\"}", "token")]
    public void A_member_that_can_not_be_used_is_named(string json, string field)
    {
        var bad = Assert.IsType<ClientFrame.Bad>(Read(json));
        Assert.Equal(ErrorCode.InvalidField, bad.Code);
        Assert.StartsWith(field, bad.Text.Portuguese, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_at_all_throw() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
            Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf().ToArbitrary(), bytes => ClientFrame.Read(bytes) is not null));

    [Fact]
    public void A_token_is_in_no_text() =>
        Assert.DoesNotContain("abc", Read("""{"type":"auth","token":"abc"}""").ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(5)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task An_outgoing_frame_is_one_that_the_frameworks_client_reads(int length)
    {
        var payload = Encoding.UTF8.GetBytes(new string('x', length));
        var frame = OutgoingFrame.Text(payload);
        Assert.Equal(payload, frame.Payload.ToArray());
        var socket = System.Net.WebSockets.WebSocket.CreateFromStream(
            new MemoryStream(frame.Wire.ToArray()), new System.Net.WebSockets.WebSocketCreationOptions { IsServer = false });
        var buffer = new byte[length + 1];
        var read = 0;
        System.Net.WebSockets.ValueWebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken);
            read += result.Count;
        }
        while (!result.EndOfMessage);
        Assert.Equal((length, System.Net.WebSockets.WebSocketMessageType.Text), (read, result.MessageType));
    }
}
