using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Core.Frames;
using Chat.Core.Time;

namespace Chat.Api.Hub.Protocol;

/// <summary>The frames from server to client, but for <c>message.status</c>, which <see cref="StatusFrame"/> encodes.</summary>
public static class ServerFrames
{
    public static OutgoingFrame Connected(string connectionId, Guid userId, DateTimeOffset now) =>
        Encode(new() { Type = "connected", ConnectionId = connectionId, UserId = userId, Timestamp = WireTime.Format(now) });

    /// <param name="seq">The conversation's head: where a client without <c>since</c> starts counting.</param>
    /// <param name="recovered">Null where the client gave no <c>since</c>; false where it must load the page over REST.</param>
    public static OutgoingFrame Subscribed(Guid conversationId, long seq, bool? recovered, DateTimeOffset now) => Encode(new()
    {
        Type = "subscribed",
        ConversationId = conversationId,
        Timestamp = WireTime.Format(now),
        Seq = seq,
        Recovered = recovered,
    });

    public static OutgoingFrame Unsubscribed(Guid conversationId, DateTimeOffset now) =>
        Encode(new() { Type = "unsubscribed", ConversationId = conversationId, Timestamp = WireTime.Format(now) });

    public static OutgoingFrame Pong(DateTimeOffset now) => Encode(new() { Type = "pong", Timestamp = WireTime.Format(now) });

    /// <summary>The answer to a fresh token.</summary>
    public static OutgoingFrame Authenticated(DateTimeOffset expiresAt, DateTimeOffset now) =>
        Encode(new() { Type = "authenticated", ExpiresAt = WireTime.Format(expiresAt), Timestamp = WireTime.Format(now) });

    /// <param name="retryable">Whether the same frame may go through later.</param>
    public static OutgoingFrame Error(string code, string message, bool retryable = false, Guid? conversationId = null) => Encode(
        new() { Type = "error", Message = message, Code = code, Retryable = retryable, ConversationId = conversationId });

    private static OutgoingFrame Encode(ServerFrame frame) =>
        OutgoingFrame.Text(JsonSerializer.SerializeToUtf8Bytes(frame, Json.ServerFrame));

    private static readonly ServerFrameContext Json = new(new JsonSerializerOptions(ServerFrameContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

internal sealed class ServerFrame
{
    public required string Type { get; init; }

    public string? ConnectionId { get; init; }

    public Guid? UserId { get; init; }

    public string? Message { get; init; }

    public string? Code { get; init; }

    public bool? Retryable { get; init; }

    public Guid? ConversationId { get; init; }

    public string? ExpiresAt { get; init; }

    public string? Timestamp { get; init; }

    public long? Seq { get; init; }

    public bool? Recovered { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServerFrame))]
internal sealed partial class ServerFrameContext : JsonSerializerContext;
