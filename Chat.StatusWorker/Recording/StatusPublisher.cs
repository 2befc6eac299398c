using System.Diagnostics;
using Chat.Core.Bus;
using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Telemetry;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// Publishes frames for a bounded time. The bus is a hint: a hub that misses a frame repairs from the store, so an outage of the bus
/// must never hold up what is recorded. While it is down, each batch makes one short try, which finds out when it is back.
/// </summary>
public sealed partial class StatusPublisher(
    IStatusBus bus, StatusMetrics metrics, TimeProvider time, IOptions<StatusWorkerOptions> options, ILogger<StatusPublisher> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PatienceWhileDown = TimeSpan.FromMilliseconds(250);

    private volatile bool _down;

    /// <summary>
    /// Publishes frames in order. Gives up after <see cref="StatusWorkerOptions.PublishPatience"/>; the next frame of each
    /// conversation then says that it does not know the number before it, so that the hub looks for itself.
    /// </summary>
    /// <returns>Whether the bus took them.</returns>
    public async Task<bool> PublishAsync(
        TopicPartition partition, IReadOnlyList<BusMessage> frames, Sequencer sequencer, CancellationToken cancellationToken)
    {
        if (frames.Count == 0) return true;
        using var span = ChatTelemetry.StartWithin(
            $"send {StatusChannel.Template}",
            ActivityKind.Client,
            new()
            {
                { SpanTags.MessagingSystem, bus.MessagingSystem },
                { SpanTags.OperationName, "send" },
                { SpanTags.OperationType, "send" },
                { SpanTags.DestinationTemplate, StatusChannel.Template },
                { SpanTags.BatchCount, frames.Count },
            });
        var started = time.GetTimestamp();
        if (await TryAsync(frames, sequencer, cancellationToken) is not { } failure)
        {
            metrics.Published(frames.Count, time.GetElapsedTime(started));
            if (_down) LogUp();
            _down = false;
            return true;
        }
        span?.SetStatus(ActivityStatusCode.Error).SetTag(SpanTags.ErrorType, failure.GetType().FullName);
        metrics.PublishGivenUp(frames.Count);
        if (!_down) LogDown(failure, frames.Count, partition);
        _down = true;
        foreach (var frame in frames) sequencer.Forget(frame.ConversationId);
        return false;
    }

    /// <returns>The last failure; null once the bus has taken the frames.</returns>
    private async Task<Exception?> TryAsync(
        IReadOnlyList<BusMessage> frames, Sequencer sequencer, CancellationToken cancellationToken)
    {
        var patience = _down ? PatienceWhileDown : options.Value.PublishPatience;
        using var deadline = new CancellationTokenSource(patience, time);
        using var trying = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Exception? failure = null;
        while (true)
        {
            try
            {
                if (failure is not null) await Task.Delay(Pause, time, trying.Token);
                await Bisection.RunAsync(
                    frames,
                    async part => await bus.PublishAsync(part, trying.Token),
                    (frame, refusal) => Skip(frame, refusal, sequencer));
                return null;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
            {
                return failure ?? exception;
            }
#pragma warning disable CA1031 // Whatever the bus throws, it is down, and the frames are in the store.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
                if (_down) return failure;
            }
        }
    }

    // The hub finds it in the store, since the next frame of its conversation leaves prev out.
    private void Skip(BusMessage frame, Exception refusal, Sequencer sequencer)
    {
        metrics.PublishGivenUp(1);
        sequencer.Forget(frame.ConversationId);
        using (logger.BeginScope(new MessageScope(null, frame.ConversationId, null))) LogRefused(frame.ConversationId, refusal.Message);
    }

    [LoggerMessage(
        EventId = LogEvents.BusDown,
        Level = LogLevel.Warning,
        Message = "The status bus does not answer: {Count} frames of {Partition} were recorded and not published; watchers catch up "
            + "from the store")]
    private partial void LogDown(Exception exception, int count, TopicPartition partition);

    [LoggerMessage(
        EventId = LogEvents.FrameRefused,
        Level = LogLevel.Warning,
        Message = "The status bus refuses a frame of {Conversation}, which is recorded and not published: {Reason}")]
    private partial void LogRefused(Guid conversation, string reason);

    [LoggerMessage(EventId = LogEvents.BusUp, Level = LogLevel.Information, Message = "The status bus answers again")]
    private partial void LogUp();
}
