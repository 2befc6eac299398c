using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Browser;

/// <summary>
/// A server that speaks the protocol as a test tells it to, and serves the client and the demo page: for what a real one does
/// only on a bad day. By itself it accepts every socket, answers <c>subscribe</c> and <c>ping</c>, and has no message.
/// </summary>
internal sealed class FakeServer : IAsyncDisposable
{
    public const string BlankPage = "/blank.html";

    private const string Blank = "<!DOCTYPE html><title>-</title><script src=chat-status-client.js></script>";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<FakeSocket> _sockets = [];
    private readonly ConcurrentQueue<(string Token, string By, string Query)> _upgrades = [];
    private readonly ConcurrentQueue<FakeRequest> _requests = [];

    private FakeServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <summary>The sockets that were accepted, in order.</summary>
    public IReadOnlyList<FakeSocket> Sockets => [.. _sockets];

    /// <summary>The token of every attempt to open a socket, in order.</summary>
    public IReadOnlyList<string> Upgrades => [.. _upgrades.Select(u => u.Token)];

    /// <summary>How each of those tokens came: by <c>protocol</c>, <c>query</c> or <c>header</c>.</summary>
    public IReadOnlyList<string> UpgradesBy => [.. _upgrades.Select(u => u.By)];

    /// <summary>The query of each of those attempts.</summary>
    public IReadOnlyList<string> UpgradeQueries => [.. _upgrades.Select(u => u.Query)];

    /// <summary>The requests over REST, in order.</summary>
    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    /// <summary>What an attempt to open a socket is answered with instead of one; null lets it in.</summary>
    public Func<string, int?> Refuse { get; set; } = static _ => null;

    /// <summary>Seconds, said with what <see cref="Refuse"/> answers.</summary>
    public int? RetryAfter { get; set; }

    /// <summary>What is done with a frame from the client.</summary>
    public Func<FakeSocket, JsonObject, Task> Answer { get; set; } = static (socket, frame) => socket.AnswerAsync(frame);

    /// <summary>What is answered under <c>/v1</c>.</summary>
    public Func<FakeRequest, Task<IResult>> Rest { get; set; } = static request => Task.FromResult(
        request.Path.EndsWith("/messages", StringComparison.Ordinal) ? Page([], 0) : Results.NotFound());

    public static IResult Page(IReadOnlyList<JsonObject> items, long seq, string? next = null) =>
        Results.Json(new { items, next, seq });

    /// <summary>A message on a page.</summary>
    public static JsonObject Item(string conversationId, string messageId, string text, string status, string? reason = null)
    {
        var facts = new JsonObject { ["sent"] = null, ["delivered"] = null, ["read"] = null, ["failed"] = null };
        if (status != "ACCEPTED")
        {
            facts[status.ToLowerInvariant()] =
                new JsonObject { ["at"] = "2025-01-15T10:30:10.000Z", ["reason"] = reason, ["seq"] = 1 };
        }
        return new()
        {
            ["messageId"] = messageId,
            ["conversationId"] = conversationId,
            ["channel"] = "whatsapp",
            ["direction"] = "outbound",
            ["type"] = "text",
            ["content"] = new JsonObject { ["texto"] = text },
            ["senderId"] = "789e1234-e89b-12d3-a456-426614174000",
            ["createdAt"] = "2025-01-15T10:30:00.000Z",
            ["status"] = status,
            ["facts"] = facts,
            ["reason"] = reason,
        };
    }

    public static async Task<FakeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseShutdownTimeout(TimeSpan.FromSeconds(1));
        // As the API in Development, for the page opened as a file.
        builder.Services.AddCors(
            cors => cors.AddDefaultPolicy(policy => policy.AllowAnyOrigin().AllowAnyMethod().AllowAnyHeader()));
        var app = builder.Build();
        var server = new FakeServer(app);
        app.UseCors();
        app.UseWebSockets();
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "frontend-example")),
            ContentTypeProvider = new FileExtensionContentTypeProvider { Mappings = { [".mjs"] = "text/javascript" } },
        });
        app.MapGet(BlankPage, () => Results.Content(Blank, "text/html"));
        app.MapGet("/ws/status", server.UpgradeAsync);
        app.Map("/v1/{**path}", (Delegate)server.RestAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>The n-th socket, the first being 0, once it is there.</summary>
    public async Task<FakeSocket> SocketAsync(int index)
    {
        await Graph.Until.TrueAsync(() => _sockets.Count > index, $"socket {index} is opened");
        return Sockets[index];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets) socket.Abort();
        await _app.DisposeAsync();
    }

    private async Task UpgradeAsync(HttpContext context)
    {
        // A browser's client asks without an upgrade as well, to learn why one failed.
        var upgrading = context.WebSockets.IsWebSocketRequest;
        var (token, by) = TokenOf(context);
        if (upgrading) _upgrades.Enqueue((token, by, $"{context.Request.QueryString}"));
        if (Refuse(token) is { } status)
        {
            context.Response.StatusCode = status;
            if (RetryAfter is { } seconds) context.Response.Headers.RetryAfter = $"{seconds}";
            return;
        }
        if (!upgrading)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }
        using var webSocket = await context.WebSockets.AcceptWebSocketAsync(
            context.WebSockets.WebSocketRequestedProtocols.Contains("chat.v1") ? "chat.v1" : null);
        using var socket = new FakeSocket(webSocket, context);
        await socket.SendAsync(new
        {
            type = "connected",
            connectionId = context.TraceIdentifier,
            userId = "789e1234-e89b-12d3-a456-426614174000",
            timestamp = DateTimeOffset.UtcNow,
        });
        _sockets.Enqueue(socket);
        await socket.ReadAsync(this);
    }

    private static (string Token, string By) TokenOf(HttpContext context)
    {
        const string Prefix = "bearer.";
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        if (offered.FirstOrDefault(p => p.StartsWith(Prefix, StringComparison.Ordinal)) is { } protocol)
            return (Uri.UnescapeDataString(protocol[Prefix.Length..]), "protocol");
        return context.Request.Query["access_token"] is [{ Length: > 0 } token]
            ? (token, "query")
            : (context.Request.Headers.Authorization.ToString()["Bearer ".Length..], "header");
    }

    private async Task<IResult> RestAsync(HttpContext context)
    {
        var body = context.Request.ContentLength > 0
            ? await context.Request.ReadFromJsonAsync<JsonObject>(context.RequestAborted)
            : null;
        var request = new FakeRequest(
            context.Request.Method,
            context.Request.Path,
            context.Request.QueryString.Value!,
            context.Request.Headers.Authorization.ToString(),
            context.Request.Headers["Idempotency-Key"].ToString(),
            body,
            context.Request.Headers.AcceptLanguage.ToString());
        _requests.Enqueue(request);
        return await Rest(request);
    }
}

/// <summary>A request over REST.</summary>
internal sealed record FakeRequest(
    string Method, string Path, string Query, string Authorization, string IdempotencyKey, JsonObject? Body, string Language);
