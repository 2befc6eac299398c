using System.Net.Http.Headers;
using Chat.MetaSimulator.Webhooks;

namespace Chat.MetaSimulator.Hosting;

/// <summary>Carries the queue's POSTs out.</summary>
internal sealed partial class WebhookPump(
    Simulator simulator, IHttpClientFactory clients, TimeProvider time, ILogger<WebhookPump> logger) : BackgroundService
{
    /// <summary>The name of the HTTP client, whose time-out is Meta's patience.</summary>
    public const string Client = "webhooks";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var queued = simulator.NextQueued();
            var (batches, next, now) = simulator.Do((world, at) =>
                (world.Updates.Take(at, world.Faults, world.AppOf, LogNotWritten), world.Updates.NextDue(), at));
            foreach (var batch in batches) _ = SendAsync(batch, stoppingToken);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var due = Task.Delay(next - now ?? Timeout.InfiniteTimeSpan, time, waiting.Token);
            await Task.WhenAny(queued, due);
            await waiting.CancelAsync();
        }
    }

    private async Task SendAsync(Batch batch, CancellationToken cancellationToken)
    {
        var isTaken = false;
        // What is tried again goes where the app is today, and is signed with the secret of today.
        var app = simulator.Do((world, _) => world.FindApp(batch.App.Name)) ?? batch.App;
        if (app.Callback is null)
        {
            simulator.Do((world, _) => world.Updates.Drop(batch));
            return;
        }
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, app.Callback);
            request.Content = new ByteArrayContent(batch.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add(MetaJson.SignatureHeader, MetaJson.Sign(app.Secret, batch.Body));
            using var response = await clients.CreateClient(Client).SendAsync(request, cancellationToken);
            isTaken = response.IsSuccessStatusCode;
            if (!isTaken) LogNotTaken(batch.App.Name, (int)response.StatusCode, batch.Updates, batch.Attempt);
        }
        catch (Exception exception)
        {
            // Whatever it was: nobody awaits this, and the app's turn has to end.
            if (cancellationToken.IsCancellationRequested) return;
            LogNotSent(batch.App.Name, exception.Message, batch.Updates, batch.Attempt);
        }
        simulator.Do((world, now) => world.Updates.Answered(batch, isTaken, now, world.Faults));
    }

    [LoggerMessage(
        LogEvents.WebhookNotTaken,
        LogLevel.Warning,
        "The webhook of app {App} answered {Status} to {Updates} updates, attempt {Attempt}; it is tried again")]
    private partial void LogNotTaken(string app, int status, int updates, int attempt);

    [LoggerMessage(
        LogEvents.WebhookNotSent,
        LogLevel.Warning,
        "The webhook of app {App} was not reached ({Reason}) with {Updates} updates, attempt {Attempt}; it is tried again")]
    private partial void LogNotSent(string app, string reason, int updates, int attempt);

    [LoggerMessage(LogEvents.WebhookNotWritten, LogLevel.Error, "{Updates} updates can't be written and were dropped")]
    private partial void LogNotWritten(int updates, Exception exception);
}
