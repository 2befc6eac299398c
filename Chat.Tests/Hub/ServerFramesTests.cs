using System.Text;
using Chat.Api.Hub.Protocol;

namespace Chat.Tests.Hub;

/// <summary>Each frame's bytes, since clients of the first version parse them.</summary>
public sealed class ServerFramesTests
{
    private const string Id = "123e4567-e89b-12d3-a456-426614174000";

    private static readonly Guid Conversation = Guid.Parse(Id);
    private static readonly DateTimeOffset Now = new(2025, 1, 15, 10, 30, 10, 123, TimeSpan.Zero);

    [Fact]
    public void Connected_when_encoded_has_the_seeds_members() => Assert.Equal(
        $$"""{"type":"connected","connectionId":"c1","userId":"{{Id}}","timestamp":"2025-01-15T10:30:10.123Z"}""",
        Text(ServerFrames.Connected("c1", Conversation, Now)));

    [Fact]
    public void Subscribed_when_no_since_was_given_does_not_speak_of_recovery() => Assert.Equal(
        $$"""{"type":"subscribed","conversationId":"{{Id}}","timestamp":"2025-01-15T10:30:10.123Z","seq":7}""",
        Text(ServerFrames.Subscribed(Conversation, 7, recovered: null, Now)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Subscribed_when_since_was_given_says_whether_all_was_recovered(bool recovered) => Assert.Equal(
        $$"""{"type":"subscribed","conversationId":"{{Id}}","timestamp":"2025-01-15T10:30:10.123Z","seq":0,"""
        + $"\"recovered\":{(recovered ? "true" : "false")}}}",
        Text(ServerFrames.Subscribed(Conversation, 0, recovered, Now)));

    [Fact]
    public void Unsubscribed_and_pong_when_encoded_have_the_seeds_members()
    {
        Assert.Equal(
            $$"""{"type":"unsubscribed","conversationId":"{{Id}}","timestamp":"2025-01-15T10:30:10.123Z"}""",
            Text(ServerFrames.Unsubscribed(Conversation, Now)));
        Assert.Equal("""{"type":"pong","timestamp":"2025-01-15T10:30:10.123Z"}""", Text(ServerFrames.Pong(Now)));
    }

    [Fact]
    public void Authenticated_when_encoded_says_until_when() => Assert.Equal(
        """{"type":"authenticated","expiresAt":"2025-01-15T11:30:10.123Z","timestamp":"2025-01-15T10:30:10.123Z"}""",
        Text(ServerFrames.Authenticated(Now.AddHours(1), Now)));

    [Fact]
    public void Error_when_encoded_keeps_its_accents_and_says_whether_to_retry() => Assert.Equal(
        """{"type":"error","message":"Mensagem inválida","code":"invalid_message","retryable":false}""",
        Text(ServerFrames.Error(ErrorCode.InvalidMessage, "Mensagem inválida")));

    [Fact]
    public void Error_when_about_a_conversation_names_it() => Assert.Equal(
        $$"""{"type":"error","message":"x","code":"unavailable","retryable":true,"conversationId":"{{Id}}"}""",
        Text(ServerFrames.Error(ErrorCode.Unavailable, "x", retryable: true, Conversation)));

    private static string Text(OutgoingFrame frame)
    {
        Assert.Equal(0, frame.Seq);
        Assert.Null(frame.MessageId);
        return Encoding.UTF8.GetString(frame.Payload);
    }
}
