using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Core.Ids;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Api.Messages;

internal static class MessagesExtensions
{
    private const string Tag = "Messages";

    public static void AddMessages(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<MessagesOptions>()
            .BindConfiguration(MessagesOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(p => new IdSource(p.GetRequiredService<TimeProvider>()));
        services.AddRateLimiter(limits => limits.AddPolicy<Guid, PostLimit>(PostLimit.Policy));
        services.AddSingleton<MessagePoster>();
        services.AddSingleton<MessageFinder>();
    }

    public static void MapMessages(this IEndpointRouteBuilder api)
    {
        api.MapPost("/messages", PostMessage.HandleAsync)
            .RequireRateLimiting(PostLimit.Policy)
            .Accepts<PostMessageBody>("application/json")
            .WithName("PostMessage")
            .WithSummary("Sends a message.")
            .WithDescription(
                "202 once the message is durable; its statuses come over the WebSocket. With the header Idempotency-Key (kept 24 "
                + "hours) a retry gets the first answer's id, and another body 422.")
            .WithTags(Tag)
            .WithProblems(400, 403, 413, 415, 422, 429, 503)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.AddHeader(
                    PostMessage.KeyHeader, "1 to 255 visible ASCII characters, for one message.", PostMessage.MaxKey);
                return Task.CompletedTask;
            });
        api.MapGet("/messages/{id}", GetMessage.HandleAsync)
            .WithName("GetMessage")
            .WithSummary("A message with its status. Waits up to a second for one that was just accepted.")
            .WithTags(Tag)
            .WithProblems(400, 404, 503)
            .WithIdParameters("id");
        api.MapGet("/messages/{id}/timeline", GetMessage.TimelineAsync)
            .WithName("GetTimeline")
            .WithSummary("Every status event that was recorded for a message, and what each changed.")
            .WithTags(Tag)
            .WithProblems(400, 404, 503)
            .WithIdParameters("id");
    }
}
