using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Core.Log;

/// <summary>The counters <c>chat.epochs.claimed</c> and <c>chat.epochs.refused</c>, by topic.</summary>
public static class EpochCounts
{
    private static readonly Counter<long> ClaimedEpochs = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.epochs.claimed", "{epoch}", "Epochs claimed: a topic is new, was created again, or has more partitions");

    private static readonly Counter<long> RefusedClaims = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.epochs.refused", "{claim}", "Claims of workers whose log another log has taken the store from");

    public static void Claimed(string topic) => ClaimedEpochs.Add(1, Of(topic));

    public static void Refused(string topic) => RefusedClaims.Add(1, Of(topic));

    private static KeyValuePair<string, object?> Of(string topic) => new("messaging.destination.name", topic);
}
