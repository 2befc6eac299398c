using System.Text.Json.Serialization;

namespace Chat.Client;

/// <summary>A page of a conversation, newest message first.</summary>
/// <param name="Items">The messages.</param>
/// <param name="Next">The <c>before</c> of the next page; null where there is none.</param>
/// <param name="Seq">The conversation's number, read before the items: a subscription that starts here misses nothing.</param>
public sealed record ConversationPage(IReadOnlyList<MessageItem> Items, string? Next, long? Seq);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConversationPage))]
[JsonSerializable(typeof(MessageItem))]
internal sealed partial class ClientJsonContext : JsonSerializerContext;
