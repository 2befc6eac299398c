using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Api.Hub;

internal static class HubMetrics
{
    private static readonly Meter Meter = ChatTelemetry.Meter;

    public static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>(
        "chat.hub.connections", "{connection}", "Open sockets");

    public static readonly UpDownCounter<long> Subscriptions = Meter.CreateUpDownCounter<long>(
        "chat.hub.subscriptions", "{subscription}", "Watches of sockets on conversations");

    public static readonly UpDownCounter<long> Conversations = Meter.CreateUpDownCounter<long>(
        "chat.hub.conversations", "{conversation}", "Conversations that somebody watches");

    public static readonly Counter<long> Deliveries = Meter.CreateCounter<long>(
        "chat.hub.deliveries", "{frame}", "Status frames given to sockets");

    public static readonly Counter<long> FramesReceived = Meter.CreateCounter<long>(
        "chat.hub.frames.received", "{frame}", "Frames from clients");

    public static readonly Counter<long> Conflations = Meter.CreateCounter<long>(
        "chat.hub.conflations", "{frame}", "Statuses dropped for newer ones of the same message, since a reader was slow");

    public static readonly Counter<long> Closes = Meter.CreateCounter<long>(
        "chat.hub.closes", "{connection}", "Sockets that the server closed, by code");

    public static readonly Counter<long> Resumes = Meter.CreateCounter<long>(
        "chat.hub.resumes", "{subscription}", "Subscriptions with since, by whether everything was there");

    public static readonly Counter<long> Repairs = Meter.CreateCounter<long>(
        "chat.hub.repairs", "{repair}", "Gaps that were looked for in the store, by cause");

    public static readonly Histogram<double> RepairDuration = Meter.CreateHistogram<double>(
        "chat.hub.repair.duration", "s", "From noticing a possible gap to having closed it");

    public static readonly Counter<long> StoreReads = Meter.CreateCounter<long>(
        "chat.hub.store.reads", "{read}", "Reads of changes, for repairs and resumes");

    public static readonly Histogram<double> EventToSocket = Meter.CreateHistogram<double>(
        "chat.hub.event_to_socket.duration", "s", "From a status event's own time to its write to the sockets",
        advice: new() { HistogramBucketBoundaries = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10] });

    public static void Closed(int code) => Closes.Add(1, new KeyValuePair<string, object?>("code", code));

    public static void Resumed(bool recovered) => Resumes.Add(1, new KeyValuePair<string, object?>("recovered", recovered));

    public static void Repaired(string cause) => Repairs.Add(1, new KeyValuePair<string, object?>("cause", cause));
}
