using System.Text.Json;
using Chat.Core.Json;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.Core.Frames;

/// <summary>A payload from the bus, read once per publish.</summary>
/// <param name="Frame">The client's frame: the payload without its member <c>_</c>.</param>
/// <param name="MessageId">What a slow reader's queue is conflated by; null where the payload names none.</param>
/// <param name="Seq">Null in a payload published by hand: passed on as it is, and it repairs nothing.</param>
/// <param name="Organization">Null in a payload published by hand: for the conversation's owner alone.</param>
/// <param name="Prev">The number before this one, where the publisher knew it.</param>
/// <param name="Timestamp">When the change happened, for the latency to the socket.</param>
/// <param name="IsAnnouncement">Whether it is a <c>message.created</c>, which only those get who asked for messages.</param>
public sealed record BusPayload(
    ReadOnlyMemory<byte> Frame,
    Guid? MessageId,
    long? Seq,
    Guid? Organization,
    long? Prev,
    DateTimeOffset? Timestamp,
    string? TraceParent,
    bool IsAnnouncement = false)
{
    /// <summary>The most bytes of a payload: a frame goes to every socket that watches its conversation.</summary>
    public const int MaxBytes = 128 * 1024;

    /// <summary>
    /// Reads a payload; null where it is not a JSON object, since no client could read it either, or where it says what no publisher
    /// does: an organization of zeros, a number that no event has. Never throws.
    /// </summary>
    public static BusPayload? TryRead(ReadOnlyMemory<byte> payload)
    {
        if (JsonGate.Check(payload.Span, MaxBytes) is not null) return null;
        try
        {
            return Read(payload) is { } read && read.Organization != Guid.Empty && IsNumber(read.Seq) && IsNumber(read.Prev) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsNumber(long? seq) => seq is null or (>= 0 and <= SequenceNumber.Max);

    private static BusPayload? Read(ReadOnlyMemory<byte> payload)
    {
        var reader = new Utf8JsonReader(payload.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        Guid? messageId = null, organization = null;
        long? seq = null, prev = null;
        DateTimeOffset? timestamp = null;
        string? traceParent = null;
        var isAnnouncement = false;
        int cutFrom = -1, cutTo = -1;
        var membersBefore = 0;
        var previousEnd = (int)reader.BytesConsumed;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            if (reader.ValueTextEquals("_"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject) ReadEnvelope(ref reader, ref organization, ref prev, ref traceParent);
                else reader.Skip();
                // With the comma before it, or, where it is the first member, up to the next member's name.
                (cutFrom, cutTo) = membersBefore > 0 ? (previousEnd, (int)reader.BytesConsumed) : (nameStart, -1);
            }
            else
            {
                if (cutFrom >= 0 && cutTo < 0) cutTo = nameStart;
                if (reader.ValueTextEquals("messageId"u8)) messageId = ReadGuid(ref reader);
                else if (reader.ValueTextEquals("type"u8)) isAnnouncement = IsMessageFrame(ref reader);
                else if (reader.ValueTextEquals("seq"u8)) seq = ReadInt64(ref reader);
                else if (reader.ValueTextEquals("timestamp"u8)) timestamp = ReadTime(ref reader);
                else
                {
                    reader.Read();
                    reader.Skip();
                }
                membersBefore++;
            }
            previousEnd = (int)reader.BytesConsumed;
        }
        if (reader.TokenType != JsonTokenType.EndObject) return null;
        var end = (int)reader.TokenStartIndex;
        if (reader.Read()) return null;
        if (cutFrom >= 0 && cutTo < 0) cutTo = end;
        return new(Cut(payload, cutFrom, cutTo), messageId, seq, organization, prev, timestamp, traceParent, isAnnouncement);
    }

    private static void ReadEnvelope(ref Utf8JsonReader reader, ref Guid? organization, ref long? prev, ref string? traceParent)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("organization"u8)) organization = ReadGuid(ref reader);
            else if (reader.ValueTextEquals("prev"u8)) prev = ReadInt64(ref reader);
            else if (reader.ValueTextEquals("traceparent"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String) traceParent = TraceContext.Read(reader.GetString());
                else reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static bool IsMessageFrame(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.ValueTextEquals(MessageFrame.Type);
        reader.Skip();
        return false;
    }

    private static Guid? ReadGuid(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var value)) return value;
        reader.Skip();
        return null;
    }

    private static long? ReadInt64(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)) return value;
        reader.Skip();
        return null;
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var value)) return value;
        reader.Skip();
        return null;
    }

    private static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> payload, int from, int to)
    {
        if (from < 0) return payload;
        var frame = new byte[payload.Length - (to - from)];
        payload.Span[..from].CopyTo(frame);
        payload.Span[to..].CopyTo(frame.AsSpan(from));
        return frame;
    }
}
