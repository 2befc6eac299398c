using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Core.Webhooks;
using Microsoft.OpenApi;

namespace Chat.Api.Webhooks;

internal static class WebhooksExtensions
{
    private const string Path = "/webhooks/{channel}";

    public static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>()
            .BindConfiguration(WebhookOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<WebhookIntake>();
        builder.Services.AddSingleton<WebhookBodies>();
    }

    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        Describe(
            api,
            "Webhook",
            "the provider's app that the setting Accounts:Apps:{channel}:default is about",
            api.MapGet(Path, (HttpContext context, string channel, WebhookIntake intake) =>
                WebhookEndpoints.VerifyAsync(context, channel, intake)),
            api.MapPost(Path, (HttpContext context, string channel, WebhookIntake intake, WebhookBodies bodies, ApiMetrics metrics) =>
                WebhookEndpoints.ReceiveAsync(context, channel, intake, bodies, metrics)));
        Describe(
            api,
            "AppWebhook",
            "another app: a name in the settings, or the id of an organization that brings an app of its own",
            api.MapGet($"{Path}/{{app}}", (HttpContext context, string channel, string app, WebhookIntake intake) =>
                WebhookEndpoints.VerifyAsync(context, channel, intake, app)),
            api.MapPost(
                $"{Path}/{{app}}",
                (HttpContext context, string channel, string app, WebhookIntake intake, WebhookBodies bodies, ApiMetrics metrics) =>
                    WebhookEndpoints.ReceiveAsync(context, channel, intake, bodies, metrics, app)));
    }

    private static void Describe(
        IEndpointRouteBuilder api, string name, string app, RouteHandlerBuilder verify, RouteHandlerBuilder receive)
    {
        verify.AllowAnonymous()
            .WithTags("Webhooks")
            .WithName($"Verify{name}")
            .WithSummary("A provider's question whether this address is its subscriber's.")
            .WithDescription($"Answers with the challenge where the token is the app's. It is {app}.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .WithProblems(403, 404)
            .WithAnswer(200, "The challenge, as it was given.")
            .WithAnswer(403, "The token is not the app's.")
            .WithAnswer(404, "There is no such channel, or no such app.")
            .WithAnswerHeader(200, "X-Content-Type-Options", "So that no browser takes it for a page.", "nosniff")
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                var parameters = operation.Parameters ??= [];
                parameters.Add(Query("hub.mode", "subscribe"));
                parameters.Add(Query("hub.verify_token", "a token"));
                parameters.Add(Query("hub.challenge", "1158201444"));
                return Task.CompletedTask;
            });
        receive.AllowAnonymous()
            .WithTags("Webhooks")
            .WithName($"Post{name}")
            .WithSummary("What a provider reports: statuses, and what people write.")
            .WithDescription(
                $"200 once it is durable, whatever it holds. Signed over the bytes as they are, by the secret of the app. It is {app}.")
            .WithProblems(401, 404, 408, 413, 503)
            .WithAnswer(200, "It is durable.")
            .WithAnswer(401, "The signature is missing, or is not the app's of this body.")
            .WithAnswer(404, "There is no such channel, or no such app.")
            .WithAnswer(503, "An engine does not answer, or there is no room for the body now. Try again.")
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                (operation.Parameters ??= []).Add(new OpenApiParameter
                {
                    Name = WebhookSignature.Header,
                    In = ParameterLocation.Header,
                    Required = true,
                    Description = "sha256= and the HMAC-SHA256 of the body, in hexadecimal.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
                operation.RequestBody = new OpenApiRequestBody
                {
                    Description = $"As the provider has it; at most {RawWebhook.MaxBytes} bytes.",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } },
                    },
                };
                return Task.CompletedTask;
            });
    }

    private static OpenApiParameter Query(string name, string example) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Required = true,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = example,
    };
}
