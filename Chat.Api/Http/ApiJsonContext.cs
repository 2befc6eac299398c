using System.Text.Json.Serialization;
using Chat.Api.Auth;
using Chat.Api.Callbacks;
using Chat.Api.Channels;
using Chat.Api.Conversations;
using Chat.Api.Messages;

namespace Chat.Api.Http;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PostMessageBody))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(MessagePageView))]
[JsonSerializable(typeof(TimelineView))]
[JsonSerializable(typeof(ChannelsView))]
[JsonSerializable(typeof(StatusCallbackBody))]
[JsonSerializable(typeof(CallbackAccepted))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenView))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
