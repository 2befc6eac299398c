using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Core.Text;
using Chat.Core.Time;

namespace Chat.Api.Operations.Engines;

/// <summary>
/// The newest events of each partition of <c>msg.status</c>: what the connectors reported last, whichever process ran them.
/// </summary>
internal sealed class RecentStatuses
{
    private const int OfEachPartition = 50;
    private const int LongestReason = 200;

    private readonly List<(DateTimeOffset At, StatusEvent Status)> _newestFirst;

    private RecentStatuses(IEnumerable<(DateTimeOffset At, StatusEvent Status)> statuses) =>
        _newestFirst = [.. statuses.OrderByDescending(s => s.At)];

    public static async Task<RecentStatuses> ReadAsync(ILogReader reader, CancellationToken cancellationToken)
    {
        var statuses = new List<(DateTimeOffset, StatusEvent)>();
        foreach (var range in await reader.GetRangesAsync(Topics.Status, cancellationToken))
        {
            var events = await reader.ReadNewestAsync(Topics.Status, range, OfEachPartition, cancellationToken);
            // The last first, also of those of one millisecond.
            foreach (var e in events.Reverse())
            {
                if (StatusEventJson.TryRead(e.Value.Span, out _) is { IsAnnouncement: false } status) statuses.Add((e.AppendedAt, status));
            }
        }
        return new(statuses);
    }

    /// <param name="waiting">Messages that the channel's connectors have not done with; null where that is not known.</param>
    public ChannelHealthView HealthOf(Channel channel, long? waiting)
    {
        var own = _newestFirst.Where(s => channel.Name.Equals(s.Status.Channel, StringComparison.OrdinalIgnoreCase)).ToList();
        var failed = own.Where(s => s.Status.Status == StatusKind.Failed).ToList();
        return new(channel.Name, channel.DisplayName, waiting, First(own), own.Count, failed.Count, First(failed));
    }

    private static ChannelStatusView? First(List<(DateTimeOffset At, StatusEvent Status)> newestFirst)
    {
        if (newestFirst is not [var (at, status), ..]) return null;
        var reason = status.FailureReason is { } words ? Printable.Line(words, LongestReason) : null;
        return new(StatusNames.Format(status.Status), WireTime.Format(at), reason);
    }
}
