using System.Text;
using Chat.Api.Callbacks;
using Chat.Api.Http;
using Chat.Api.Texts;
using Chat.Core.Events;
using Chat.Core.Json;
using Chat.Core.Statuses;

namespace Chat.Tests.Api;

public sealed class StatusCallbackTests
{
    private const string Seed = """
        {"message_id":"0198c0de-0000-7000-8000-000000000001","channel":"whatsapp","status":"SENT",
        "timestamp":"2025-01-15T10:30:10Z","conversation_id":"123e4567-e89b-12d3-a456-426614174000",
        "organizacao_id":"456e7890-e89b-12d3-a456-426614174000"}
        """;

    [Fact]
    public void One_event_is_read_as_msg_status_has_it()
    {
        var read = Assert.Single(Read(Seed, out var errors));

        Assert.Empty(errors);
        Assert.Equal(StatusKind.Sent, read.Status);
        Assert.Equal(Bodies.Conversation, read.ConversationId);
        Assert.Equal(Bodies.Organization, read.OrganizationId);
    }

    [Fact]
    public void An_array_is_read_in_its_order()
    {
        var second = """{"messageId":"0198c0de-0000-7000-8000-000000000002","status":"read"}""";

        var read = Read($"[{Seed},{second}]", out var errors);

        Assert.Empty(errors);
        Assert.Equal([StatusKind.Sent, StatusKind.Read], read.Select(r => r.Status));
    }

    [Fact]
    public void Which_event_another_one_repeats_is_not_the_connectors_to_say() =>
        Assert.Null(Assert.Single(Read(Seed.Replace("{", """{"joins":5,""", StringComparison.Ordinal), out _)).Joins);

    [Theory]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001"}""", "status")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SEEN"}""", "status")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":5}""", "status")]
    [InlineData("""{"message_id":"x","status":"SENT"}""", "message_id")]
    [InlineData("""{"status":"SENT"}""", "message_id")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SENT","conversation_id":"x"}""", "conversation_id")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SENT","organizationId":"x"}""", "organizacao_id")]
    [InlineData("5", "$")]
    [InlineData("[]", "$")]
    [InlineData("[5]", "[0]")]
    [InlineData("""[{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SENT"},{"status":"SENT"}]""", "[1].message_id")]
    [InlineData("""[{"message_id":{},"status":"SENT"}]""", "[0].message_id")]
    [InlineData("""{"message_id":"00000000-0000-0000-0000-000000000000","status":"SENT"}""", "message_id")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SENT","reason":"\ud800"}""", "reason")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SENT","\ud800":1}""", "$")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SENT","status":"READ"}""", "$")]
    [InlineData("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":"SENT","joins":"x"}""", "joins")]
    public void What_is_wrong_is_named_by_field_and_place(string json, string field)
    {
        Read(json, out var errors);

        Assert.Equal(field, Assert.Single(errors).Key);
    }

    [Fact]
    public void What_is_wrong_is_said_in_words_of_ours_and_not_the_parsers()
    {
        Read("""{"message_id":"0198c0de-0000-7000-8000-000000000001","status":5}""", out var errors);

        Assert.Equal(UserTexts.WrongType, Assert.Single(errors).Value);
    }

    [Fact]
    public void A_bad_item_refuses_no_other_one_whatever_is_wrong_with_it()
    {
        string[] bad =
        [
            "5", "null", "[]", """{"status":"SEEN"}""", """{"\ud800":1}""", """{"a":"\udc00"}""", """{"a":1,"a":2}""",
            new string('[', 100) + new string(']', 100),
        ];

        var read = Read($"[{string.Join($",{Seed},", bad)}]", out var errors);

        Assert.Equal(bad.Length - 1, read.Count);
        Assert.Equal(bad.Select((_, i) => $"[{i * 2}]"), errors.Select(e => e.Key.Split('.')[0]));
    }

    // Found by the fuzzer: with no limit, parsing took the square of the depth, minutes for one body.
    [Fact]
    public void A_body_of_nothing_but_nesting_is_refused_before_it_is_read()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 40_000)) + "1" + new string('}', 40_000);

        Assert.Null(JsonBody.Parse(Encoding.UTF8.GetBytes(deep), out var fault, itemByItem: true));
        Assert.Equal(JsonFaultKind.TooDeep, fault!.Kind);
    }

    [Fact]
    public void An_array_has_1000_events_at_most()
    {
        Read($"[{string.Join(',', Enumerable.Repeat(Seed, 1000))}]", out var errors);
        Assert.Empty(errors);
        Read($"[{string.Join(',', Enumerable.Repeat(Seed, 1001))}]", out errors);
        Assert.Equal("$", Assert.Single(errors).Key);
    }

    private static IReadOnlyList<StatusEvent> Read(string json, out List<KeyValuePair<string, UserText>> errors)
    {
        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json), out var unreadable, itemByItem: true);
        Assert.True(body is not null, unreadable?.What);
        var items = CallbackItems.Read(body.RootElement);
        errors = [.. items.ToErrors()];
        return items.Events;
    }
}
