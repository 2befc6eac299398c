using System.Text;
using Chat.Core.Frames;
using Chat.Core.Statuses;

namespace Chat.Tests.Bus;

public sealed class BusPayloadTests
{
    private static readonly Guid Message = Guid.Parse("01938a5e-0000-7000-8000-000000000001");
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");

    private static readonly StatusChange Change = new(
        Conversation, 7, Message, MessageStatus.Read, "whatsapp", new(2025, 1, 15, 10, 30, 10, TimeSpan.Zero), null,
        DateTimeOffset.UnixEpoch);

    private static BusPayload? Read(string json) => BusPayload.TryRead(Encoding.UTF8.GetBytes(json));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    [Fact]
    public void The_frame_has_the_seeds_six_members_in_the_seeds_order_and_the_number_after_them() =>
        Assert.Equal(
            $$"""{"type":"message.status","messageId":"{{Message}}","conversationId":"{{Conversation}}","status":"READ","""
            + "\"channel\":\"whatsapp\",\"timestamp\":\"2025-01-15T10:30:10.000Z\",\"seq\":7}",
            Text(StatusFrame.Encode(Change)));

    [Fact]
    public void A_failure_carries_its_reason_readably() =>
        Assert.Contains(
            """"
            "status":"FAILED","channel":"whatsapp","timestamp":"2025-01-15T10:30:10.000Z","reason":"não \"entregue\"","seq":7
            """",
            Text(StatusFrame.Encode(Change with { Status = MessageStatus.Failed, Reason = "não \"entregue\"" })),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(6L)]
    [InlineData(null)]
    public void What_is_published_is_the_clients_frame_and_one_member_more(long? prev)
    {
        var payload = BusPayload.TryRead(StatusFrame.EncodeForBus(Change, Organization, prev, null))!;
        Assert.Equal(Text(StatusFrame.Encode(Change)), Text(payload.Frame));
        Assert.Equal(
            (Message, 7L, Organization, prev),
            (payload.MessageId!.Value, payload.Seq!.Value, payload.Organization!.Value, payload.Prev));
        Assert.Equal(Change.At, payload.Timestamp);
    }

    [Fact]
    public void The_trace_is_in_the_frame_and_beside_it()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var payload = BusPayload.TryRead(StatusFrame.EncodeForBus(Change, Organization, 6, trace))!;
        Assert.Equal(trace, payload.TraceParent);
        Assert.EndsWith($$""","traceparent":"{{trace}}"}""", Text(payload.Frame), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"_":{"organization":"456e7890-e89b-12d3-a456-426614174000"},"a":1}""", """{"a":1}""")]
    [InlineData("""{"a":1,"_":{"organization":"456e7890-e89b-12d3-a456-426614174000"},"b":2}""", """{"a":1,"b":2}""")]
    [InlineData("""{ "a" : 1 , "_" : {"organization":"456e7890-e89b-12d3-a456-426614174000"} }""", """{ "a" : 1 }""")]
    [InlineData("""{"_":{"organization":"456e7890-e89b-12d3-a456-426614174000"}}""", "{}")]
    public void The_envelope_is_cut_off_wherever_it_stands(string json, string frame)
    {
        var payload = Read(json)!;
        Assert.Equal(Organization, payload.Organization);
        Assert.Equal(frame, Text(payload.Frame));
    }

    [Fact]
    public void What_was_published_by_hand_is_passed_on_as_it_is()
    {
        const string json = """{"type":"message.status","messageId":"abc123","status":"READ","nested":{"_":1}}""";
        var payload = Read(json)!;
        Assert.Equal(json, Text(payload.Frame));
        Assert.Equal(((Guid?)null, (long?)null, (Guid?)null), (payload.MessageId, payload.Seq, payload.Organization));
    }

    [Theory]
    [InlineData("")]
    [InlineData("READ")]
    [InlineData("[1]")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1} x")]
    public void What_is_no_JSON_object_is_no_payload(string json) => Assert.Null(Read(json));
}
