using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.ServiceDefaults;

namespace Chat.Api.Media;

internal static class MediaExtensions
{
    // A request to the provider, and perhaps megabytes.
    private const int Cost = 5;

    public static void AddMedia(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<MediaOptions>()
            .BindConfiguration(MediaOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddProviderClient(ProviderFiles.ClientName);
        builder.Services.AddSingleton<OpenFiles>();
        builder.Services.AddSingleton<ProviderFiles>();
    }

    public static void MapMedia(this IEndpointRouteBuilder api) => api.MapGet("/messages/{id}/media", GetMedia.HandleAsync)
        .LimitReads(static _ => Cost)
        .WithName("GetMedia")
        .WithSummary("The file that a person sent, from the provider.")
        .WithDescription(
            "For tokens of the message's organization. The provider keeps what a person sent for some days; nothing of it is kept here. "
            + "Types that a browser might run something in come as application/octet-stream.")
        .WithTags("Messages")
        .Produces(StatusCodes.Status200OK)
        .WithProblems(400, 404, 429, 503)
        .WithAnswer(200, "The file, with the type that the provider gives it.")
        .WithAnswerHeader(200, "Content-Disposition", "An attachment's, with a name to save it under.", "attachment; filename=nota.pdf")
        .WithAnswerHeader(200, "X-Content-Type-Options", "Its type is not guessed.", "nosniff")
        .WithAnswerHeader(200, "Content-Security-Policy", "It is no page.", "sandbox; default-src 'none'")
        .WithAnswer(404, "There is no such message, or it has no file, or the provider has it no more, or it is too large.")
        .WithAnswerHeader(404, "Retry-After", "Seconds; where a message just accepted may be on its way.", "1", required: false)
        .WithIdParameters("id");
}
