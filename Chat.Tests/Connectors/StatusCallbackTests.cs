using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Chat.Connectors;
using Chat.Connectors.Callbacks;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Engines.Embedded;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Chat.Tests.Connectors;

/// <summary>The callbacks over real HTTP: the receiver is the process itself, as in Chat.Standalone.</summary>
public sealed class StatusCallbackTests : IAsyncLifetime
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly CancellationTokenSource _deadline =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly ConcurrentQueue<HttpStatusCode> _answers = new();
    private readonly FakeLoggerProvider _log = new();
    private readonly FakeLog _events = new();
    private readonly string _folder = ApiHost.NewFolder();
    private WebApplication? _app;

    private sealed record Received(string Body, string? Authorization, string? ContentType, string? TraceParent);

    public ValueTask InitializeAsync()
    {
        _deadline.CancelAfter(TimeSpan.FromSeconds(30));
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        _deadline.Dispose();
    }

    [Fact]
    public async Task A_callback_posts_the_event_with_the_key_and_its_trace()
    {
        var callbacks = await StartAsync();
        Offer(callbacks, StatusKind.Sent, """{"status":"SENT"}""");

        Assert.Equal(new("""{"status":"SENT"}""", "Bearer the-key", "application/json", TraceParent), await NextAsync());
    }

    [Fact]
    public async Task The_log_has_the_lines_of_the_seed()
    {
        var callbacks = await StartAsync();
        foreach (var status in new[] { StatusKind.Sent, StatusKind.Delivered, StatusKind.Read })
        {
            Offer(callbacks, status);
            await NextAsync();
        }
        string[] lines = ["[CALLBACK] SENT -> 202", "[CALLBACK] DELIVERED -> 202", "[CALLBACK] READ -> 202"];
        await Until.TrueAsync(
            () => lines.SequenceEqual(Lines().Where(l => l.StartsWith("[CALL", StringComparison.Ordinal))), "three lines");
    }

    [Fact]
    public async Task The_key_of_the_callbacks_of_this_process_is_used_where_the_connectors_have_none()
    {
        var callbacks = await StartAsync(
            ("Callbacks:Keys:whatsapp:0", "shared"), ("Callbacks:Keys:whatsapp:1", "old"), ("Callbacks:Keys:instagram", "another"));
        Offer(callbacks, StatusKind.Sent);
        Assert.Equal("Bearer shared", (await NextAsync()).Authorization);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A_callback_that_fails_is_tried_again(HttpStatusCode answer)
    {
        var callbacks = await StartAsync();
        _answers.Enqueue(answer);
        Offer(callbacks, StatusKind.Read, "{}");
        Assert.Equal(await NextAsync(), await NextAsync());
    }

    [Fact]
    public async Task A_callback_that_keeps_failing_is_given_up_and_the_next_one_goes_out()
    {
        var callbacks = await StartAsync(("Connectors:CallbackTries", "2"));
        _answers.Enqueue(HttpStatusCode.BadGateway);
        _answers.Enqueue(HttpStatusCode.BadGateway);
        Offer(callbacks, StatusKind.Sent, "1");
        Offer(callbacks, StatusKind.Sent, "2");
        Assert.Equal(["1", "1", "2"], [(await NextAsync()).Body, (await NextAsync()).Body, (await NextAsync()).Body]);
        Assert.Contains("1 status callbacks were dropped so far; msg.status has their statuses", Lines());
    }

    [Fact]
    public async Task A_callback_that_is_refused_is_not_tried_again()
    {
        var callbacks = await StartAsync();
        _answers.Enqueue(HttpStatusCode.Unauthorized);
        Offer(callbacks, StatusKind.Sent, "1");
        Offer(callbacks, StatusKind.Sent, "2");
        Assert.Equal(["1", "2"], [(await NextAsync()).Body, (await NextAsync()).Body]);
    }

    [Fact]
    public async Task Nobody_is_called_where_no_address_is_configured()
    {
        var callbacks = await StartAsync(("Connectors:CallbackUrl", null), ("Connectors:CallbackQueue", "1"));
        for (var i = 0; i < 10; i++) Offer(callbacks, StatusKind.Sent);
        await StopAsync();
        Assert.False(_received.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Every_channel_is_connected_where_none_is_named()
    {
        await StartAsync();
        var all = Core.Channels.ChannelCatalog.Names.SelectMany(c => new[] { $"connector-{c}", $"webhooks-{c}" }).Order();
        await Until.TrueAsync(() => _events.Groups.Order().SequenceEqual(all), "each channel has joined");
    }

    [Fact]
    public async Task Only_the_channels_that_are_named_are_connected()
    {
        await StartAsync(("Connectors:Run:0", "Instagram"));
        await Until.TrueAsync(() => _events.Groups.Count >= 2, "a channel has joined");
        Assert.Equal(["connector-instagram", "webhooks-instagram"], _events.Groups.Order());
    }

    [Theory]
    [InlineData("Connectors:Run:0", "pigeon", "Connectors:Run: there is no channel 'pigeon', only whatsapp")]
    [InlineData("Connectors:Run:0", "", "Connectors:Run: there is no channel '', only whatsapp")]
    [InlineData(
        "Connectors:Channels:pigeon:FailureShare", "0.1", "Connectors:Channels:pigeon: there is no such channel, only whatsapp")]
    [InlineData("Connectors:Channels:0", "whatsapp", "Connectors:Channels:0: there is no such channel, only whatsapp")]
    [InlineData(
        "Connectors:Channels:WhatsApp:DeliveredAfter", "-00:00:01", "Connectors:Channels:whatsapp: The field DeliveredAfter must be")]
    [InlineData("Connectors:CallbackUrl", "ftp://x/", "Connectors:CallbackUrl: must be an http URL or a path that begins with '/'")]
    [InlineData(
        "Connectors:Channels:whatsapp:FailureShare",
        "1.5",
        "Connectors:Channels:whatsapp: The field FailureShare must be between 0 and 1")]
    [InlineData("Connectors:MaxInFlight", "0", "The field MaxInFlight must be between 1 and")]
    public async Task A_setting_that_makes_no_sense_stops_the_start_and_is_named(string setting, string value, string error)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync((setting, value)));
        Assert.Contains(error, exception.ToString(), StringComparison.Ordinal);
    }

    private async Task<StatusCallbacks> StartAsync(params (string Name, string? Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Connectors:CallbackUrl"] = "/callbacks",
            ["Connectors:CallbackKey"] = "the-key",
            ["Connectors:CallbackConcurrency"] = "1",
            ["Connectors:CallbackPause"] = "00:00:00",
            ["Embedded:DataFolder"] = _folder,
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => s.Value));
        builder.Logging.AddProvider(_log);
        builder.Services.AddRoutingCore();
        builder.AddEmbeddedStore();
        builder.Services.AddSingleton<IEventLog>(_events);
        builder.Services.AddSingleton<IHandOverLedger>(new LedgerStore());
        builder.AddConnectors();
        _app = builder.Build();
        _app.UseRouting();
        _app.MapPost("/callbacks", ReceiveAsync);
        await _app.StartAsync(_deadline.Token);
        return _app.Services.GetRequiredService<StatusCallbacks>();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers;
        var received = new Received(
            await reader.ReadToEndAsync(context.RequestAborted),
            headers.Authorization,
            context.Request.ContentType,
            headers["traceparent"]);
        context.Response.StatusCode = (int)(_answers.TryDequeue(out var answer) ? answer : HttpStatusCode.Accepted);
        await _received.Writer.WriteAsync(received, context.RequestAborted);
    }

    private static void Offer(StatusCallbacks callbacks, StatusKind status, string body = "{}") =>
        callbacks.Offer(new("whatsapp", status, Encoding.UTF8.GetBytes(body), TraceParent));

    private IEnumerable<string> Lines() => _log.Collector.GetSnapshot().Select(r => r.Message);

    private ValueTask<Received> NextAsync() => _received.Reader.ReadAsync(_deadline.Token);

    private Task StopAsync() => _app!.StopAsync(_deadline.Token);
}
