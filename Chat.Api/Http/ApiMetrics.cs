using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Api.Http;

/// <summary>What the API took in.</summary>
internal sealed class ApiMetrics
{
    private readonly Counter<long> _messages;
    private readonly Counter<long> _callbacks;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _webhooks;

    public ApiMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ChatTelemetry.Name);
        _messages = meter.CreateCounter<long>("chat.messages.accepted", "{message}", "Messages answered with 202.");
        _callbacks = meter.CreateCounter<long>("chat.callbacks.accepted", "{status}", "Statuses that came over HTTP.");
        _rejected = meter.CreateCounter<long>(
            "chat.callbacks.rejected", "{status}", "Statuses that came over HTTP and could not be used.");
        _refused = meter.CreateCounter<long>(
            "chat.requests.limited", "{request}", "Requests that were refused for now (429, 503), by the limit that was used up.");
        _webhooks = meter.CreateCounter<long>(
            "chat.webhooks.requests", "{request}", "What providers posted, by what became of it.");
    }

    public void MessageAccepted(string channel) => _messages.Add(1, new KeyValuePair<string, object?>("channel", channel));

    public void CallbacksAccepted(int statuses) => _callbacks.Add(statuses);

    public void Refused(string limit) => _refused.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public void CallbacksRejected(int statuses) => _rejected.Add(statuses);

    /// <param name="outcome"><c>accepted</c>, <c>unsigned</c>, <c>too_large</c>, <c>too_slow</c> or <c>no_room</c>.</param>
    public void WebhookReceived(string channel, string outcome) => _webhooks.Add(
        1, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("outcome", outcome));
}
