using System.Text.Json.Serialization;
using Chat.Api.Accounts;
using Chat.Api.Auth;
using Chat.Api.Callbacks;
using Chat.Api.Channels;
using Chat.Api.Conversations;
using Chat.Api.Messages;
using Chat.Api.Operations;
using Chat.Api.Operations.DeadLetters;
using Chat.Api.Operations.Messages;
using Chat.Api.Operations.Parked;

namespace Chat.Api.Http;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PostMessageBody))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(MessagePageView))]
[JsonSerializable(typeof(ConversationView))]
[JsonSerializable(typeof(ConversationSignaled))]
[JsonSerializable(typeof(TimelineView))]
[JsonSerializable(typeof(ChannelsView))]
[JsonSerializable(typeof(StatusCallbackBody))]
[JsonSerializable(typeof(CallbackAccepted))]
[JsonSerializable(typeof(AccountBody))]
[JsonSerializable(typeof(AccountChangeBody))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(AccountListView))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(OverviewView))]
[JsonSerializable(typeof(DeadLetterPageView))]
[JsonSerializable(typeof(DeadLetterDetailView))]
[JsonSerializable(typeof(ParkedPageView))]
[JsonSerializable(typeof(OperatorMessageView))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
