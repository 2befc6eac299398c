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
}
