using System.Text;
using System.Text.Json;
using Chat.Core.Json;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Core.Frames;

/// <summary>
/// Encodes an announcement once: as the client's frame <c>message.created</c>, or as what is published on the bus (see
/// <see cref="StatusFrame"/>). Its member <c>message</c> is the message as REST shows it, without what became of it: statuses are frames
/// of their own.
/// </summary>
public static class MessageFrame
{
    public const string Type = "message.created";

    /// <summary>
    /// Content with more bytes than this, in UTF-8, is left out of the frame, which goes to every socket that wants it: a client reads
    /// that message over REST.
    /// </summary>
    public const int MaxContentBytes = 32 * 1024;

    private static readonly JsonEncodedText TypeValue = JsonEncodedText.Encode(Type), Message = JsonEncodedText.Encode("message"),
        Direction = JsonEncodedText.Encode("direction"), Kind = JsonEncodedText.Encode("type"), Content = JsonEncodedText.Encode("content"),
        SenderId = JsonEncodedText.Encode("senderId"), CreatedAt = JsonEncodedText.Encode("createdAt"),
        Position = JsonEncodedText.Encode("position");

    /// <summary>The frame that a client gets, in UTF-8.</summary>
    public static byte[] Encode(StatusChange change, Message message) => Write(change, message, null, null, null);

    /// <inheritdoc cref="StatusFrame.EncodeForBus"/>
    public static byte[] EncodeForBus(StatusChange change, Message message, long? prev, string? traceParent) =>
        Write(change, message, message.OrganizationId, prev, traceParent);

    private static byte[] Write(StatusChange change, Message message, Guid? organizationId, long? prev, string? traceParent) =>
        JsonBytes.Write(
            (change, message, organizationId, prev, traceParent),
            static (json, frame) =>
            {
                json.WriteStartObject();
                json.WriteString(FrameJson.Type, TypeValue);
                json.WriteString(FrameJson.ConversationId, frame.change.ConversationId);
                json.WriteTime(FrameJson.Timestamp, frame.change.At);
                WriteMessage(json, frame.message);
                json.WriteEnd(frame.change.Seq, frame.organizationId, frame.prev, frame.traceParent);
                json.WriteEndObject();
            });

    private static void WriteMessage(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject(Message);
        json.WriteString(FrameJson.MessageId, message.MessageId);
        json.WriteString(FrameJson.ConversationId, message.ConversationId);
        json.WriteString(FrameJson.Channel, message.Channel);
        json.WriteString(Direction, message.Direction);
        json.WriteString(Kind, message.Type);
        if (Encoding.UTF8.GetByteCount(message.Content) <= MaxContentBytes)
        {
            json.WritePropertyName(Content);
            MessageContent.Read(message.Content).WriteTo(json);
        }
        json.WriteString(SenderId, message.SenderId);
        json.WriteTime(CreatedAt, message.CreatedAt);
        if (message.Position > 0) json.WriteNumber(Position, message.Position);
        else json.WriteNull(Position);
        json.WriteEndObject();
    }
}
