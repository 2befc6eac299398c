using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;
using Chat.Core.Time;

namespace Chat.Core.Frames;

/// <summary>
/// Encodes a change once: as the client's frame <c>message.status</c>, or as what is published on the bus, which is the same frame
/// with one member more, last, <c>_ {organization, prev, traceparent}</c>. Live and replayed frames come from the same code.
/// </summary>
public static class StatusFrame
{
    public const string Type = "message.status";

    // The frames are JSON of our own, never put into HTML by us: accents stay readable.
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly JsonEncodedText TypeName = JsonEncodedText.Encode("type"), TypeValue = JsonEncodedText.Encode(Type),
        MessageId = JsonEncodedText.Encode("messageId"), ConversationId = JsonEncodedText.Encode("conversationId"),
        Status = JsonEncodedText.Encode("status"), Channel = JsonEncodedText.Encode("channel"),
        Timestamp = JsonEncodedText.Encode("timestamp"),
        Reason = JsonEncodedText.Encode("reason"), Seq = JsonEncodedText.Encode("seq"), TraceParent = JsonEncodedText.Encode("traceparent"),
        Envelope = JsonEncodedText.Encode("_"), Organization = JsonEncodedText.Encode("organization"),
        Prev = JsonEncodedText.Encode("prev");

    /// <summary>The frame that a client gets, in UTF-8.</summary>
    public static byte[] Encode(StatusChange change) => Write(change, null, null, null);

    /// <summary>What is published: the frame and, under <c>_</c>, what only the hub needs.</summary>
    /// <param name="prev">The conversation's number before this one, where the publisher knows it.</param>
    /// <param name="traceParent">For the hub; the client gets it where it is sampled.</param>
    public static byte[] EncodeForBus(StatusChange change, Guid organizationId, long? prev, string? traceParent) =>
        Write(change, organizationId, prev, traceParent);

    private static byte[] Write(StatusChange change, Guid? organizationId, long? prev, string? traceParent)
    {
        var buffer = new ArrayBufferWriter<byte>(384);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString(TypeName, TypeValue);
            json.WriteString(MessageId, change.MessageId);
            json.WriteString(ConversationId, change.ConversationId);
            json.WriteString(Status, StatusNames.Format(change.Status));
            json.WriteString(Channel, change.Channel);
            json.WriteString(Timestamp, WireTime.Format(change.At));
            if (change.Reason is not null) json.WriteString(Reason, change.Reason);
            json.WriteNumber(Seq, change.Seq);
            if (TraceContext.IsSampled(traceParent)) json.WriteString(TraceParent, traceParent);
            if (organizationId is { } organization)
            {
                json.WriteStartObject(Envelope);
                json.WriteString(Organization, organization);
                if (prev is { } p) json.WriteNumber(Prev, p);
                if (traceParent is not null) json.WriteString(TraceParent, traceParent);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
