using System.Threading.Channels;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Connectors.Callbacks;

/// <summary>A status that is in the log and is to be posted too.</summary>
/// <param name="Body">The event's own JSON.</param>
/// <param name="Scope">Of the log records that concern it; null for none.</param>
public readonly record struct QueuedCallback(
    string Channel, StatusKind Status, ReadOnlyMemory<byte> Body, string? TraceParent, MessageScope? Scope = null);

/// <summary>
/// The callbacks that wait for <see cref="CallbackSender"/>. Bounded: the log has every status already, so one that finds no room
/// is dropped and counted, and never holds up the connector.
/// </summary>
public sealed partial class StatusCallbacks(
    ConnectorsOptions options, ConnectorMetrics metrics, TimeProvider time, ILogger<StatusCallbacks> logger)
{
    // A receiver that is down drops thousands in a second: that is one line of the log.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromSeconds(10);

    private readonly Channel<QueuedCallback> _waiting = Channel.CreateBounded<QueuedCallback>(options.CallbackQueue);
    private volatile bool _off;
    private long _dropped;
    private long _warnedAt = long.MinValue;

    internal ChannelReader<QueuedCallback> Waiting => _waiting.Reader;

    public void Offer(in QueuedCallback callback)
    {
        if (!_off && !_waiting.Writer.TryWrite(callback)) Dropped();
    }

    /// <summary>Says that there is no receiver: callbacks that wait are dropped without being counted, and no more are taken.</summary>
    internal void TurnOff()
    {
        _off = true;
        while (_waiting.Reader.TryRead(out _))
        {
            // Dropped.
        }
    }

    internal void Dropped()
    {
        metrics.CallbackEnded("dropped");
        var dropped = Interlocked.Increment(ref _dropped);
        var (last, now) = (Interlocked.Read(ref _warnedAt), time.GetTimestamp());
        if (last != long.MinValue && time.GetElapsedTime(last, now) < BetweenWarnings) return;
        if (Interlocked.CompareExchange(ref _warnedAt, now, last) == last) LogDropped(dropped);
    }

    [LoggerMessage(
        EventId = LogEvents.CallbacksDropped,
        Level = LogLevel.Warning,
        Message = "{Count} status callbacks were dropped so far; msg.status has their statuses")]
    private partial void LogDropped(long count);
}
