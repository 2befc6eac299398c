using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Hosting;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.Webhooks;
using Chat.MetaSimulator.World;

namespace Chat.MetaSimulator.Graph;

/// <summary>The Graph API: both hosts' paths on one.</summary>
internal static partial class GraphEndpoints
{
    private const string Version = "/v{major:int}.{minor:int}";
    private const string Bearer = "Bearer ";
    private const string Me = "me";

    public static void MapGraph(this WebApplication app)
    {
        app.MapPost($"{Version}/{{id}}/messages", PostMessageAsync);
        app.MapPost($"{Version}/{{id}}/media", PostMediaAsync);
        app.MapPost($"{Version}/{{id}}/message_attachments", PostAttachmentAsync);
        app.MapGet($"{Version}/{{id}}/subscribed_apps", GetSubscribed);
        app.MapPost($"{Version}/{{id}}/subscribed_apps", (HttpContext c, Simulator s, string id) => SubscribeAsync(c, s, id, true));
        app.MapDelete($"{Version}/{{id}}/subscribed_apps", (HttpContext c, Simulator s, string id) => SubscribeAsync(c, s, id, false));
        app.MapGet($"{Version}/debug_token", DebugToken);
        app.MapGet($"{Version}/{{id}}", GetNode);
        app.MapDelete($"{Version}/{{id}}", DeleteMedia);
        foreach (var prefix in new[] { "", Version })
        {
            app.MapGet($"{prefix}/refresh_access_token", RefreshToken);
            app.MapGet($"{prefix}/access_token", ExchangeToken);
        }
        app.MapGet("/media/{address}", DownloadMedia);
        app.MapGet("/cdn/{id}", Cdn);
    }

    private static async Task PostMessageAsync(
        HttpContext context, Simulator simulator, LinkFetcher links, TimeProvider time, string id)
    {
        var body = await ReadAsync(context);
        var token = TokenOf(context);
        var (posted, early) = simulator.Do((world, now) =>
        {
            var check = Check(world, token, id, body, HostOf(context), now);
            return (check, check.Links.Count == 0 ? check.Finish(null, now) : null);
        });
        var fault = early is null ? await links.FindFaultAsync(posted.Links, context.RequestAborted) : null;
        var (answer, wait) = simulator.Do((world, now) => (early ?? posted.Finish(fault, now), world.Faults.AnswerMilliseconds));
        if (answer.Fate == Fate.Reset)
        {
            context.Abort();
            return;
        }
        try
        {
            // Without a word: until the caller gives up.
            if (answer.Fate == Fate.Silence) await Task.Delay(Timeout.InfiniteTimeSpan, time, context.RequestAborted);
            if (wait > 0) await Task.Delay(TimeSpan.FromMilliseconds(wait), time, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        await WriteAsync(context, answer);
    }

    /// <summary>The body, where it is an object; null for everything else.</summary>
    private static async Task<JsonObject?> ReadAsync(HttpContext context)
    {
        try
        {
            var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
            return body is not null && MetaJson.CanWrite(body) ? body : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PostedMessage Check(
        MetaWorld world, string? token, string id, JsonObject? body, string here, DateTimeOffset now)
    {
        if (Authorize(world, token, now) is { } refused) return PostedMessage.Of(refused);
        if (FindAccount(world, token!, id) is not { } account) return PostedMessage.Of(Refuse(world, KnownErrors.Of(100, 33)));
        if (body is null) return PostedMessage.Of(Refuse(world, KnownErrors.Parameter("The body is not a JSON object.")));
        return account.Channel == ChannelNames.WhatsApp
            ? world.CheckWhatsApp(account, body, now)
            : world.CheckInstagram(account, body, now, here);
    }

    /// <summary>Why a token does not do; null where it does.</summary>
    private static GraphAnswer? Authorize(MetaWorld world, string? token, DateTimeOffset now)
    {
        if (token is null) return Refuse(world, KnownErrors.Of(0));
        if (world.FindByToken(token) is not { } owner) return Refuse(world, KnownErrors.Of(190));
        return owner.Tokens[token].IsValid(now) ? null : Refuse(world, KnownErrors.Of(190, 463));
    }

    /// <summary>An account that a token may use, by either of its ids, or as <c>me</c>.</summary>
    private static MetaAccount? FindAccount(MetaWorld world, string token, string id)
    {
        var own = world.Accounts.Where(a => a.Tokens.ContainsKey(token)).ToList();
        return id == Me ? own.Find(a => a.Channel == ChannelNames.Instagram) : own.Find(a => a.Id == id || a.AppScopedId == id);
    }

    private static GraphAnswer Refuse(MetaWorld world, GraphError error) =>
        new(error.Status, error.ToAnswer(world.Trace(), null), error.RetryAfterSeconds);

    private static string? TokenOf(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return header[Bearer.Length..].Trim();
        return context.Request.Query["access_token"] is [{ Length: > 0 } token] ? token : null;
    }

    private static string HostOf(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";

    private static Task WriteAsync(HttpContext context, GraphAnswer answer)
    {
        if (answer.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json; charset=UTF-8";
        return context.Response.WriteAsync(answer.Body.ToJsonString(), context.RequestAborted);
    }
}
