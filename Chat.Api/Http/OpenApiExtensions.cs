using Chat.Core.Channels;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

namespace Chat.Api.Http;

/// <summary>The document <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiExtensions
{
    private const string SchemeName = "bearer";
    private const string CallbackScheme = "callbackKey";

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
            // Wherever it was read from: the document is the same for all.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = SecuritySchemes();
            OpenApiOtherPaths.AddTo(document, SchemeName);
            OpenApiAnswers.Complete(document);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            OpenApiSchemas.Complete(schema, context.JsonTypeInfo.Type, context.JsonPropertyInfo);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            operation.AddLanguage();
            var responses = operation.Responses ??= [];
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any()) return Task.CompletedTask;
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(SchemeName, context.Document)] = [] }];
            responses.TryAdd("401", new OpenApiResponse());
            // The tokens' authority may be out of reach.
            responses.TryAdd("503", new OpenApiResponse());
            return Task.CompletedTask;
        });
    });

    /// <summary>Says that an endpoint takes a channel's key in place of a user's token.</summary>
    public static RouteHandlerBuilder WithCallbackKey(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(CallbackScheme, context.Document)] = [] }];
            return Task.CompletedTask;
        });

    private static Dictionary<string, IOpenApiSecurityScheme> SecuritySchemes() => new()
    {
        [SchemeName] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "Claims: sub or nameid (user, UUID), tenant_id (organization, UUID, optional), exp, jti (optional).",
        },
        [CallbackScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A channel's key, for connectors: the setting Callbacks:Keys:{channel}.",
        },
        [OpenApiOtherPaths.QueryScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Query,
            Name = "access_token",
            Description = "The same token, for the WebSocket alone.",
        },
    };
}
