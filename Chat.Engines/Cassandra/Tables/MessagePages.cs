using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// The messages of a conversation, newest first: by position, which <c>messages_by_position</c> has in spans, and then those that an
/// earlier version stored without one, by id. A conversation that this version claimed has none of those.
/// </summary>
internal sealed class MessagePages(CassandraSession session, IMessageStore messages, Guid conversation)
{
    private const int MaxWidth = 8;

    // The number is stored: how many positions a span has can never change. A million of the topic's partition, all conversations
    // together, so that one conversation's row count is bounded, and a quiet one doesn't lie in too many.
    private const int SpanBits = 20;

    private static readonly Cql ListSpans = new("SELECT span FROM conversation_spans WHERE conversation_id = ? AND span <= ?");

    private static readonly Cql ListSpan = new(
        """
        SELECT position, message_id FROM messages_by_position
        WHERE conversation_id = ? AND span = ? AND (position, message_id) < (?, ?) LIMIT ?
        """);

    private static readonly Cql IsPositioned = new("SELECT positioned FROM conversations WHERE conversation_id = ?");

    private static readonly Cql ListBuckets = new(
        "SELECT bucket FROM conversation_buckets WHERE conversation_id = ? AND bucket <= ?");

    private static readonly Cql ListBucket = new(
        $"SELECT {MessageRow.Columns} FROM messages WHERE conversation_id = ? AND bucket = ? AND message_id < ?");

    private static readonly Place Newest = new(long.MaxValue, Guid.AllBitsSet);

    public static long SpanOf(long position) => position >> SpanBits;

    /// <param name="before">See <see cref="IMessageStore.ListMessagesAsync"/>.</param>
    public async Task<List<MessageWithFacts>> ListAsync(Guid? before, int count, CancellationToken cancellationToken)
    {
        var items = new List<MessageWithFacts>();
        var from = before is { } id ? await FindPlaceAsync(id, cancellationToken) : Newest;
        if (from is not { } place) return items;
        if (place.Position > 0) await AddPositionedAsync(items, place, count, cancellationToken);
        if (items.Count < count && await MayHaveOthersAsync(cancellationToken))
        {
            var below = place.Position > 0 ? Newest.MessageId : place.MessageId;
            items.AddRange(await ListByIdAsync(below, count - items.Count, m => m.Position == 0, cancellationToken));
        }
        return items;
    }

    /// <summary>Where a message is; where it isn't stored, before the nearest id below it. Null where there is none.</summary>
    private async Task<Place?> FindPlaceAsync(Guid id, CancellationToken cancellationToken)
    {
        var state = (await messages.GetStatesAsync([new(conversation, id)], cancellationToken))[0];
        var message = state.Message
            ?? (await ListByIdAsync(id, 1, _ => true, cancellationToken)).Select(m => m.Message).FirstOrDefault();
        return message is null ? null : new(message.Position, id);
    }

    private async Task AddPositionedAsync(List<MessageWithFacts> items, Place from, int count, CancellationToken cancellationToken)
    {
        List<long> spans = [];
        await foreach (var row in session.QueryAsync(ListSpans, cancellationToken, conversation, SpanOf(from.Position)))
            spans.Add(row.GetValue<long>(0));

        // A page mostly lies in one span; where spans turn out thin, more of them are asked at the same time.
        var next = 0;
        for (var width = 1; next < spans.Count && items.Count < count; width = Math.Min(width * 2, MaxWidth))
        {
            var wanted = count - items.Count;
            var some = spans.GetRange(next, Math.Min(width, spans.Count - next));
            var lists = await Task.WhenAll(some.Select(s => ListSpanAsync(s, from, wanted, cancellationToken)));
            var places = new List<Place>();
            foreach (var list in lists)
            {
                places.AddRange(list);
                // There may be more of this span, before those of the next.
                if (list.Count == wanted) break;
                next++;
            }
            if (places.Count == 0) continue;
            from = places[^1];
            await AddAsync(items, places, count, cancellationToken);
        }
    }

    /// <summary>Adds the messages of places, where their rows confirm them.</summary>
    private async Task AddAsync(
        List<MessageWithFacts> items, List<Place> places, int count, CancellationToken cancellationToken)
    {
        var states = await messages.GetStatesAsync(
            [.. places.Select(p => new MessageKey(conversation, p.MessageId))], cancellationToken);
        for (var i = 0; i < places.Count && items.Count < count; i++)
        {
            if (states[i] is { Message: { } message, Facts: var facts } && message.Position == places[i].Position)
                items.Add(new(message, facts));
        }
    }

    private async Task<List<Place>> ListSpanAsync(long span, Place before, int count, CancellationToken cancellationToken)
    {
        var places = new List<Place>();
        await foreach (var row in session.QueryAsync(
            ListSpan, cancellationToken, conversation, span, before.Position, before.MessageId, count))
        {
            places.Add(new(row.GetValue<long>(0), row.GetValue<Guid>(1)));
        }
        return places;
    }

    private async Task<bool> MayHaveOthersAsync(CancellationToken cancellationToken) =>
        (await session.FindAsync(IsPositioned, cancellationToken, conversation))?.GetValue<bool?>(0) != true;

    /// <summary>Messages by id, newest first.</summary>
    private async Task<List<MessageWithFacts>> ListByIdAsync(
        Guid before, int count, Func<Message, bool> takes, CancellationToken cancellationToken)
    {
        List<int> buckets = [];
        await foreach (var row in session.QueryAsync(ListBuckets, cancellationToken, conversation, Bucket.For(before)))
            buckets.Add(row.GetValue<int>(0));

        var items = new List<MessageWithFacts>();
        var next = 0;
        for (var width = 1; next < buckets.Count && items.Count < count; width = Math.Min(width * 2, MaxWidth))
        {
            var some = buckets.GetRange(next, Math.Min(width, buckets.Count - next));
            next += some.Count;
            var pages = await Task.WhenAll(some.Select(b => ListBucketAsync(b, before, count, takes, cancellationToken)));
            items.AddRange(pages.SelectMany(p => p).Take(count - items.Count));
        }
        return items;
    }

    private async Task<List<MessageWithFacts>> ListBucketAsync(
        int bucket, Guid before, int count, Func<Message, bool> takes, CancellationToken cancellationToken)
    {
        var items = new List<MessageWithFacts>();
        await foreach (var row in session.QueryAsync(ListBucket, cancellationToken, conversation, bucket, before))
        {
            if (MessageRow.Read(conversation, row) is not { Message: { } message, Facts: var facts } || !takes(message)) continue;
            items.Add(new(message, facts));
            if (items.Count == count) break;
        }
        return items;
    }

    /// <summary>A message's place in the order of its conversation.</summary>
    private readonly record struct Place(long Position, Guid MessageId);
}
