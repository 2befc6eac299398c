using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Chat.Api.Accounts;
using Chat.Api.Callbacks;
using Chat.Api.Messages;
using Chat.Api.Operations.Engines;
using Chat.Core.Channels;
using Chat.Core.Statuses;
using Microsoft.OpenApi;

namespace Chat.Api.Http;

/// <summary>Says in the OpenAPI document what types alone don't: formats, and the values that a text can have.</summary>
internal static class OpenApiSchemas
{
    private static readonly string[] Times =
    [
        "timestamp", "createdAt", "at", "reportedAt", "receivedAt", "expiresAt", "updatedAt", "tokenExpiresAt", "tokenIssuedAt",
    ];

    public static void Complete(OpenApiSchema schema, Type type, JsonPropertyInfo? property)
    {
        // A message's content: what it holds is its type's.
        if (type == typeof(JsonElement)) schema.Type = JsonSchemaType.Object;
        // A dictionary here; the document has a member for each kind of fact.
        if (type == typeof(IReadOnlyDictionary<string, FactView>) && schema.AdditionalProperties is { } fact)
        {
            IOpenApiSchema known = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, fact] };
            schema.Properties = StatusKinds.All.ToDictionary(StatusNames.Field, _ => known);
            schema.Required = StatusKinds.All.Select(StatusNames.Field).ToHashSet();
            schema.AdditionalProperties = null;
        }
        if (property is not null && type == typeof(string)) CompleteText(schema, property);
    }

    private static void CompleteText(OpenApiSchema schema, JsonPropertyInfo property)
    {
        var owner = property.DeclaringType;
        switch (property.Name)
        {
            case "canal" when owner == typeof(PostMessageBody):
                schema.Enum = Values(ChannelCatalog.Names);
                break;
            case "channel" when owner == typeof(AccountBody):
                schema.Enum = Values(ChannelCatalog.Names);
                break;
            case "state" when owner == typeof(AccountView) || owner == typeof(AccountHealthView):
                schema.Enum = Values(AccountView.Active, AccountView.NeedsAttention);
                break;
            case "state" when typeof(AccountChangeBody).IsAssignableFrom(owner):
                schema.Enum = Values(AccountView.Active);
                break;
            case "source" when owner == typeof(AccountView):
                schema.Enum = Values(AccountView.OfApi, AccountView.OfConfiguration);
                break;
            case "tipo" when owner == typeof(PostMessageBody):
                schema.Enum = Values(ChannelLimits.AllTypes);
                break;
            case "status" when owner == typeof(MessageAccepted):
                schema.Enum = Values(StatusNames.Format(MessageStatus.Accepted));
                break;
            case "status" when owner == typeof(MessageView):
            case "shown":
                schema.Enum = Values([.. Enum.GetValues<MessageStatus>().Select(StatusNames.Format)]);
                break;
            case "status" when owner == typeof(StatusCallbackBody) || owner == typeof(TimelineEntry):
                schema.Enum = Values([.. StatusKinds.All.Select(k => StatusNames.Format(k))]);
                break;
            case "timestamp" when owner == typeof(StatusCallbackBody):
                schema.Type = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Null;
                break;
            case var name when Times.Contains(name):
                schema.Format = "date-time";
                break;
        }
    }

    private static List<JsonNode> Values(params IReadOnlyCollection<string> values) =>
        [.. values.Select(v => (JsonNode)JsonValue.Create(v))];
}
