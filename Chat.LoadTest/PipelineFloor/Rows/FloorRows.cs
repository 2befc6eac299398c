using Cassandra;
using Chat.Core.Channels;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra;
using Chat.Engines.Cassandra.Connection;
using Chat.Engines.Cassandra.Tables;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>
/// Rows by the driver alone: prepared statements at LOCAL_QUORUM, what lies in one partition in one unlogged batch, and small ones of
/// several partitions together, as the services do where one node has them all.
/// </summary>
internal sealed class FloorRows : IFloorRows
{
    private const int Week = 7 * 24 * 3600;

    // Estimates as the store's own, so that as much goes into a request.
    private const int MessageBytes = 450, SmallBytes = 100, StatusBytes = 250, ChangeBytes = 184, HeadBytes = 120;

    // As the services have them where nothing is set.
    private static readonly CassandraOptions Defaults = new();

    private readonly SemaphoreSlim _room = new(Defaults.MaxConcurrency);
    private readonly Cluster _cluster;
    private readonly ISession _session;
    private readonly PreparedStatement _position, _message, _id, _handOver, _event, _change, _head, _hour;
    private readonly Dictionary<MessageStatus, PreparedStatement> _facts;

    /// <summary>Whether the driver threw it, as it does where the nodes are away or refuse.</summary>
    public static bool IsFailure(Exception exception) => exception is DriverException;

    private FloorRows(Cluster cluster, ISession session)
    {
        (_cluster, _session) = (cluster, session);
        _position = session.Prepare(
            "INSERT INTO messages_by_position (conversation_id, span, position, message_id) VALUES (?, ?, ?, ?)");
        _message = session.Prepare(
            """
            INSERT INTO messages (conversation_id, bucket, message_id, organization_id, sender_id, channel, direction, type, content,
                recipient, created_at, position, account_id, provider_message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')
            """);
        _id = session.Prepare("INSERT INTO message_by_id (message_id, conversation_id, organization_id) VALUES (?, ?, ?)");
        _handOver = session.Prepare("UPDATE hand_overs SET at = ? WHERE message_id = ? AND channel = ?");
        _facts = ((MessageStatus[])[MessageStatus.Accepted, MessageStatus.Sent, MessageStatus.Delivered, MessageStatus.Read])
            .ToDictionary(s => s, s => session.Prepare(
                $"UPDATE messages SET {ColumnOf(s)} = ? WHERE conversation_id = ? AND bucket = ? AND message_id = ?"));
        _event = session.Prepare(
            """
            INSERT INTO message_timeline (conversation_id, bucket, message_id, seq, kind, at, channel, reported_at, appended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _change = session.Prepare($"INSERT INTO status_changes (conversation_id, seq, change) VALUES (?, ?, ?) USING TTL {Week}");
        _head = session.Prepare("UPDATE conversation_heads SET head = ? WHERE conversation_id = ?");
        _hour = session.Prepare("INSERT INTO conversation_hours (conversation_id, hour, highest) VALUES (?, ?, ?)");
    }

    /// <param name="connection">As the services take it; its keyspace is there, with the services' tables.</param>
    public static async Task<IFloorRows> ConnectAsync(string connection)
    {
        var cluster = Cluster.Builder()
            .WithConnectionString(connection)
            .WithQueryOptions(new QueryOptions().SetConsistencyLevel(ConsistencyLevel.LocalQuorum))
            .Build();
        return new FloorRows(cluster, await cluster.ConnectAsync());
    }

    public Task AddMessagesAsync(IReadOnlyList<FloorEvent> messages)
    {
        var rows = new List<Partition>();
        foreach (var order in messages.GroupBy(m => (m.Record.ConversationId, MessagePages.SpanOf(m.Seq))))
            rows.AddRange(Cut(order, SmallBytes, BindPosition));
        foreach (var stored in messages.GroupBy(m => (m.Record.ConversationId, Bucket.For(m.Record.MessageId))))
            rows.AddRange(Cut(stored, MessageBytes, BindMessage));
        foreach (var m in messages)
        {
            rows.Add(new(
                [_id.Bind(m.Record.MessageId, m.Record.ConversationId, FloorSample.Message.OrganizationId)], SmallBytes));
        }
        return WriteAsync(rows);
    }

    public Task AddHandOversAsync(IReadOnlyList<FloorEvent> messages)
    {
        var now = DateTimeOffset.UtcNow;
        return WriteAsync(messages.Select(m => new Partition(
            [_handOver.Bind(now, m.Record.MessageId, ChannelCatalog.WhatsApp)], SmallBytes)));
    }

    public Task AddStatusesAsync(IReadOnlyList<FloorEvent> statuses)
    {
        var rows = new List<Partition>();
        foreach (var conversation in statuses.GroupBy(s => s.Record.ConversationId))
        {
            foreach (var facts in conversation.GroupBy(s => Bucket.For(s.Record.MessageId)))
                rows.AddRange(Cut(facts, StatusBytes, BindFact));
            rows.AddRange(Cut(conversation, ChangeBytes, BindChange));
            // In the last request of the conversation's changes: one partition key, so that all of it is one write.
            var last = conversation.Last();
            var (head, hour) = (last.Seq, (int)(last.AppendedAt.ToUnixTimeSeconds() / 3600));
            rows[^1] = new(
                [.. rows[^1].Rows, _head.Bind(head, conversation.Key), _hour.Bind(conversation.Key, hour, head)],
                rows[^1].Bytes + HeadBytes);
        }
        return WriteAsync(rows);
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _room.Dispose();
    }

    private static string ColumnOf(MessageStatus status) =>
        status == MessageStatus.Accepted ? "announced" : StatusNames.Field((StatusKind)status);

    private static IEnumerable<Partition> Cut(
        IEnumerable<FloorEvent> events, int bytes, Func<FloorEvent, IEnumerable<BoundStatement>> bind) =>
        RequestPacker.Chunk(events, Defaults.MaxRowsPerRequest, _ => bytes)
            .Select(c => new Partition([.. c.SelectMany(bind)], bytes * c.Length));

    private IEnumerable<BoundStatement> BindPosition(FloorEvent e)
    {
        yield return _position.Bind(e.Record.ConversationId, MessagePages.SpanOf(e.Seq), e.Seq, e.Record.MessageId);
    }

    private IEnumerable<BoundStatement> BindMessage(FloorEvent e)
    {
        var (id, m) = (e.Record.MessageId, FloorSample.Message);
        yield return _message.Bind(
            e.Record.ConversationId, Bucket.For(id), id, m.OrganizationId, m.SenderId, m.Channel, m.Direction, m.Type, m.Content,
            m.Recipient, e.AppendedAt, e.Seq);
    }

    private IEnumerable<BoundStatement> BindFact(FloorEvent e)
    {
        var (id, conversation, status) = (e.Record.MessageId, e.Record.ConversationId, e.Record.Status);
        var fact = new Tuple<long, DateTimeOffset, string?>(SequenceNumber.Max - e.Seq, e.AppendedAt, null);
        yield return _facts[status].Bind(fact, conversation, Bucket.For(id), id);
        if (status == MessageStatus.Accepted) yield break;
        yield return _event.Bind(
            conversation, Bucket.For(id), id, e.Seq, (int)status, e.AppendedAt, ChannelCatalog.WhatsApp, e.AppendedAt, e.AppendedAt);
    }

    private IEnumerable<BoundStatement> BindChange(FloorEvent e)
    {
        var change = new Tuple<Guid, int, string, DateTimeOffset, string?, DateTimeOffset>(
            e.Record.MessageId, (int)e.Record.Status, ChannelCatalog.WhatsApp, e.AppendedAt, null, e.AppendedAt);
        yield return _change.Bind(e.Record.ConversationId, e.Seq, change);
    }

    private Task WriteAsync(IEnumerable<Partition> rows) =>
        Task.WhenAll(RequestPacker.Pack(rows, _ => 0, p => p.Bytes).Select(ExecuteAsync));

    private async Task ExecuteAsync(List<Partition> request)
    {
        BoundStatement[] rows = [.. request.SelectMany(p => p.Rows)];
        IStatement statement = rows[0];
        if (rows.Length > 1)
        {
            var batch = new BatchStatement().SetBatchType(BatchType.Unlogged);
            foreach (var row in rows) batch.Add(row);
            statement = batch;
        }
        await _room.WaitAsync();
        try
        {
            await RetryAsync(statement);
        }
        finally
        {
            _room.Release();
        }
    }

    // Without end, as the services do where the server is slow: writing it twice is writing it once.
    private async Task RetryAsync(IStatement statement)
    {
        while (true)
        {
            try
            {
                await _session.ExecuteAsync(statement);
                return;
            }
            catch (Exception exception) when (exception is WriteTimeoutException or OperationTimedOutException)
            {
                await Console.Error.WriteLineAsync(exception.Message);
            }
        }
    }

    private sealed record Partition(IReadOnlyList<BoundStatement> Rows, int Bytes);
}
