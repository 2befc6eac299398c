using System.Text.Json;

namespace Chat.Client.Protocol;

/// <summary>The frames from client to server, as JSON.</summary>
public static class ClientFrames
{
    /// <summary>Are you there?</summary>
    public const string Ping = """{"type":"ping"}""";

    /// <summary>Watches a conversation, and first gets what came after <paramref name="since"/>.</summary>
    public static string Subscribe(Guid conversationId, long? since) => since is { } seq
        ? $$"""{"type":"subscribe","conversationId":"{{conversationId:D}}","since":{{seq}}}"""
        : $$"""{"type":"subscribe","conversationId":"{{conversationId:D}}"}""";

    /// <summary>Watches it no more.</summary>
    public static string Unsubscribe(Guid conversationId) =>
        $$"""{"type":"unsubscribe","conversationId":"{{conversationId:D}}"}""";

    /// <summary>A fresh token of the same user.</summary>
    public static string Auth(string token) => $$"""{"type":"auth","token":"{{JsonEncodedText.Encode(token)}}"}""";
}
