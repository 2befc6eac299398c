using System.Text;
using Chat.Core.Events;
using Chat.Core.Statuses;

namespace Chat.Tests.Events;

public sealed class StatusEventJsonTests
{
    private static readonly Guid Message = Guid.Parse("01938a5e-0000-7000-8000-000000000001");
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");

    private static StatusEvent Read(string json)
    {
        var status = StatusEventJson.TryRead(Encoding.UTF8.GetBytes(json), out var error);
        Assert.Null(error);
        return status!;
    }

    private static string ErrorOf(string json)
    {
        Assert.Null(StatusEventJson.TryRead(Encoding.UTF8.GetBytes(json), out var error));
        return error!.ToString();
    }

    [Fact]
    public void It_is_written_in_snake_case_as_the_seeds_connectors_write_it()
    {
        var json = Encoding.UTF8.GetString(StatusEventJson.Write(
            new(
                Message, Conversation, Organization, "whatsapp", StatusKind.Read,
                new DateTimeOffset(2025, 1, 15, 10, 30, 10, TimeSpan.Zero))));
        Assert.Equal(
            $$"""{"message_id":"{{Message}}","channel":"whatsapp","status":"READ","timestamp":"2025-01-15T10:30:10.000Z","""
            + $"\"conversation_id\":\"{Conversation}\",\"organizacao_id\":\"{Organization}\"}}",
            json);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var status = new StatusEvent(
            Message, Conversation, Organization, "instagram", StatusKind.Failed,
            DateTimeOffset.FromUnixTimeMilliseconds(1_736_937_010_123), "131026: não entregue", "wamid.1", 42);
        Assert.Equal(status, StatusEventJson.TryRead(StatusEventJson.Write(status), out _));
    }

    [Theory]
    [InlineData("message_id", "conversation_id", "organizacao_id")]
    [InlineData("messageId", "conversationId", "organizationId")]
    [InlineData("messageId", "conversationId", "organizacaoId")]
    public void Snake_case_and_camelCase_are_read(string message, string conversation, string organization)
    {
        var status = Read(
            $$"""{"{{message}}":"{{Message}}","{{conversation}}":"{{Conversation}}","{{organization}}":"{{Organization}}","""
            + "\"status\":\"delivered\",\"channel\":\"WhatsApp\",\"x\":[1]}");
        Assert.Equal(
            (Message, Conversation, Organization),
            (status.MessageId!.Value, status.ConversationId!.Value, status.OrganizationId!.Value));
        Assert.Equal((StatusKind.Delivered, "whatsapp"), (status.Status, status.Channel));
    }

    [Fact]
    public void Of_two_names_for_one_member_the_snake_case_one_counts_in_either_order()
    {
        var other = Guid.Parse("99999999-0000-7000-8000-000000000001");
        Assert.Equal(Message, Read($$"""{"message_id":"{{Message}}","messageId":"{{other}}","status":"SENT"}""").MessageId);
        Assert.Equal(Message, Read($$"""{"messageId":"{{other}}","message_id":"{{Message}}","status":"SENT"}""").MessageId);
    }

    [Theory]
    [InlineData("\"2025-01-15T10:30:10Z\"")]
    [InlineData("\"2025-01-15T07:30:10-03:00\"")]
    [InlineData("1736937010")]
    [InlineData("\"1736937010\"")]
    [InlineData("1736937010000")]
    public void Times_are_read_as_ISO_8601_or_Unix_time(string timestamp) =>
        Assert.Equal(
            new DateTimeOffset(2025, 1, 15, 10, 30, 10, TimeSpan.Zero),
            Read($$"""{"message_id":"{{Message}}","status":"SENT","timestamp":{{timestamp}}}""").Timestamp!.Value.ToUniversalTime());

    [Theory]
    [InlineData("null")]
    [InlineData("\"ontem\"")]
    [InlineData("-1")]
    [InlineData("1e300")]
    [InlineData("{}")]
    public void A_time_that_can_not_be_read_is_missing_and_the_event_is_not_bad(string timestamp) =>
        Assert.Null(Read($$"""{"message_id":"{{Message}}","status":"SENT","timestamp":{{timestamp}}}""").Timestamp);

    [Theory]
    [InlineData("", "not a status event")]
    [InlineData("[]", "not a status event")]
    [InlineData("null", "not a status event")]
    [InlineData("{\"status\":\"SENT\"}", "message_id")]
    [InlineData("{\"message_id\":\"x\",\"status\":\"SENT\"}", "message_id")]
    [InlineData("{\"message_id\":\"01938a5e-0000-7000-8000-000000000001\"}", "status")]
    [InlineData("{\"message_id\":\"01938a5e-0000-7000-8000-000000000001\",\"status\":\"PLAYED\"}", "status")]
    [InlineData("""{"message_id":"01938a5e-0000-7000-8000-000000000001","status":"SENT","conversation_id":"1"}""", "conversation_id")]
    [InlineData("{\"message_id\":\"01938a5e-0000-7000-8000-000000000001\",\"status\":\"SENT\",\"organizacaoId\":\"1\"}", "organizacao_id")]
    public void An_event_that_can_not_be_used_is_refused_with_the_field(string json, string field) =>
        Assert.StartsWith(field, ErrorOf(json), StringComparison.Ordinal);

    [Fact]
    public void Accepted_says_that_the_message_is_there_and_no_status()
    {
        var announcement = Read("{\"message_id\":\"01938a5e-0000-7000-8000-000000000001\",\"status\":\"accepted\"}");
        Assert.True(announcement.IsAnnouncement);
        Assert.Null(announcement.Status);
        Assert.Equal(announcement, StatusEventJson.TryRead(StatusEventJson.Write(announcement), out _));
    }

    [Fact]
    public void A_providers_id_stands_in_for_the_message_id() =>
        Assert.Equal("wamid.1", Read("""{"providerMessageId":"wamid.1","status":"READ","channel":"whatsapp"}""").ProviderMessageId);

    /// <summary>What is written plainly is read by a shorter way than the same with a member that nobody knows.</summary>
    [Theory]
    [InlineData("""{"message_id":"ID","channel":"whatsapp","status":"SENT","timestamp":"2025-01-15T10:30:10.123Z"}""")]
    [InlineData("""{"message_id":"ID","channel":"instagram","status":"READ","conversation_id":"ID","organizacao_id":"ID"}""")]
    [InlineData("""{"message_id":"ID","status":"FAILED","channel":"whatsapp","provider_message_id":"wamid.A=","account_id":"17"}""")]
    [InlineData("""{"provider_message_id":"wamid.A=","status":"DELIVERED","channel":"whatsapp","authenticated":true}""")]
    [InlineData("""{"status":"ACCEPTED","message_id":"ID"}""")]
    [InlineData("""{ "status" : "SENT" , "message_id" : "ID" }""")]
    // Each of these is plain but for one thing.
    [InlineData("""{"message_id":"ID","status":"Sent"}""")]
    [InlineData("""{"message_id":"ID","status":"SEN\u0054"}""")]
    [InlineData("""{"message_id":"ID","stat\u0075s":"SENT"}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","channel":" WhatsApp "}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","channel":""}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","channel":null,"authenticated":false}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","timestamp":"2025-01-15T10:30:60.123Z"}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","timestamp":"2025-01-15T10:30:1012.3Z"}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","timestamp":"2025-02-30T10:30:10.123Z"}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","provider_message_id":"ação"}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","provider_message_id":""}""")]
    [InlineData("""{"message_id":"ID","status":"FAILED","reason":"131026","joins":3}""")]
    [InlineData("""{"message_id":"ID","status":"FAILED","reason":["131026"]}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","status":"READ"}""")]
    [InlineData("""{"message_id":"ID","status":"SENT","message_id":"ID"}""")]
    [InlineData("""{"message_id":"00000000-0000-0000-0000-000000000000","status":"SENT"}""")]
    [InlineData("""{"message_id":"{ID}","status":"SENT"}""")]
    [InlineData("""{"message_id":"ID","conversation_id":"1","status":"SENT"}""")]
    [InlineData("""{"message_id":7,"status":"SENT"}""")]
    [InlineData("""{"message_id":"ID"}""")]
    [InlineData("""{"status":"SENT"}""")]
    [InlineData("""{"message_id":"ID","status":"PLAYED"}""")]
    [InlineData("""{"message_id":"ID","status":"SENT"}}""")]
    [InlineData("""{"message_id":"ID","status":"SENT"} x""")]
    [InlineData("""{"message_id":"ID","status":"SENT",}""")]
    [InlineData("""{"message_id":"ID","status":"SENT" """)]
    [InlineData("""["message_id","ID"]""")]
    public void The_short_way_and_the_long_one_come_to_the_same(string template)
    {
        var json = template.Replace("ID", $"{Message}", StringComparison.Ordinal);
        var longer = "{\"nobody\":[1]," + json.TrimStart()[1..];

        var read = StatusEventJson.TryRead(Encoding.UTF8.GetBytes(json), out var error);
        var readTheLongWay = StatusEventJson.TryRead(Encoding.UTF8.GetBytes(longer), out var errorOfTheLongWay);

        Assert.Equal(readTheLongWay, read);
        Assert.Equal((read is null, read is null), (error is not null, errorOfTheLongWay is not null));
    }

    [Fact]
    public void Each_thread_writes_its_own_whatever_it_wrote_before()
    {
        var large = new StatusEvent(
            Message, Conversation, Organization, "whatsapp", StatusKind.Failed, null, new string('r', 900), new string('w', 500));
        var small = new StatusEvent(Message, null, null, null, StatusKind.Sent, null);
        foreach (var status in (StatusEvent[])[large, small, large, small])
            Assert.Equal(status, StatusEventJson.TryRead(StatusEventJson.Write(status), out _));
    }
}
