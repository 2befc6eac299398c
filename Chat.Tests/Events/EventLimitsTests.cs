using System.Text;
using Chat.Core.Events;
using Chat.Core.Messages;

namespace Chat.Tests.Events;

/// <summary>The bounds of an event's texts, from any producer.</summary>
public sealed class EventLimitsTests
{
    private const string Message = "01938a5e-0000-7000-8000-000000000001";
    private const string Zeros = "00000000-0000-0000-0000-000000000000";

    [Fact]
    public void A_long_reason_is_cut_to_1_KiB_at_a_whole_character()
    {
        var reason = ReadStatus(Status($"\"reason\":\"x{string.Concat(Enumerable.Repeat("😀", 50_000))}\""))!.Reason!;

        Assert.EndsWith("😀…", reason, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(reason), 1020, 1024);
    }

    [Fact]
    public void What_was_read_is_written_in_little_more_bytes_than_it_came_in()
    {
        var status = ReadStatus(Status($"\"reason\":\"{new string('<', 200_000)}\",\"channel\":\"{new string('é', 64)}\""))!;
        Assert.InRange(StatusEventJson.Write(status).Length, 1000, 2000);
    }

    [Theory]
    [InlineData("provider_message_id", 512)]
    [InlineData("channel", 64)]
    public void A_longer_text_of_a_status_is_refused_by_its_field(string field, int limit)
    {
        Assert.NotNull(ReadStatus(Status($"\"{field}\":\"{new string('x', limit)}\"")));
        var error = StatusError(Status($"\"{field}\":\"{new string('x', limit + 1)}\""));
        Assert.Equal((EventErrorKind.TooLong, field, limit), (error.Kind, error.Field, error.Limit));
    }

    [Theory]
    [InlineData("channel", 64)]
    [InlineData("recipient", 256)]
    [InlineData("type", 32)]
    [InlineData("direction", 32)]
    public void A_longer_text_of_a_message_is_refused_by_its_field(string field, int limit)
    {
        Assert.NotNull(ReadMessage(Post(field, $"\"{new string('x', limit)}\"")));
        var error = MessageError(Post(field, $"\"{new string('x', limit + 1)}\""));
        Assert.Equal((EventErrorKind.TooLong, field, limit), (error.Kind, error.Field, error.Limit));
    }

    [Fact]
    public void A_content_larger_than_the_API_takes_in_any_encoding_is_refused()
    {
        var around = """{"texto":""}""".Length;
        Assert.NotNull(ReadMessage(Post("content", $$"""{"texto":"{{new string('x', EventLimits.MaxContentBytes - around)}}"}""")));
        Assert.Equal("content", MessageError(Post("content", $$"""{"texto":"{{new string('x', EventLimits.MaxContentBytes)}}"}""")).Field);
    }

    [Theory]
    [InlineData("message_id")]
    [InlineData("conversation_id")]
    [InlineData("organizacao_id")]
    public void No_id_of_a_status_is_all_zeros(string field) =>
        Assert.Equal(field, StatusError(Status($"\"{field}\":\"{Zeros}\"")).Field);

    [Theory]
    [InlineData("message_id")]
    [InlineData("conversation_id")]
    [InlineData("organizacao_id")]
    [InlineData("sender_id")]
    public void No_id_of_a_message_is_all_zeros(string field) => Assert.Equal(field, MessageError(Post(field, $"\"{Zeros}\"")).Field);

    [Theory]
    [InlineData("""{"message_id":"01938a5e-0000-7000-8000-000000000001","status":"SENT","timestamp":"\ud800"}""", EventErrorKind.NotText)]
    [InlineData("""{"message_id":"01938a5e-0000-7000-8000-000000000001","status":"SENT","\ud800":1}""", EventErrorKind.NotText)]
    [InlineData("""{"message_id":"01938a5e-0000-7000-8000-000000000001","status":"SENT","status":"READ"}""", EventErrorKind.DuplicateName)]
    [InlineData("""{"message_id":7,"status":"SENT"}""", EventErrorKind.WrongType)]
    [InlineData("""{"message_id":"01938a5e-0000-7000-8000-000000000001","status":"SENT","joins":-1}""", EventErrorKind.WrongType)]
    public void A_status_that_can_not_be_decoded_is_unreadable_and_throws_nothing(string json, EventErrorKind kind) =>
        Assert.Equal(kind, StatusError(json).Kind);

    [Theory]
    [InlineData("""{"texto":"\ud800"}""", EventErrorKind.NotText)]
    [InlineData("""{"texto":"a","texto":"b"}""", EventErrorKind.DuplicateName)]
    [InlineData("\"a\"", EventErrorKind.WrongType)]
    [InlineData("null", EventErrorKind.WrongType)]
    public void A_content_that_can_not_be_decoded_is_unreadable_and_throws_nothing(string content, EventErrorKind kind) =>
        Assert.Equal(kind, MessageError(Post("content", content)).Kind);

    [Fact]
    public void Bytes_that_are_no_text_are_unreadable()
    {
        byte[] json = [.. Encoding.UTF8.GetBytes(Status("\"timestamp\":\"")[..^1]), 0xFF, .. "\"}"u8];
        Assert.Null(StatusEventJson.TryRead(json, out var error));
        Assert.Equal(EventErrorKind.NotText, error!.Kind);
    }

    [Theory]
    [InlineData("\"message_id\":\"\\u001b[2J")]
    [InlineData("\"status\":\"\\u001b[2J")]
    public void An_error_repeats_little_of_the_input_and_nothing_that_a_terminal_obeys(string start)
    {
        var error = StatusError(Status($"{start}{new string('x', 100_000)}\"")).ToString();
        Assert.DoesNotContain('\u001b', error);
        Assert.InRange(error.Length, 64, 200);
    }

    private static string Status(string more)
    {
        var fields = new[] { $"\"message_id\":\"{Message}\"", "\"status\":\"FAILED\"" };
        var others = fields.Where(f => !more.StartsWith(f[..f.IndexOf(':', StringComparison.Ordinal)], StringComparison.Ordinal));
        return $"{{{string.Join(',', others.Append(more))}}}";
    }

    private static string Post(string field, string value)
    {
        var fields = new Dictionary<string, string>
        {
            ["message_id"] = $"\"{Message}\"",
            ["conversation_id"] = "\"123e4567-e89b-12d3-a456-426614174000\"",
            ["organizacao_id"] = "\"456e7890-e89b-12d3-a456-426614174000\"",
            ["sender_id"] = "\"789e1234-e89b-12d3-a456-426614174000\"",
            ["channel"] = "\"whatsapp\"",
            ["content"] = """{"texto":"Olá"}""",
            [field] = value,
        };
        return $"{{{string.Join(',', fields.Select(f => $"\"{f.Key}\":{f.Value}"))}}}";
    }

    private static StatusEvent? ReadStatus(string json) => StatusEventJson.TryRead(Encoding.UTF8.GetBytes(json), out _);

    private static Message? ReadMessage(string json) => MessageEventJson.TryRead(Encoding.UTF8.GetBytes(json), out _);

    private static EventError StatusError(string json)
    {
        Assert.Null(StatusEventJson.TryRead(Encoding.UTF8.GetBytes(json), out var error));
        return error!;
    }

    private static EventError MessageError(string json)
    {
        Assert.Null(MessageEventJson.TryRead(Encoding.UTF8.GetBytes(json), out var error));
        return error!;
    }
}
