using System.Text.Json;
using Chat.Core.Telemetry;

namespace Chat.Core.Frames;

/// <summary>What the frames that are published have in common.</summary>
internal static class FrameJson
{
    public static readonly JsonEncodedText Type = JsonEncodedText.Encode("type"), MessageId = JsonEncodedText.Encode("messageId"),
        ConversationId = JsonEncodedText.Encode("conversationId"), Channel = JsonEncodedText.Encode("channel"),
        Timestamp = JsonEncodedText.Encode("timestamp");

    private static readonly JsonEncodedText Seq = JsonEncodedText.Encode("seq"), TraceParent = JsonEncodedText.Encode("traceparent"),
        Envelope = JsonEncodedText.Encode("_"), Organization = JsonEncodedText.Encode("organization"),
        Prev = JsonEncodedText.Encode("prev");

    /// <summary>The number, the trace where the client may have it, and, of what goes over the bus, what only the hub needs.</summary>
    /// <param name="organizationId">Null of what goes to a client.</param>
    public static void WriteEnd(this Utf8JsonWriter json, long seq, Guid? organizationId, long? prev, string? traceParent)
    {
        json.WriteNumber(Seq, seq);
        if (TraceContext.IsSampled(traceParent)) json.WriteString(TraceParent, traceParent);
        if (organizationId is not { } organization) return;
        json.WriteStartObject(Envelope);
        json.WriteString(Organization, organization);
        if (prev is { } p) json.WriteNumber(Prev, p);
        if (traceParent is not null) json.WriteString(TraceParent, traceParent);
        json.WriteEndObject();
    }
}
