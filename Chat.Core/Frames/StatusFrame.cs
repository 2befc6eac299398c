using System.Text.Json;
using Chat.Core.Json;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Core.Frames;

/// <summary>
/// Encodes a status change once: as the client's frame <c>message.status</c>, or as what is published on the bus, which is the same frame
/// with one member more, last, <c>_ {organization, prev, traceparent}</c>. Live and replayed frames come from the same code.
/// </summary>
public static class StatusFrame
{
    public const string Type = "message.status";

    private static readonly JsonEncodedText TypeValue = JsonEncodedText.Encode(Type), Status = JsonEncodedText.Encode("status"),
        Reason = JsonEncodedText.Encode("reason");

    /// <summary>The frame that a client gets, in UTF-8.</summary>
    public static byte[] Encode(StatusChange change) => Write(change, null, null, null);

    /// <summary>What is published: the frame and, under <c>_</c>, what only the hub needs.</summary>
    /// <param name="prev">The conversation's number before this one, where the publisher knows it.</param>
    /// <param name="traceParent">For the hub; the client gets it where it is sampled.</param>
    public static byte[] EncodeForBus(StatusChange change, Guid organizationId, long? prev, string? traceParent) =>
        Write(change, organizationId, prev, traceParent);

    private static byte[] Write(StatusChange change, Guid? organizationId, long? prev, string? traceParent) => JsonBytes.Write(
        (change, organizationId, prev, traceParent),
        static (json, frame) =>
        {
            var change = frame.change;
            json.WriteStartObject();
            json.WriteString(FrameJson.Type, TypeValue);
            json.WriteString(FrameJson.MessageId, change.MessageId);
            json.WriteString(FrameJson.ConversationId, change.ConversationId);
            json.WriteString(Status, StatusNames.Format(change.Status));
            json.WriteString(FrameJson.Channel, change.Channel);
            json.WriteTime(FrameJson.Timestamp, change.At);
            if (change.Reason is not null) json.WriteString(Reason, change.Reason);
            json.WriteEnd(change.Seq, frame.organizationId, frame.prev, frame.traceParent);
            json.WriteEndObject();
        });
}
