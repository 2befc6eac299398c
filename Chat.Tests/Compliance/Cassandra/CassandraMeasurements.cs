using System.Diagnostics;
using Cassandra;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Compliance;

/// <summary>
/// The figures of docs/cassandra.md, not run by default:
/// <c>Chat.Tests -explicit only -class "*CassandraMeasurements" -showLiveOutput</c>.
/// </summary>
[Collection(CassandraCollection.Name)]
public sealed class CassandraMeasurements(CassandraServer server, ITestOutputHelper output)
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(
        DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task Status_events_per_second_in_batches_of_a_thousand(int conversations)
    {
        const int size = 1000, warmUp = 10, batches = 40;
        var store = StorePorts.From((await server.SharedHostAsync()).Services);
        var ids = Enumerable.Range(0, conversations).Select(_ => Guid.NewGuid()).ToArray();
        TimeSpan record = default, read = default, change = default, processor = default;
        for (var batch = 0; batch < warmUp + batches; batch++)
        {
            var messages = Enumerable.Range(0, size).Select(i => Message(ids[i % conversations])).ToList();
            await store.Messages.AddMessagesAsync(messages, Cancellation);
            if (batch == warmUp)
                (record, read, change, processor) = (default, default, default, -Process.GetCurrentProcess().TotalProcessorTime);
            var seq = (batch * size) + 1L;
            var clock = Stopwatch.GetTimestamp();
            await store.Statuses.RecordStatusesAsync([.. messages.Select((m, i) => Record(m, StatusKind.Sent, seq + i))], Cancellation);
            record += Lap(ref clock);
            var states = await store.Messages.GetStatesAsync(
                [.. messages.Select(m => new MessageKey(m.ConversationId, m.MessageId))], Cancellation);
            read += Lap(ref clock);
            await store.Statuses.AddChangesAsync([.. states.Select((s, i) => Change(s.Message!, s.Facts.Status, seq + i))], Cancellation);
            change += Lap(ref clock);
        }
        processor += Process.GetCurrentProcess().TotalProcessorTime;
        var events = batches * size;
        output.WriteLine(
            $"{conversations} conversations: {events / (record + read + change).TotalSeconds:F0} events/s, "
            + $"a batch {(record + read + change).TotalMilliseconds / batches:F0} ms "
            + $"= record {record.TotalMilliseconds / batches:F0} + read {read.TotalMilliseconds / batches:F0} "
            + $"+ changes {change.TotalMilliseconds / batches:F0}; "
            + $"processor here (with adding the messages) {processor.TotalMicroseconds / events:F0} us an event");
    }

    [Fact(Explicit = true)]
    public async Task Size_of_a_busy_conversations_partitions()
    {
        const int total = 100_000, size = 500;
        var keyspace = server.NewKeyspace();
        var store = StorePorts.From((await server.StartHostAsync(keyspace)).Services);
        var conversation = Guid.NewGuid();
        var seq = 1L;
        for (var sent = 0; sent < total; sent += size)
        {
            var messages = Enumerable.Range(0, size).Select(_ => Message(conversation)).ToList();
            await store.Messages.AddMessagesAsync(messages, Cancellation);
            foreach (var kind in new[] { StatusKind.Sent, StatusKind.Delivered, StatusKind.Read })
            {
                await store.Statuses.RecordStatusesAsync([.. messages.Select((m, i) => Record(m, kind, seq + i))], Cancellation);
                await store.Statuses.AddChangesAsync(
                    [.. messages.Select((m, i) => Change(m, (MessageStatus)kind, seq + i))], Cancellation);
                seq += size;
            }
        }
        var clock = Stopwatch.GetTimestamp();
        var page = await store.Messages.ListMessagesAsync(conversation, null, 50, Cancellation);
        output.WriteLine($"newest page of 50: {Lap(ref clock).TotalMilliseconds:F1} ms");
        await store.Messages.ListMessagesAsync(conversation, page.Next, 50, Cancellation);
        output.WriteLine($"second page of 50: {Lap(ref clock).TotalMilliseconds:F1} ms");
        await store.Changes.ListChangesAsync(conversation, seq - 100, 1000, Cancellation);
        output.WriteLine($"the last 100 changes: {Lap(ref clock).TotalMilliseconds:F1} ms");

        using var session = await server.ConnectAsync(keyspace);
        string[] tables = ["messages", "message_timeline", "status_changes", "message_by_id"];
        foreach (var table in tables)
            await session.ExecuteAsync(new SimpleStatement($"ALTER TABLE {table} WITH memtable_flush_period_in_ms = 1000"));
        foreach (var table in tables)
        {
            long disk = 0, largest = 0;
            using var deadline = new Deadline();
            while (disk == 0 && !deadline.Passed)
            {
                await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
                disk = await MebibytesAsync(session, "disk_usage", keyspace, table);
                largest = await MebibytesAsync(session, "max_partition_size", keyspace, table);
            }
            output.WriteLine($"{table}: {total} messages, largest partition {largest} MiB, on disk {disk} MiB");
        }
        await session.Cluster.ShutdownAsync();
    }

    private static async Task<long> MebibytesAsync(ISession session, string view, string keyspace, string table) =>
        (await session.ExecuteAsync(new SimpleStatement(
            $"SELECT mebibytes FROM system_views.{view} WHERE keyspace_name = ? AND table_name = ?", keyspace, table)))
        .FirstOrDefault()?.GetValue<long>(0) ?? 0;

    private static TimeSpan Lap(ref long clock)
    {
        var since = clock;
        clock = Stopwatch.GetTimestamp();
        return Stopwatch.GetElapsedTime(since, clock);
    }

    private static Message Message(Guid conversation) => new(
        Guid.CreateVersion7(Start),
        conversation,
        Guid.NewGuid(),
        Guid.NewGuid(),
        "whatsapp",
        "outbound",
        "text",
        $$"""{"texto":"{{new string('x', 120)}}"}""",
        "+5511999990000",
        Start);

    private static StatusRecord Record(Message m, StatusKind kind, long seq) =>
        new(
            new(m.ConversationId, m.MessageId),
            kind,
            new(Start.AddMilliseconds(seq % 1000), null, seq),
            "whatsapp",
            Start,
            Start,
            null);

    private static StatusChange Change(Message m, MessageStatus status, long seq) =>
        new(m.ConversationId, seq, m.MessageId, status, "whatsapp", Start, null, Start);
}
