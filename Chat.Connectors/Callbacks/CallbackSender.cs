using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Chat.Connectors.Callbacks;

/// <summary>
/// Posts each status to <see cref="ConnectorsOptions.CallbackUrl"/> as the seed's connectors do, a few at a time, once the host
/// has started. A callback that fails is tried a few times and then dropped: the log has its status.
/// </summary>
public sealed partial class CallbackSender(
    StatusCallbacks callbacks,
    IHttpClientFactory clients,
    IOptions<ConnectorsOptions> options,
    ConnectorMetrics metrics,
    IServiceProvider services,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<CallbackSender> logger) : BackgroundService
{
    internal const string ClientName = "status-callbacks";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The receiver may be this very process, which knows its address once it listens.
        await lifetime.WaitForStartAsync(stoppingToken);
        if (stoppingToken.IsCancellationRequested) return;
        var settings = options.Value;
        if (AddressOf(settings.CallbackUrl) is not { } url)
        {
            callbacks.TurnOff();
            return;
        }
        await Task.WhenAll(Enumerable.Range(0, settings.CallbackConcurrency).Select(_ => SendAllAsync(url, settings, stoppingToken)));
    }

    private Uri? AddressOf(Uri? configured)
    {
        if (configured is null || !ConnectorsOptions.IsPath(configured)) return configured;
        var own = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        if (own is null)
        {
            LogNoAddress(ConnectorsOptions.CallbackUrlSetting, configured.OriginalString);
            return null;
        }
        var address = BindingAddress.Parse(own);
        // What listens on every address listens on loopback.
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new($"{address.Scheme}://{host}:{address.Port}{address.PathBase}{configured.OriginalString}");
    }

    private async Task SendAllAsync(Uri url, ConnectorsOptions settings, CancellationToken stoppingToken)
    {
        using var client = clients.CreateClient(ClientName);
        while (await callbacks.Waiting.WaitToReadAsync(stoppingToken))
        {
            while (callbacks.Waiting.TryRead(out var callback)) await SendAsync(client, url, settings, callback, stoppingToken);
        }
    }

    private async Task SendAsync(
        HttpClient client, Uri url, ConnectorsOptions settings, QueuedCallback callback, CancellationToken stoppingToken)
    {
        using var span = ChatTelemetry.Continue(
            "POST status callback",
            ActivityKind.Internal,
            callback.TraceParent,
            new() { { SpanTags.Status, StatusNames.Format(callback.Status) } });
        using var scope = callback.Scope is { } message ? logger.BeginScope(message) : null;
        var pause = settings.CallbackPause;
        for (var attempt = 1; ; attempt++, pause *= 2)
        {
            var outcome = await TryAsync(client, url, settings, callback, stoppingToken);
            metrics.CallbackEnded(outcome.ToString().ToLowerInvariant());
            if (outcome == Outcome.Accepted) return;
            // What was refused once is refused again.
            if (outcome == Outcome.Refused || attempt >= settings.CallbackTries) break;
            await Task.Delay(pause, time, stoppingToken);
        }
        callbacks.Dropped();
    }

    private async Task<Outcome> TryAsync(
        HttpClient client, Uri url, ConnectorsOptions settings, QueuedCallback callback, CancellationToken stoppingToken)
    {
        var status = StatusNames.Format(callback.Status);
        using var timeout = new CancellationTokenSource(settings.CallbackTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(callback.Body) };
        request.Content.Headers.ContentType = new("application/json");
        if (settings.CallbackKeyOf(callback.Channel) is { } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (Activity.Current is null && callback.TraceParent is { } traceParent)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.TraceParent, traceParent);
        }
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            LogAnswer(status, (int)response.StatusCode);
            return response.IsSuccessStatusCode ? Outcome.Accepted
                : response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
                    or >= HttpStatusCode.InternalServerError ? Outcome.Failed
                : Outcome.Refused;
        }
        catch (HttpRequestException exception)
        {
            LogFailure(status, exception.Message);
            return Outcome.Failed;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailure(status, "no answer in time");
            return Outcome.Failed;
        }
    }

    private enum Outcome
    {
        Accepted,
        Refused,
        Failed,
    }

    [LoggerMessage(
        EventId = LogEvents.CallbackAddressUnknown,
        Level = LogLevel.Error,
        Message = "{Setting} is the path {Path}, but this process listens nowhere: no callbacks are sent")]
    private partial void LogNoAddress(string setting, string path);

    // The seed's line, which its users grep for: [CALLBACK] SENT -> 202
    [LoggerMessage(EventId = LogEvents.CallbackAnswered, Level = LogLevel.Information, Message = "[CALLBACK] {Status} -> {Code}")]
    private partial void LogAnswer(string status, int code);

    // At Debug, since a receiver that is down fails thousands of them: what is dropped is counted and warned of.
    [LoggerMessage(EventId = LogEvents.CallbackFailed, Level = LogLevel.Debug, Message = "[CALLBACK] {Status} -> {Error}")]
    private partial void LogFailure(string status, string error);
}
