using System.Text;
using System.Text.Json;
using Chat.Api.Hub.Protocol;
using Chat.Client.Protocol;
using Chat.Core.Frames;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using ClientStatus = Chat.Client.MessageStatus;
using Frame = Chat.Client.Protocol.ServerFrame;

namespace Chat.Tests.Client;

/// <summary>The client reads what the server writes, and the server what the client writes.</summary>
public sealed class ServerFrameTests
{
    private static readonly Guid Id = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly DateTimeOffset Now = new(2025, 1, 15, 10, 30, 0, 125, TimeSpan.Zero);

    [Fact]
    public void Every_frame_of_the_server_is_read()
    {
        Assert.Equal(
            new Frame { Type = ServerFrameType.Connected, Timestamp = Now }, Read(ServerFrames.Connected("a", Id, Now)));
        Assert.Equal(
            new Frame { Type = ServerFrameType.Subscribed, ConversationId = Id, Timestamp = Now, Seq = 5, Recovered = false },
            Read(ServerFrames.Subscribed(Id, 5, false, Now)));
        Assert.Equal(
            new Frame { Type = ServerFrameType.Unsubscribed, ConversationId = Id, Timestamp = Now },
            Read(ServerFrames.Unsubscribed(Id, Now)));
        Assert.Equal(new Frame { Type = ServerFrameType.Pong, Timestamp = Now }, Read(ServerFrames.Pong(Now)));
        Assert.Equal(
            new Frame { Type = ServerFrameType.Authenticated, ExpiresAt = Now, Timestamp = Now },
            Read(ServerFrames.Authenticated(Now, Now)));
        Assert.Equal(
            new Frame
            {
                Type = ServerFrameType.Error,
                Code = "forbidden",
                Message = "não",
                Retryable = true,
                ConversationId = Id,
            },
            Read(ServerFrames.Error("forbidden", "não", true, Id)));
    }

    [Fact]
    public void A_status_is_read_whatever_else_is_in_it()
    {
        const string json =
            """
            {"what":{"a":[1,{"type":"pong"}]},"type":"message.status","messageId":"123E4567-E89B-12D3-A456-426614174000",
            "conversationId":"123e4567-e89b-12d3-a456-426614174000","status":"FAILED","channel":"sms",
            "timestamp":"2025-01-15T10:30:00.125Z",
            "reason":"Número inexistente","seq":9007199254740991,"traceparent":"00-1-2-01","more":null}
            """;

        Assert.Equal(
            new Frame
            {
                Type = ServerFrameType.MessageStatus,
                MessageId = Id,
                ConversationId = Id,
                Status = ClientStatus.Failed,
                Channel = "sms",
                Timestamp = Now,
                Reason = "Número inexistente",
                Seq = (1L << 53) - 1,
                TraceParent = "00-1-2-01",
            },
            Read(json));
    }

    [Theory]
    [InlineData(10, "Olá")]
    [InlineData(MessageFrame.MaxContentBytes, null)]
    public void A_message_is_read_whole_and_without_content_where_that_is_too_large(int characters, string? expected)
    {
        var text = expected ?? new string('a', characters);
        var message = new Message(
            Id, Id, Id, Id, "whatsapp", "inbound", "text", $$"""{"texto":"{{text}}"}""", null, Now, Position: 12);
        var change = new StatusChange(Id, 7, Id, Core.Statuses.MessageStatus.Accepted, "whatsapp", Now, null, Now);

        var frame = Read(Encoding.UTF8.GetString(MessageFrame.Encode(change, message)));

        Assert.Equal((ServerFrameType.MessageCreated, Id, 7L), (frame.Type, frame.ConversationId!.Value, frame.Seq!.Value));
        var created = frame.Created!;
        Assert.Equal(
            (Id, "inbound", "text", Now, 12L),
            (created.MessageId, created.Direction, created.Type, created.CreatedAt, created.Position));
        var isThere = created.Content.ValueKind != JsonValueKind.Undefined;
        Assert.Equal(expected, isThere ? created.Content.GetProperty("texto").GetString() : null);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("{\"messageId\":[],\"conversationId\":1}")]
    public void A_message_in_another_form_counts_as_left_out(string message) => Assert.Equal(
        new Frame { Type = ServerFrameType.MessageCreated, Seq = 7 },
        Read($$"""{"type":"message.created","message":{{message}},"seq":7}"""));

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"pong"} {"type":"pong"}""")]
    [InlineData("""{"type":"pong","message":"\ud800","code":"\ud800"}""")]
    [InlineData("""{"type":"po""")]
    public void What_is_no_frame_is_none(string json) => Assert.False(Frame.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Theory]
    [InlineData("\"seq\":-1")]
    [InlineData("\"seq\":9007199254740992")]
    [InlineData("\"seq\":1.5")]
    [InlineData("\"seq\":\"1\"")]
    [InlineData("\"recovered\":1")]
    [InlineData("\"status\":\"LOST\"")]
    [InlineData("\"status\":{\"type\":\"pong\"}")]
    [InlineData("\"timestamp\":\"yesterday\"")]
    [InlineData("\"messageId\":\"1\"")]
    [InlineData("\"conversationId\":[\"123e4567-e89b-12d3-a456-426614174000\"]")]
    public void A_member_in_another_form_counts_as_left_out(string member) =>
        Assert.Equal(new Frame { Type = ServerFrameType.MessageStatus }, Read($$"""{"type":"message.status",{{member}}}"""));

    [Fact]
    public void The_server_reads_every_frame_of_the_client()
    {
        Assert.Equal(new ClientFrame.Subscribe(Id, null), Send(ClientFrames.Subscribe(Id, null)));
        Assert.Equal(new ClientFrame.Subscribe(Id, 7), Send(ClientFrames.Subscribe(Id, 7)));
        Assert.Equal(
            new ClientFrame.Subscribe(Id, 7, WatchedEvents.Status | WatchedEvents.Message),
            Send(ClientFrames.Subscribe(Id, 7, withMessages: true)));
        Assert.Equal(new ClientFrame.Unsubscribe(Id), Send(ClientFrames.Unsubscribe(Id)));
        Assert.Equal(new ClientFrame.Ping(), Send(ClientFrames.Ping));
        Assert.Equal("a\"b", Assert.IsType<ClientFrame.Auth>(Send(ClientFrames.Auth("a\"b"))).Token);
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var at = new DateTimeOffset(2025, 1, 15, 10, 30, 0, 123, 456, TimeSpan.Zero);
        Assert.Equal(
            [new(Id, Id, at, TimeSpan.FromMilliseconds(250), trace), new(Id, Id, at, TimeSpan.Zero, null)],
            Assert.IsType<ClientFrame.Shown>(Send(ClientFrames.Shown(
            [
                new(Id, Id, at, trace, TimeSpan.FromMilliseconds(250.4)),
                new(Id, Id, at.ToOffset(TimeSpan.FromHours(-3)), "a\"b", TimeSpan.Zero),
            ]))).Statuses);
    }

    private static ClientFrame Send(string frame) => ClientFrame.Read(Encoding.UTF8.GetBytes(frame));

    private static Frame Read(OutgoingFrame frame) => Read(Encoding.UTF8.GetString(frame.Payload));

    private static Frame Read(string json)
    {
        Assert.True(Frame.TryRead(Encoding.UTF8.GetBytes(json), out var frame));
        return frame;
    }
}
