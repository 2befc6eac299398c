using System.Collections.Concurrent;
using Cassandra;
using Chat.Core.Collections;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>Messages with their facts, and where each is.</summary>
internal sealed class MessageTables(CassandraConnection connection, ChangeTables changes, FirstStays firstStays, MessageLife life)
    : IMessageStore
{
    private const int Remembered = 100_000;

    private static readonly Cql AddMessage = new(
        """
        INSERT INTO messages (conversation_id, bucket, message_id, organization_id, sender_id, channel, direction, type, content,
            recipient, created_at, position, account_id, provider_message_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?
        """);

    private static readonly Cql AddId = new(
        "INSERT INTO message_by_id (message_id, conversation_id, organization_id) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?");

    private static readonly Cql AddBucket = new("INSERT INTO conversation_buckets (conversation_id, bucket) VALUES (?, ?)");

    private static readonly Cql AddPosition = new(
        "INSERT INTO messages_by_position (conversation_id, span, position, message_id) VALUES (?, ?, ?, ?) USING TTL ?");

    private static readonly Cql AddSpan = new("INSERT INTO conversation_spans (conversation_id, span) VALUES (?, ?)");

    private static readonly Cql FindId = new("SELECT conversation_id FROM message_by_id WHERE message_id = ?");

    private static readonly Cql FindStates = new(
        $"SELECT {MessageRow.Columns} FROM messages WHERE conversation_id = ? AND bucket = ? AND message_id IN ?");

    private readonly BoundedCache<(Guid Conversation, int Bucket), bool> _notedBuckets = new(Remembered);

    private readonly BoundedCache<(Guid Conversation, long Span), bool> _notedSpans = new(Remembered);

    public async ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var timestamp = firstStays.Next();
        // The same id twice in one call: the first is the one that stays, as it would be in two calls.
        var distinct = messages.DistinctBy(m => m.MessageId).ToList();
        await AddPositionsAsync(session, distinct, cancellationToken);
        var rows = new List<PartitionRows>();
        var newBuckets = new List<(Guid Conversation, int Bucket)>();
        foreach (var partition in distinct.GroupBy(m => (m.ConversationId, Bucket: Bucket.For(m.MessageId))))
        {
            foreach (var chunk in RequestPacker.Chunk(partition, session.MaxRowsPerRequest, BytesOf))
                rows.Add(await BindMessagesAsync(session, partition.Key.Bucket, chunk, timestamp));
            if (!_notedBuckets.TryGet(partition.Key, out _)) newBuckets.Add(partition.Key);
        }
        foreach (var m in distinct)
        {
            var row = await session.BindAsync(
                AddId, m.MessageId, m.ConversationId, m.OrganizationId, timestamp, life.SecondsLeft(m.MessageId));
            rows.Add(new([row], Bytes: 100));
        }
        foreach (var (conversation, bucket) in newBuckets)
            rows.Add(new([await session.BindAsync(AddBucket, conversation, bucket)], Bytes: 50));
        await session.WriteAsync(rows, cancellationToken);

        foreach (var bucket in newBuckets) _notedBuckets.GetOrAdd(bucket, true);
    }

    public async ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        return await session.FindManyAsync(
            messageIds,
            async (id, ct) => await session.FindAsync(FindId, ct, id) is { } row
                ? new MessageKey(row.GetValue<Guid>(0), id)
                : default(MessageKey?),
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
        IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0) return [];
        var session = await connection.GetAsync(cancellationToken);
        var found = new ConcurrentDictionary<MessageKey, MessageState>();
        var chunks = keys
            .Distinct()
            .GroupBy(k => (k.ConversationId, Bucket: Bucket.For(k.MessageId)))
            .SelectMany(g => g.Select(k => k.MessageId).Chunk(session.MaxRowsPerRequest).Select(ids => (Partition: g.Key, ids)))
            .ToList();
        await session.ForEachAsync(
            chunks,
            async (chunk, ct) =>
            {
                var (conversation, bucket) = chunk.Partition;
                await foreach (var row in session.QueryAsync(FindStates, ct, conversation, bucket, chunk.ids))
                {
                    var state = MessageRow.Read(conversation, row);
                    found[state.Key] = state;
                }
            },
            cancellationToken);
        return [.. keys.Select(k => found.GetValueOrDefault(k) ?? new MessageState(k, null, StatusFacts.None))];
    }

    public async ValueTask<MessagePage> ListMessagesAsync(
        Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var session = await connection.GetAsync(cancellationToken);
        var seq = await changes.FindHeadAsync(conversationId, cancellationToken);
        // One more than asked for says whether there is a next page.
        var items = await new MessagePages(session, this, conversationId).ListAsync(before, limit + 1, cancellationToken);
        var more = items.Count > limit;
        if (more) items.RemoveRange(limit, items.Count - limit);
        return new(items, more ? items[^1].Message.MessageId : null, seq);
    }

    /// <summary>
    /// The order goes first: whichever position a message's row then keeps of two, the order has a row of it. What the row does not
    /// confirm is no message of that place. At the same time they may not go: a crash could leave the row alone, and where the message
    /// comes again in a new epoch, nobody would write a row for the position that it keeps.
    /// </summary>
    private async Task AddPositionsAsync(CassandraSession session, List<Message> messages, CancellationToken cancellationToken)
    {
        var rows = new List<PartitionRows>();
        var newSpans = new List<(Guid Conversation, long Span)>();
        foreach (var span in messages.Where(m => m.Position > 0).GroupBy(m => (m.ConversationId, Span: MessagePages.SpanOf(m.Position))))
        {
            foreach (var chunk in span.Chunk(session.MaxRowsPerRequest))
            {
                var places = new List<BoundStatement>(chunk.Length);
                foreach (var m in chunk)
                {
                    places.Add(await session.BindAsync(
                        AddPosition, m.ConversationId, span.Key.Span, m.Position, m.MessageId, life.SecondsLeft(m.MessageId)));
                }
                rows.Add(new(places, Bytes: 100 * chunk.Length));
            }
            if (!_notedSpans.TryGet(span.Key, out _)) newSpans.Add(span.Key);
        }
        foreach (var (conversation, span) in newSpans)
            rows.Add(new([await session.BindAsync(AddSpan, conversation, span)], Bytes: 50));
        await session.WriteAsync(rows, cancellationToken);

        foreach (var span in newSpans) _notedSpans.GetOrAdd(span, true);
    }

    private async ValueTask<PartitionRows> BindMessagesAsync(
        CassandraSession session, int bucket, Message[] messages, long timestamp)
    {
        var rows = new List<BoundStatement>(messages.Length);
        foreach (var m in messages)
        {
            rows.Add(await session.BindAsync(
                AddMessage,
                m.ConversationId,
                bucket,
                m.MessageId,
                m.OrganizationId,
                m.SenderId,
                m.Channel,
                m.Direction,
                m.Type,
                m.Content,
                // Every column has a value, since one without leaves a gap that a second write could fill.
                m.Recipient ?? "",
                m.CreatedAt,
                m.Position,
                m.AccountId ?? "",
                m.ProviderMessageId ?? "",
                timestamp,
                life.SecondsLeft(m.MessageId)));
        }
        return new(rows, messages.Sum(BytesOf));
    }

    private static int BytesOf(Message message) => 300 + (3 * message.Content.Length);
}
