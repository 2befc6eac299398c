using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Api.Hub;

/// <summary>What the hub counts and measures.</summary>
public sealed class HubMetrics
{
    private readonly Counter<long> _handshakes;
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _subscriptions;
    private readonly UpDownCounter<long> _conversations;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _framesReceived;
    private readonly Counter<long> _conflations;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _resumes;
    private readonly Counter<long> _repairs;
    private readonly Histogram<double> _repairDuration;
    private readonly Counter<long> _storeReads;
    private readonly Histogram<double> _eventToSocket;
    private readonly Histogram<double> _shown;

    public HubMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ChatTelemetry.Name);
        _handshakes = meter.CreateCounter<long>(
            "chat.hub.handshakes", "{handshake}", "Requests to open a socket that were answered, by the answer's status: 101 opens one");
        _connections = meter.CreateUpDownCounter<long>(
            "chat.hub.connections", "{connection}", "Open sockets");
        _subscriptions = meter.CreateUpDownCounter<long>(
            "chat.hub.subscriptions", "{subscription}", "Subscriptions of sockets to conversations");
        _conversations = meter.CreateUpDownCounter<long>(
            "chat.hub.conversations", "{conversation}", "Conversations that somebody watches");
        _deliveries = meter.CreateCounter<long>(
            "chat.hub.deliveries", "{frame}", "Frames of statuses and messages given to sockets");
        _framesReceived = meter.CreateCounter<long>(
            "chat.hub.frames.received", "{frame}", "Frames from clients, fragments, pings and pongs too");
        _conflations = meter.CreateCounter<long>(
            "chat.hub.conflations", "{frame}", "Statuses dropped for newer ones of the same message, since a reader was slow");
        _closes = meter.CreateCounter<long>(
            "chat.hub.closes", "{connection}", "Sockets that the server closed, by code");
        _resumes = meter.CreateCounter<long>(
            "chat.hub.resumes", "{subscription}", "Subscriptions with since, by whether everything was there");
        _repairs = meter.CreateCounter<long>(
            "chat.hub.repairs", "{repair}", "Gaps that were looked for in the store, by cause");
        _repairDuration = meter.CreateLatency("chat.hub.repair.duration", "From noticing a possible gap to having closed it");
        _storeReads = meter.CreateCounter<long>(
            "chat.hub.store.reads", "{read}", "Reads of changes, for repairs and resumes");
        _eventToSocket = meter.CreateLatency(
            "chat.hub.event_to_socket.duration", "From a status event's own time to its write to the sockets");
        _shown = meter.CreateLatency(
            "chat.tick.shown.duration", "From a status event's own time to when a client says that it is on the screen");
    }

    /// <param name="code">The HTTP status code of the answer.</param>
    public void Handshake(int code) => _handshakes.Add(1, new KeyValuePair<string, object?>("code", code));

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void SubscriptionAdded() => _subscriptions.Add(1);

    public void SubscriptionRemoved() => _subscriptions.Add(-1);

    public void FeedStarted() => _conversations.Add(1);

    public void FeedEnded() => _conversations.Add(-1);

    public void FrameReceived() => _framesReceived.Add(1);

    public void Delivered(int frames) => _deliveries.Add(frames);

    public void Conflated(int frames) => _conflations.Add(frames);

    public void ClosedByServer(int code) => _closes.Add(1, new KeyValuePair<string, object?>("code", code));

    public void Resumed(bool recovered) => _resumes.Add(1, new KeyValuePair<string, object?>("recovered", recovered));

    public void RepairStarted(string cause) => _repairs.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void RepairEnded(TimeSpan duration) => _repairDuration.Record(duration.TotalSeconds);

    public void StoreRead() => _storeReads.Add(1);

    /// <summary>A clock behind the provider's makes it look negative: that is none.</summary>
    public void ReachedSockets(TimeSpan sinceEvent) => _eventToSocket.Record(Math.Max(0, sinceEvent.TotalSeconds));

    /// <inheritdoc cref="ReachedSockets"/>
    public void Shown(TimeSpan sinceEvent) => _shown.Record(Math.Max(0, sinceEvent.TotalSeconds));
}
