using System.Text;
using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Core.Frames;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Tests.Bus;

public sealed class MessageFrameTests
{
    private static readonly DateTimeOffset At = new(2025, 1, 15, 10, 30, 10, TimeSpan.Zero);

    private static readonly Message Message = new(
        Guid.Parse("01938a5e-0000-7000-8000-000000000001"),
        Guid.Parse("123e4567-e89b-12d3-a456-426614174000"),
        Guid.Parse("456e7890-e89b-12d3-a456-426614174000"),
        Guid.Parse("789e0123-e89b-12d3-a456-426614174000"),
        "whatsapp",
        MessageDirection.Inbound,
        "text",
        """{"texto":"Olá 😀"}""",
        "+5511900000001",
        At,
        Position: 12,
        AccountId: "100200300",
        ProviderMessageId: "wamid.IN1");

    private static StatusChange Change(Message message) => new(
        message.ConversationId, 7, message.MessageId, MessageStatus.Accepted, message.Channel, message.CreatedAt, null, At);

    private static JsonElement Frame(Message message) => JsonElement.Parse(MessageFrame.Encode(Change(message), message));

    [Fact]
    public void The_frame_is_the_message_and_its_number() => Assert.Equal(
        $$$"""
        {"type":"message.created","conversationId":"{{{Message.ConversationId}}}","timestamp":"2025-01-15T10:30:10.000Z",
        "message":{"messageId":"{{{Message.MessageId}}}","conversationId":"{{{Message.ConversationId}}}","channel":"whatsapp",
        "direction":"inbound","type":"text","content":{"texto":"Olá 😀"},"senderId":"{{{Message.SenderId}}}",
        "createdAt":"2025-01-15T10:30:10.000Z","position":12},"seq":7}
        """.ReplaceLineEndings(""),
        Encoding.UTF8.GetString(MessageFrame.Encode(Change(Message), Message)).Replace("\\uD83D\\uDE00", "😀", StringComparison.Ordinal));

    [Theory]
    [InlineData(12)]
    [InlineData(0)]
    public void Its_message_is_the_one_that_rest_shows_but_for_what_became_of_it(long position)
    {
        var message = Message with { Position = position };
        var shown = JsonSerializer.SerializeToElement(
            MessageView.From(message, StatusFacts.None), ApiJsonContext.Default.Options.GetTypeInfo(typeof(MessageView)));
        var expected = shown.EnumerateObject().Where(m => m.Name is not ("status" or "facts" or "reason")).ToList();
        var actual = Frame(message).GetProperty("message").EnumerateObject().ToList();

        Assert.Equal(expected.Select(m => m.Name), actual.Select(m => m.Name));
        Assert.All(expected.Zip(actual), m => Assert.True(JsonElement.DeepEquals(m.First.Value, m.Second.Value), m.First.Name));
    }

    [Fact]
    public void Content_that_is_too_large_is_left_out_and_nothing_else_is()
    {
        var most = "{\"texto\":\"" + new string('a', MessageFrame.MaxContentBytes - 12) + "\"}";
        Assert.True(Frame(Message with { Content = most }).GetProperty("message").TryGetProperty("content", out _));
        var larger = Frame(Message with { Content = most.Replace("\"}", "a\"}", StringComparison.Ordinal) }).GetProperty("message");
        Assert.False(larger.TryGetProperty("content", out _));
        Assert.Equal(12, larger.GetProperty("position").GetInt64());
    }

    [Fact]
    public void The_largest_content_of_the_most_bytes_when_escaped_fits_onto_the_bus()
    {
        // Twelve bytes for four.
        var content = "{\"texto\":\"" + string.Concat(Enumerable.Repeat("😀", (MessageFrame.MaxContentBytes - 12) / 4)) + "\"}";
        var payload = MessageFrame.EncodeForBus(Change(Message), Message with { Content = content }, 6, null);
        Assert.InRange(payload.Length, MessageFrame.MaxContentBytes, BusPayload.MaxBytes);
        Assert.NotNull(BusPayload.TryRead(payload));
    }

    [Fact]
    public void What_is_published_says_that_it_is_a_message_and_replaces_no_status()
    {
        var payload = BusPayload.TryRead(MessageFrame.EncodeForBus(Change(Message), Message, 6, null))!;
        Assert.Equal(
            (true, null, 7, 6, Message.OrganizationId, At),
            (payload.IsAnnouncement, payload.MessageId, payload.Seq, payload.Prev, payload.Organization, payload.Timestamp));
        Assert.Equal(MessageFrame.Encode(Change(Message), Message), payload.Frame.ToArray());
        Assert.False(BusPayload.TryRead(StatusFrame.Encode(Change(Message) with { Status = MessageStatus.Sent }))!.IsAnnouncement);
    }
}
