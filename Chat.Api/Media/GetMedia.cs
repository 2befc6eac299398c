using Chat.Api.Auth;
using Chat.Api.Limits;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Accounts;
using Chat.Core.Messages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Media;

/// <summary><c>GET /v1/messages/{id}/media</c>: the file that a person sent, as it comes from the provider; it is not kept.</summary>
internal static class GetMedia
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    // As long as most files take.
    private static readonly TimeSpan RetryOpenAfter = TimeSpan.FromSeconds(1);

    public static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> HandleAsync(
        HttpContext context,
        string id,
        MessageFinder finder,
        IMessageStore messages,
        IAccounts accounts,
        OpenFiles open,
        ProviderFiles files)
    {
        var (message, problem) = await GetMessage.FindMessageAsync(context, id, finder, messages);
        if (message is null) return problem!;
        if (await FindAccountAsync(context, message, accounts) is not { } account || MessageFile.Of(message) is not { } file)
            return NotFound(context, UserTexts.NoFile);
        if (open.TryOpen(context.User().UserId, message.OrganizationId) is not { } place)
            return context.TooMany(OpenFiles.Name, UserTexts.TooManyFiles, RetryOpenAfter);
        context.Response.RegisterForDispose(place);
        switch (await files.OpenAsync(account, file, context.RequestAborted))
        {
            case FileAnswer.Found found:
                return Give(context, message, file, found.Response, files);
            case FileAnswer.Gone:
                return NotFound(context, UserTexts.NoFile);
            case FileAnswer.TooLarge:
                return NotFound(context, UserTexts.FileTooLarge);
            default:
                return Problem
                    .Create(context, StatusCodes.Status503ServiceUnavailable, UserTexts.FileNotNow)
                    .WithRetryAfter(context, RetryAfter);
        }
    }

    /// <summary>
    /// The account that the message came to, where it is the user's organization's own; null where it is not. Another organization may
    /// have connected it since.
    /// </summary>
    private static async ValueTask<KnownAccount?> FindAccountAsync(HttpContext context, Message message, IAccounts accounts)
    {
        if (message is not { Direction: MessageDirection.Inbound, AccountId: { } id }) return null;
        if (context.User().OrganizationId != message.OrganizationId) return null;
        var account = await EngineCall.GuardAsync(ct => accounts.FindAsync(new(message.Channel, id), ct), context.RequestAborted);
        return account?.Account.OrganizationId == message.OrganizationId ? account : null;
    }

    private static PushStreamHttpResult Give(
        HttpContext context, Message message, MessageFile file, HttpResponseMessage response, ProviderFiles files)
    {
        context.Response.RegisterForDispose(response);
        var type = FileTypes.Of(response.Content.Headers.ContentType?.MediaType);
        var headers = context.Response.Headers;
        // What a stranger sent is never a page of ours.
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.CacheControl = "private, max-age=300";
        headers.ContentLength = response.Content.Headers.ContentLength;
        return TypedResults.Stream(
            body => CopyAsync(context, files, message.Channel, response, body),
            type,
            FileTypes.NameOf(file.Name, message.MessageId, type));
    }

    private static async Task CopyAsync(
        HttpContext context, ProviderFiles files, string channel, HttpResponseMessage response, Stream body)
    {
        // What is there of it by now is no file.
        if (!await files.CopyAsync(channel, response, body, context.RequestAborted)) context.Abort();
    }

    private static ProblemHttpResult NotFound(HttpContext context, UserText text) =>
        Problem.Create(context, StatusCodes.Status404NotFound, text);
}
