using System.Diagnostics;
using Chat.Api.Hub.Protocol;
using Chat.Core.Limits;
using Chat.Core.Telemetry;

namespace Chat.Api.Hub.Sessions;

/// <summary>
/// What clients say they have shown: how long people waited for it, and the end of its trace. It is the client's word, so it moves nothing
/// but figures; a user says so much a second at most, and what is beyond that is forgotten.
/// </summary>
public sealed class ShownReports(int burst, int perSecond, HubMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly TokenBuckets<Guid> _limits = new(burst, perSecond, time);

    /// <param name="isWatched">Whether the socket that says it watches a conversation: of others it can have shown nothing.</param>
    public void Take(Guid userId, IReadOnlyList<ShownStatus> statuses, Func<Guid, bool> isWatched)
    {
        var now = time.GetUtcNow();
        foreach (var status in statuses)
        {
            if (!isWatched(status.ConversationId)) continue;
            if (!_limits.TryTake(userId, cost: 1, out _)) return;
            var shownAt = now - status.Ago;
            var waited = shownAt - status.At;
            // Nobody waited for that: it was caught up on, or a clock or a client is wrong.
            if (waited > Longest || waited < -Longest) continue;
            metrics.Shown(waited);
            using var span = ChatTelemetry.Continue(
                "show",
                ActivityKind.Internal,
                status.TraceParent,
                new()
                {
                    { SpanTags.ConversationId, status.ConversationId.ToString() },
                    { SpanTags.MessageId, status.MessageId.ToString() },
                    { SpanTags.EventAge, waited.TotalSeconds },
                },
                startedAt: shownAt);
            // A moment, not the time that the client took to say so.
            span?.SetEndTime(shownAt.UtcDateTime);
        }
    }
}
