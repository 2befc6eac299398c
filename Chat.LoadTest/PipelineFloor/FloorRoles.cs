using Chat.Core.Channels;
using Chat.Core.Ids;
using Chat.Core.Statuses;
using StackExchange.Redis;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>The router's part: a message's rows, then the record that says so and the one for the connector.</summary>
internal sealed class FloorRouter(IFloorRows rows, AppendRecords append, FloorTopics topics) : IFloorRole
{
    public async Task HandleAsync(IReadOnlyList<FloorEvent> events)
    {
        if (events.Count == 0) return;
        await rows.AddMessagesAsync(events);
        await append([
            .. events.Select(e => new FloorAppend(topics.Status, e.Key, e.Record.Write(FloorSample.StatusBytes))),
            .. events.Select(e => new FloorAppend(topics.Outbound, e.Key, e.Record.Write(FloorSample.MessageBytes))),
        ]);
    }
}

/// <summary>The connector's part: a row for the hand-over, then SENT, and DELIVERED and READ when the simulated channel has them.</summary>
internal sealed class FloorConnector(IFloorRows rows, AppendRecords append, FloorTopics topics, TimeProvider time) : IFloorRole
{
    private readonly Queue<Due> _delivered = new(), _read = new();

    private static SimulatedDefaults Pauses => ChannelCatalog.Default.Simulated;

    public TimeSpan? Wait
    {
        get
        {
            var next = Math.Min(NextOf(_delivered), NextOf(_read));
            if (next == long.MaxValue) return null;
            var left = time.GetElapsedTime(time.GetTimestamp(), next);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public async Task HandleAsync(IReadOnlyList<FloorEvent> events)
    {
        if (events.Count > 0) await rows.AddHandOversAsync(events);
        var now = time.GetTimestamp();
        var records = new List<FloorAppend>();
        foreach (var e in events)
        {
            records.Add(Status(e.Key, e.Record, MessageStatus.Sent));
            _delivered.Enqueue(new(After(now, Pauses.DeliveredAfter), e.Key, e.Record));
            _read.Enqueue(new(After(now, Pauses.DeliveredAfter + Pauses.ReadAfter), e.Key, e.Record));
        }
        TakeDue(_delivered, now, MessageStatus.Delivered, records);
        TakeDue(_read, now, MessageStatus.Read, records);
        await append(records);
    }

    private static long NextOf(Queue<Due> queue) => queue.TryPeek(out var due) ? due.At : long.MaxValue;

    // All of a queue have the same pause, so that they are due in their order.
    private void TakeDue(Queue<Due> queue, long now, MessageStatus status, List<FloorAppend> records)
    {
        while (queue.TryPeek(out var due) && due.At <= now)
        {
            queue.Dequeue();
            records.Add(Status(due.Key, due.Record, status));
        }
    }

    private FloorAppend Status(byte[] key, in FloorRecord record, MessageStatus status) =>
        new(topics.Status, key, (record with { Status = status }).Write(FloorSample.StatusBytes));

    private long After(long now, TimeSpan pause) => now + (long)(pause.TotalSeconds * time.TimestampFrequency);

    private readonly record struct Due(long At, byte[] Key, FloorRecord Record);
}

/// <summary>The status worker's part: a status' rows, then its publish.</summary>
internal sealed class FloorStatus(IFloorRows rows, Func<Guid, byte[], Task> publish) : IFloorRole
{
    /// <summary>Where all conversations' statuses are published.</summary>
    public static RedisChannel Everything => RedisChannel.Pattern("floor:*");

    public static RedisChannel ChannelOf(Guid conversation) => RedisChannel.Literal($"floor:{MessageIds.Format(conversation)}");

    public async Task HandleAsync(IReadOnlyList<FloorEvent> events)
    {
        if (events.Count == 0) return;
        await rows.AddStatusesAsync(events);
        await Task.WhenAll(events.Select(e => publish(e.Record.ConversationId, e.Record.Write(FloorSample.FrameBytes))));
    }
}
