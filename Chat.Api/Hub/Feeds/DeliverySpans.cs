using System.Diagnostics;
using Chat.Core.Telemetry;

namespace Chat.Api.Hub.Feeds;

/// <summary>The spans of frames that go out together: one for each that carries a trace, around the write of all.</summary>
internal readonly ref struct DeliverySpans
{
    private readonly List<Activity>? _spans;

    public DeliverySpans(Guid conversationId, IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            var span = ChatTelemetry.Continue(
                "deliver status:{conversationId}", ActivityKind.Consumer, delivery.Payload?.TraceParent);
            if (span is null) continue;
            span.SetTag("messaging.destination.template", "status:{conversationId}")
                .SetTag("messaging.message.conversation_id", conversationId.ToString())
                .SetTag("chat.message.id", delivery.Payload?.MessageId?.ToString());
            (_spans ??= []).Add(span);
        }
    }

    public void Delivered(int subscribers)
    {
        foreach (var span in _spans ?? []) span.SetTag("chat.hub.deliveries", subscribers);
    }

    /// <summary>Ends them, the last first: each was current within the one before.</summary>
    public void Dispose()
    {
        for (var i = (_spans?.Count ?? 0) - 1; i >= 0; i--) _spans![i].Dispose();
    }
}
