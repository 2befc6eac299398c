using System.Buffers;
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

    /// <summary>Proves to a provider that the path is its subscriber's: answers with the challenge where the token is right.</summary>
    public static async Task<Results<ContentHttpResult, ProblemHttpResult>> VerifyAsync(
        HttpContext context, string channel, WebhookIntake intake, string? app = null)
    {
        if (await intake.FindAppAsync(channel, app, context.RequestAborted) is not { } found) return NoSuchWebhook(context);
        var query = context.Request.Query;
        string? challenge = query["hub.challenge"];
        // Whoever knows the token may have a text of theirs back, as a text and nothing else.
        if (query["hub.mode"] != "subscribe" || challenge is not { Length: > 0 and <= MaxChallenge }
            || challenge.Any(c => c is < ' ' or > '~') || !WebhookIntake.IsVerifyToken(found, query["hub.verify_token"]))
            return Problem.Create(context, StatusCodes.Status403Forbidden, UserTexts.WrongVerifyToken);
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Text(challenge, "text/plain");
    }

    /// <summary>Takes what a provider posted.</summary>
    public static async Task<Results<Ok, ProblemHttpResult>> ReceiveAsync(
        HttpContext context, string channel, WebhookIntake intake, ApiMetrics metrics, string? app = null)
    {
        if (await intake.FindAppAsync(channel, app, context.RequestAborted) is not { } found) return NoSuchWebhook(context);
        var request = context.Request;
        // Before the body: without a signature there is nothing to read it for.
        if (WebhookSignature.Parse(request.Headers[WebhookSignature.Header]) is not { } signature) return Unsigned(context, metrics, found);
        if (await ReadAsync(request, context.RequestAborted) is not { } body)
        {
            metrics.WebhookReceived(found.Channel, "too_large");
            return Problem.Create(
                context, StatusCodes.Status413PayloadTooLarge, JsonBody.Root, UserTexts.BodyTooBig(RawWebhook.MaxBytes));
        }
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

    // The bytes as they came, whatever their type and encoding are said to be: they are what was signed.
    private static async ValueTask<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > RawWebhook.MaxBytes) return null;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.Length > RawWebhook.MaxBytes)
            {
                request.BodyReader.AdvanceTo(buffer.End);
                return null;
            }
            if (read.IsCompleted)
            {
                var body = buffer.ToArray();
                request.BodyReader.AdvanceTo(buffer.End);
                return body;
            }
            request.BodyReader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
