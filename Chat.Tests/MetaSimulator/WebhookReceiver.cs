using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Chat.MetaSimulator.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.MetaSimulator;

/// <summary>A POST as it came.</summary>
internal sealed record Received(byte[] Body, string? Signature)
{
    public JsonElement Json => JsonElement.Parse(Body);
}

/// <summary>An app's callback, over real HTTP.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    public const string Secret = "not-a-secret";
    public const string VerifyToken = "the token of the simulator's tests";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();

    private WebhookReceiver(WebApplication app)
    {
        _app = app;
    }

    /// <summary>What it answers; 200 unless a test says otherwise.</summary>
    public Func<Received, HttpStatusCode> Answer { get; set; } = _ => HttpStatusCode.OK;

    public Uri Address { get; private set; } = null!;

    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>The elements of a list, of every value or entry that came, whatever they shared.</summary>
    public IReadOnlyList<JsonElement> Items(string list) =>
    [
        .. from received in _received
           from entry in received.Json.GetProperty("entry").EnumerateArray()
           from owner in entry.TryGetProperty("changes", out var changes)
               ? changes.EnumerateArray().Select(c => c.GetProperty("value"))
               : [entry]
           where owner.TryGetProperty(list, out _)
           from item in owner.GetProperty(list).EnumerateArray()
           select item,
    ];

    /// <summary>The words of a message's statuses, in the order in which they came.</summary>
    public IReadOnlyList<string> StatusesOf(string messageId) =>
        [.. Items("statuses").Where(s => s.GetProperty("id").GetString() == messageId).Select(s => s.GetProperty("status").GetString()!)];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.UseRouting();
        app.MapGet("/hook", (HttpContext context) => context.Request.Query["hub.verify_token"] == VerifyToken
            ? Results.Text(context.Request.Query["hub.challenge"])
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        app.MapPost("/hook", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var received = new Received(body.ToArray(), context.Request.Headers[MetaJson.SignatureHeader]);
            receiver._received.Enqueue(received);
            return Results.StatusCode((int)receiver.Answer(received));
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        receiver.Address = new(new Uri(app.Urls.First()), "/hook");
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
