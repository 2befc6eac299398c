using System.Text;
using System.Text.Json;
using Chat.Core.Events;
using Chat.Core.Messages;

namespace Chat.Tests.Events;

public sealed class MessageEventJsonTests
{
    private static readonly Message Sample = new(
        Guid.Parse("01938a5e-0000-7000-8000-000000000001"),
        Guid.Parse("123e4567-e89b-12d3-a456-426614174000"),
        Guid.Parse("456e7890-e89b-12d3-a456-426614174000"),
        Guid.Parse("789e1234-e89b-12d3-a456-426614174000"),
        "whatsapp",
        MessageDirection.Outbound,
        "text",
        """{"texto":"Olá, mundo!"}""",
        "+55 11 90000-0000",
        DateTimeOffset.FromUnixTimeMilliseconds(0x01938a5e0000));

    [Fact]
    public void A_message_when_written_is_snake_case_with_its_accents() => Assert.Equal(
        """
        {"message_id":"01938a5e-0000-7000-8000-000000000001","conversation_id":"123e4567-e89b-12d3-a456-426614174000",
        "organizacao_id":"456e7890-e89b-12d3-a456-426614174000","sender_id":"789e1234-e89b-12d3-a456-426614174000",
        "channel":"whatsapp","direction":"outbound","type":"text","content":{"texto":"Olá, mundo!"},
        "recipient":"+55 11 90000-0000","timestamp":"2024-12-03T02:33:56.480Z"}
        """.ReplaceLineEndings(""),
        Encoding.UTF8.GetString(MessageEventJson.Write(Sample)));

    [Theory]
    [InlineData("""{"texto":"Olá, mundo!"}""")]
    [InlineData("{}")]
    [InlineData("""{ "texto" : "ol\u00e1" , "a": [1, 2.50, {"b": null}] }""")]
    public void Content_when_written_and_read_is_the_same_text(string content)
    {
        var read = MessageEventJson.TryRead(MessageEventJson.Write(Sample with { Content = content }), out var error);

        Assert.Null(error);
        Assert.Equal(Sample with { Content = content }, read);
    }

    [Theory]
    [InlineData("\"content\":{}", "\"content\":[]", "content: not an object")]
    [InlineData("\"content\":{}", "\"content\":\"x\"", "content: not an object")]
    [InlineData("\"content\":{}", "\"content\":5", "content: not an object")]
    [InlineData("\"content\":{}", "\"content\":null", "content: not an object")]
    [InlineData("\"content\":{}", "\"other\":{}", "content: not an object")]
    [InlineData("\"content\":{}", "\"content\":{\"a\":{\"b\":1,\"b\":2}}", "not a message: has a member twice")]
    [InlineData("\"content\":{}", "\"content\":{", "not a message")]
    [InlineData("\"sender_id\"", "\"other\"", "sender_id: missing")]
    public void What_is_wrong_when_read_is_named(string part, string instead, string expected)
    {
        var json = Encoding.UTF8.GetString(MessageEventJson.Write(Sample with { Content = "{}" }))
            .Replace(part, instead, StringComparison.Ordinal);

        Assert.Null(MessageEventJson.TryRead(Encoding.UTF8.GetBytes(json), out var error));
        Assert.StartsWith(expected, error!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Content_that_is_not_json_when_written_throws_rather_than_make_an_event_nobody_can_read() =>
        Assert.ThrowsAny<JsonException>(() => MessageEventJson.Write(Sample with { Content = """{"texto":""" }));
}
