using System.Diagnostics;
using Chat.Core.Bus;
using Chat.Core.Telemetry;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// The spans of frames that go out together, around the write of all: one for each whose trace is sampled, or that is slow.
/// </summary>
internal readonly ref struct DeliverySpans
{
    private readonly List<Activity>? _spans;

    /// <param name="system">The bus' name.</param>
    public DeliverySpans(string system, Guid conversationId, List<Delivery> deliveries, TimeProvider time)
    {
        if (!ChatTelemetry.Activities.HasListeners()) return;
        foreach (var delivery in deliveries)
        {
            if (delivery.Payload is not { TraceParent: { } trace } payload) continue;
            var age = payload.Timestamp is { } at ? time.GetUtcNow() - at : TimeSpan.Zero;
            var mayBeSlow = age >= ChatTelemetry.LeastSlow;
            if (!mayBeSlow && !TraceContext.IsSampled(trace)) continue;
            if (Start(system, conversationId, payload.MessageId, trace, age, mayBeSlow) is { } span) (_spans ??= []).Add(span);
        }
    }

    public void Delivered(int subscribers)
    {
        foreach (var span in _spans ?? []) span.SetTag(SpanTags.Deliveries, subscribers);
    }

    /// <summary>Ends them, the last first: each was current within the one before.</summary>
    public void Dispose()
    {
        for (var i = (_spans?.Count ?? 0) - 1; i >= 0; i--) _spans![i].Dispose();
    }

    private static Activity? Start(
        string system, Guid conversationId, Guid? messageId, string trace, TimeSpan age, bool mayBeSlow) => ChatTelemetry.Continue(
        $"process {StatusChannel.Template}",
        ActivityKind.Consumer,
        trace,
        new()
        {
            { SpanTags.MessagingSystem, system },
            { SpanTags.OperationName, "process" },
            { SpanTags.OperationType, "process" },
            { SpanTags.DestinationTemplate, StatusChannel.Template },
            { SpanTags.ConversationId, conversationId.ToString() },
            { SpanTags.MessageId, messageId?.ToString() },
            { SpanTags.EventAge, age.TotalSeconds },
        },
        mayBeSlow);
}
