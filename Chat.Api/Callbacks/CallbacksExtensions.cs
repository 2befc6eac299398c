using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Core.Parking;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Chat.Api.Callbacks;

internal static class CallbacksExtensions
{
    public static void AddCallbacks(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IPostConfigureOptions<CallbacksOptions>, CallbacksOptionsSetup>();
        // Read at the start also so that a key made then is there for the person who configures a connector.
        services.AddOptions<CallbacksOptions>()
            .BindConfiguration(CallbacksOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton<MessageLookup>();
        services.AddSingleton<CallbackSenders>();
        services.AddSingleton<CallbackIntake>();
    }

    public static void MapCallbacks(this IEndpointRouteBuilder api) =>
        api.MapPost("/callbacks/status", StatusCallback.HandleAsync)
            .AllowAnonymous()
            .Accepts<StatusCallbackBody>("application/json")
            .WithTags("Callbacks")
            .WithName("PostStatus")
            .WithSummary("A connector's report of a message's status: one event, or an array of up to 1000.")
            .WithDescription(
                "Needs the channel's key as bearer token, and states facts of that channel's messages alone. "
                + "202 once every event is durable. Copies change nothing.")
            .WithProblems(400, 401, 413, 415, 503)
            .WithCallbackKey()
            .WithOneOrMany(CallbackItems.MaxEvents)
            .WithAnswerHeader(202, "Content-Language", "Of the texts in rejected, where there are any.", "en", required: false);
}
