using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Chat.Connectors.Providers.Meta;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Connectors.Sending;

/// <summary>A Graph API over real HTTP that answers as a test says, and the client that calls it.</summary>
internal sealed class GraphStub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ServiceProvider _client;

    private GraphStub(WebApplication app, ServiceProvider client) => (_app, _client) = (app, client);

    public sealed record Request(string Path, string? Authorization, JsonElement Body);

    public ConcurrentQueue<Request> Requests { get; } = [];

    /// <summary>Answers a request; a status and a body that is JSON.</summary>
    public Func<HttpContext, Request, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>A provider that calls this stub, of which an argument may be given.</summary>
    public T Create<T>() => ActivatorUtilities.CreateInstance<T>(_client);

    public void Answers(int status, string body, string? retryAfter = null) => Answer = (context, _) =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        return context.Response.WriteAsync(body);
    };

    public static async Task<GraphStub> StartAsync(
        string timeout = "00:00:30", string? baseUrl = null, bool humanAgent = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        GraphStub? stub = null;
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = JsonElement.Parse(await reader.ReadToEndAsync());
            var request = new Request(
                context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization, body);
            stub!.Requests.Enqueue(request);
            await stub.Answer(context, request);
        });
        await app.StartAsync();
        var url = baseUrl ?? app.Urls.Single();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Providers:WhatsApp:BaseUrl"] = url,
            ["Providers:WhatsApp:Version"] = "v25.0",
            ["Providers:WhatsApp:Timeout"] = timeout,
            ["Providers:Instagram:BaseUrl"] = url,
            ["Providers:Instagram:Version"] = "v24.0",
            ["Providers:Instagram:Timeout"] = timeout,
            ["Providers:Instagram:HumanAgent"] = $"{humanAgent}",
        }).Build());
        services.TryAddSingleton(TimeProvider.System);
        services.AddGraphClient();
        return stub = new(app, services.BuildServiceProvider());
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _app.DisposeAsync();
    }
}
