using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Api.Messages;
using Chat.Core.Channels;
using Chat.Core.Statuses;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

namespace Chat.Api.Http;

/// <summary>The document <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiExtensions
{
    private const string SchemeName = "bearer";

    public static void AddChatOpenApi(this IHostApplicationBuilder builder) => builder.Services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Chat",
                Version = "v1",
                Description = $"Messages through {string.Join(", ", ChannelCatalog.All.Select(c => c.DisplayName))}, and their statuses. "
                    + "Live ones come over /ws/status.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [SchemeName] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    BearerFormat = "JWT",
                    Description = "Claims: sub or nameid (user, UUID), tenant_id (organization, UUID, optional), exp.",
                },
            };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // A message's content: what it holds is its type's.
            if (context.JsonTypeInfo.Type == typeof(JsonElement)) schema.Type = JsonSchemaType.Object;
            if (context.JsonPropertyInfo is { Name: "canal" } property && property.DeclaringType == typeof(PostMessageBody))
                schema.Enum = [.. ChannelCatalog.Names.Select(name => JsonValue.Create(name))];
            // A dictionary here; the document has a member for each kind of fact.
            if (context.JsonTypeInfo.Type == typeof(IReadOnlyDictionary<string, FactView>) && schema.AdditionalProperties is { } fact)
            {
                IOpenApiSchema known = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, fact] };
                schema.Properties = StatusKinds.All.ToDictionary(StatusNames.Field, _ => known);
                schema.AdditionalProperties = null;
            }
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
            {
                operation.Security = [new() { [new OpenApiSecuritySchemeReference(SchemeName, context.Document)] = [] }];
                operation.Responses ??= [];
                operation.Responses.TryAdd("401", new OpenApiResponse { Description = "Unauthorized" });
            }
            return Task.CompletedTask;
        });
    });
}
