using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Hosting;
using Chat.MetaSimulator.Instagram;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.World;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.MetaSimulator.Graph;

/// <summary>Files.</summary>
internal static partial class GraphEndpoints
{
    private static readonly TimeSpan UploadLife = TimeSpan.FromDays(30);

    private static async Task PostMediaAsync(HttpContext context, Simulator simulator, string id)
    {
        var token = TokenOf(context);
        IFormFile? file = null;
        string? product = null, type = null;
        if (context.Request.HasFormContentType)
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            (file, product, type) = (form.Files.GetFile("file"), form["messaging_product"], form["type"]);
        }
        var bytes = file is null ? [] : await ReadAsync(file, context.RequestAborted);
        await WriteAsync(context, simulator.Do((world, now) =>
        {
            if (Authorize(world, token, now) is { } refused) return refused;
            if (FindAccount(world, token!, id) is not { } account) return Refuse(world, KnownErrors.Of(100, 33));
            if (product != "whatsapp") return Refuse(world, KnownErrors.Parameter("The parameter messaging_product is required."));
            if (file is null) return Refuse(world, KnownErrors.Parameter("The parameter file is required."));
            var mime = string.IsNullOrEmpty(type) ? file.ContentType : type;
            if (MediaTypes.WrongUpload(mime, bytes.Length) is { } wrong) return Refuse(world, KnownErrors.Parameter(wrong));
            return GraphAnswer.Of(new() { ["id"] = world.AddMedia(account, bytes, mime, file.FileName, UploadLife, now).Id });
        }));
    }

    /// <summary>Keeps a file for an Instagram account, from a link.</summary>
    private static async Task PostAttachmentAsync(HttpContext context, Simulator simulator, LinkFetcher links, string id)
    {
        var token = TokenOf(context);
        var body = await ReadAsync(context);
        var (account, refused) = simulator.Do((world, now) => Find(world, now));
        var (link, error) = InstagramRequest.ReadUpload(body);
        var file = account is null || link is null
            ? null
            : await links.FetchAsync(link, context.RequestAborted);
        await WriteAsync(context, refused ?? simulator.Do((world, now) =>
        {
            if (error is not null) return Refuse(world, error);
            if (file!.Fault is { } fault) return Refuse(world, KnownErrors.Of(100, KnownErrors.NotFetched, fault));
            return GraphAnswer.Of(new()
            {
                ["attachment_id"] = world.AddMedia(account!, file.Bytes, file.MimeType, null, UploadLife, now).Id,
            });
        }));

        (MetaAccount?, GraphAnswer?) Find(MetaWorld world, DateTimeOffset now)
        {
            if (Authorize(world, token, now) is { } unauthorized) return (null, unauthorized);
            return FindAccount(world, token!, id) is { Channel: ChannelNames.Instagram } found
                ? (found, null)
                : (null, Refuse(world, KnownErrors.Of(100, 33)));
        }
    }

    private static Task DeleteMedia(HttpContext context, Simulator simulator, string id)
    {
        var token = TokenOf(context);
        return WriteAsync(context, simulator.Do((world, now) =>
        {
            if (Authorize(world, token, now) is { } refused) return refused;
            if (world.Media.Find(id, now) is not { } file || !file.Account.Tokens.ContainsKey(token!))
                return Refuse(world, KnownErrors.Of(100, 33));
            world.Media.Remove(file);
            return GraphAnswer.Success();
        }));
    }

    /// <summary>The file of an address that a look-up gave, with the bearer token; 404 once the address is over.</summary>
    private static Results<FileContentHttpResult, NotFound, UnauthorizedHttpResult> DownloadMedia(
        HttpContext context, Simulator simulator, string address)
    {
        var token = TokenOf(context);
        var (file, isAllowed) = simulator.Do((world, now) =>
        {
            var found = world.Media.FindByAddress(address, now);
            return (found, token is not null && found?.Account.Tokens.ContainsKey(token) == true && Authorize(world, token, now) is null);
        });
        if (file is null) return TypedResults.NotFound();
        return isAllowed ? TypedResults.Bytes(file.Bytes, file.MimeType) : TypedResults.Unauthorized();
    }

    /// <summary>Instagram's attachments, and what the page shows: no token is asked for.</summary>
    private static Results<FileContentHttpResult, NotFound> Cdn(HttpContext context, Simulator simulator, string id)
    {
        // A file that somebody sent is never a page of ours.
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return simulator.Do((world, now) => world.Media.Find(id, now)) is { } file
            ? TypedResults.Bytes(file.Bytes, file.MimeType)
            : TypedResults.NotFound();
    }

    private static JsonObject Describe(MetaWorld world, MediaFile file, string here, DateTimeOffset now)
    {
        var address = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        world.Media.Publish(address, file, now);
        return new()
        {
            ["messaging_product"] = "whatsapp",
            ["url"] = $"{here}/media/{address}",
            ["mime_type"] = file.MimeType,
            ["sha256"] = file.Sha256Hex,
            ["file_size"] = file.Bytes.Length,
            ["id"] = file.Id,
        };
    }

    private static async Task<byte[]> ReadAsync(IFormFile file, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
