using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Accounts;
using Chat.Core.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Webhooks;

/// <summary>
/// <c>GET</c> and <c>POST /v1/webhooks/{channel}[/{app}]</c>, for providers. A post is answered with 200 once the log has it as it came,
/// whatever it holds: what is refused comes again for days, with all that was in it.
/// </summary>
internal static class WebhookEndpoints
{
    private const int MaxChallenge = 256;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Proves to a provider that the path is its subscriber's: answers with the challenge where the token is right.</summary>
    public static async Task<Results<ContentHttpResult, ProblemHttpResult>> VerifyAsync(
        HttpContext context, string channel, WebhookIntake intake, string? app = null)
    {
        if (await intake.FindAppAsync(channel, app, context.RequestAborted) is not { } found) return NoSuchWebhook(context);
        var query = context.Request.Query;
        string? challenge = query["hub.challenge"];
        // Whoever knows the token may have a text of theirs back, as a text and nothing else.
        if (query["hub.mode"] != "subscribe" || challenge is not { Length: > 0 and <= MaxChallenge }
            || challenge.Any(c => c is < ' ' or > '~') || !WebhookIntake.IsVerifyToken(found, AccessToken.FindVerifyToken(context)))
            return Problem.Create(context, StatusCodes.Status403Forbidden, UserTexts.WrongVerifyToken);
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Text(challenge, "text/plain");
    }

    /// <summary>Takes what a provider posted.</summary>
    public static async Task<Results<Ok, ProblemHttpResult>> ReceiveAsync(
        HttpContext context, string channel, WebhookIntake intake, WebhookBodies bodies, ApiMetrics metrics, string? app = null)
    {
        if (await intake.FindAppAsync(channel, app, context.RequestAborted) is not { } found) return NoSuchWebhook(context);
        var request = context.Request;
        // Before the body: without a signature there is nothing to read it for.
        if (WebhookSignature.Parse(request.Headers[WebhookSignature.Header]) is not { } signature) return Unsigned(context, metrics, found);
        using var room = bodies.Open();
        var (body, refusal) = await bodies.ReadAsync(request, room, context.RequestAborted);
        if (body is null) return Refused(context, metrics, found, refusal);
        if (!WebhookSignature.IsOf(signature, body, found.Secrets)) return Unsigned(context, metrics, found);
        await intake.AppendAsync(found, body, context.RequestAborted);
        metrics.WebhookReceived(found.Channel, "accepted");
        return TypedResults.Ok();
    }

    private static ProblemHttpResult NoSuchWebhook(HttpContext context) =>
        Problem.Create(context, StatusCodes.Status404NotFound, UserTexts.NoSuchWebhook);

    private static ProblemHttpResult Unsigned(HttpContext context, ApiMetrics metrics, WebhookApp app)
    {
        metrics.WebhookReceived(app.Channel, "unsigned");
        context.Response.Headers[HeaderNames.WWWAuthenticate] = WebhookSignature.Header;
        return Problem.Create(context, StatusCodes.Status401Unauthorized, UserTexts.WrongSignature);
    }

    private static ProblemHttpResult Refused(HttpContext context, ApiMetrics metrics, WebhookApp app, BodyRefusal refusal)
    {
        var (outcome, problem) = refusal switch
        {
            BodyRefusal.TooLarge => ("too_large", Problem.Create(
                context, StatusCodes.Status413PayloadTooLarge, JsonBody.Root, UserTexts.BodyTooBig(RawWebhook.MaxBytes))),
            BodyRefusal.TooSlow => ("too_slow", Problem.Create(context, StatusCodes.Status408RequestTimeout, UserTexts.BodyTooSlow)),
            _ => ("no_room", Problem
                .Create(context, StatusCodes.Status503ServiceUnavailable, UserTexts.NoRoomForBody)
                .WithRetryAfter(context, RetryAfter)),
        };
        metrics.WebhookReceived(app.Channel, outcome);
        return problem;
    }
}
