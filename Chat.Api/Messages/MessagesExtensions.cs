using Chat.Api.Auth;
using Chat.Api.Backpressure;
using Chat.Api.Http;
using Chat.Api.Limits;
using Chat.Api.Problems;
using Chat.Api.Texts;
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
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PostLimit>();
        services.AddSingleton<ReadLimit>();
        services.AddSingleton<RecipientClaims>();
        services.AddSingleton<KeysUnderWay>();
        services.AddSingleton<MessagePoster>();
        services.AddSingleton<PostingAccount>();
        services.AddSingleton<MessageFinder>();
    }

    public static void MapMessages(this IEndpointRouteBuilder api)
    {
        api.MapPost("/messages", PostMessage.HandleAsync)
            .LimitPosts()
            .RefuseWhenBehind()
            .Accepts<PostMessageBody>("application/json")
            .WithName("PostMessage")
            .WithSummary("Sends a message.")
            .WithDescription(
                "202 once the message is durable; its statuses come over the WebSocket. With the header Idempotency-Key (kept 24 "
                + "hours) a retry gets the first answer's id, and another body 422.")
            .WithTags(Tag)
            .WithProblems(400, 403, 413, 415, 422, 429, 503)
            .WithAnswer(
                503,
                "An engine, or the tokens' authority, does not answer, or more is posted than the workers do. Wait as Retry-After says.")
            .WithAnswerHeader(202, "Location", "Where the message is.", "/v1/messages/019a3f5c-8c00-7abc-8def-0123456789ab")
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
            .LimitReads()
            .WithNoSuchMessage()
            .WithIdParameters("id");
        api.MapGet("/messages/{id}/timeline", GetMessage.TimelineAsync)
            .WithName("GetTimeline")
            .WithSummary("Every status event that was recorded for a message, and what each changed.")
            .WithTags(Tag)
            .LimitReads()
            .WithNoSuchMessage()
            .WithIdParameters("id");
    }

    private static RouteHandlerBuilder WithNoSuchMessage(this RouteHandlerBuilder endpoint) => endpoint
        .WithProblems(400, 404, 429, 503)
        .WithAnswer(404, "There is no such message, or none that this user may see.")
        .WithAnswerHeader(404, "Retry-After", "Seconds; where a message just accepted may be on its way.", "1", required: false);

    /// <summary>Limits reads: see <see cref="ReadLimit"/>.</summary>
    /// <param name="cost">What one read costs; 1 where it is missing.</param>
    public static RouteHandlerBuilder LimitReads(this RouteHandlerBuilder endpoint, Func<HttpRequest, int>? cost = null) =>
        endpoint.Limit(ReadLimit.Name, UserTexts.TooManyReads, context => context.RequestServices
            .GetRequiredService<ReadLimit>()
            .Take(context.User(), cost?.Invoke(context.Request) ?? 1));

    // Without an organization, the endpoint refuses the post anyway.
    private static RouteHandlerBuilder LimitPosts(this RouteHandlerBuilder endpoint) =>
        endpoint.Limit(PostLimit.Name, UserTexts.TooManyPosts, context => context.User().OrganizationId is { } organization
            ? context.RequestServices.GetRequiredService<PostLimit>().Take(organization)
            : null);
}
