using Cassandra;
using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Erasure;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Removes conversations row by row and never by the partition: what is written there later may have a lower write timestamp than the
/// deletion (<see cref="CellTimes"/>). What says where rows are (conversation_buckets, conversation_spans) stays, since services remember
/// what they have noted there; and so does the head, which can't be raised again once it is deleted.
/// </summary>
/// <remarks>
/// Nothing is undone where a run fails, and the next one has to find the rest: the rows that ids were found by go last, those of messages
/// and, for the providers' ids, those of the ledger.
/// </remarks>
internal sealed class ErasureTables(CassandraConnection connection, IContactStore contacts, TimeProvider time) : IErasure
{
    private const int AtOnce = 100;

    /// <summary>Deletions lie ahead of the clock by this, so that one which is a little late removes what is there all the same.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(1);

    private static readonly TableScan ScanMessages = new(
        "conversation_id, organization_id, recipient", "messages", "conversation_id, bucket", "message_id");

    private static readonly TableScan ScanContacts = new("conversation_id, organization_id", "contacts", "conversation_id");

    private static readonly TableScan ScanClaims = new(
        "channel, account_id, kind, address, conversation_id", "address_claims", "channel, account_id, kind, address");

    private static readonly TableScan ScanHeld = new(
        "channel, account_id, bucket, message_id, hold_id, conversation_id",
        "held_messages",
        "channel, account_id, bucket",
        "message_id");

    private static readonly TableScan ScanKeys = new(
        "organization_id, user_id, idempotency_key, message_id, votes",
        "idempotency_keys",
        "organization_id, user_id, idempotency_key");

    private static readonly TableScan ScanParked = new("subject, seq, value, appended_at", "parked_statuses", "subject", "seq");

    // Its rows are not deleted one by one, but by an erasure: a partition has few marks.
    private static readonly TableScan ScanParkedByTime = new("subject, seq, value, appended_at, bucket", "parked_by_time", "bucket");

    private static readonly Cql FindCreation = new("SELECT created_at FROM conversations WHERE conversation_id = ?");

    private static readonly Cql FindHead = new("SELECT head FROM conversation_heads WHERE conversation_id = ?");

    private static readonly Cql FindErased = new("SELECT erased_at FROM conversation_heads WHERE conversation_id = ?");

    private static readonly Cql ListBuckets = new("SELECT bucket FROM conversation_buckets WHERE conversation_id = ?");

    private static readonly Cql ListMessages = new(
        """
        SELECT message_id, recipient, position, channel, account_id, provider_message_id FROM messages
        WHERE conversation_id = ? AND bucket = ? AND message_id > ? AND message_id <= ?
        """);

    private static readonly Cql ListTimeline = new(
        """
        SELECT message_id, seq FROM message_timeline
        WHERE conversation_id = ? AND bucket = ? AND message_id > ? AND message_id <= ?
        """);

    private static readonly Cql ListChanges = new(
        "SELECT seq FROM status_changes WHERE conversation_id = ? AND seq >= ? AND seq <= ?");

    private static readonly Cql ListHandOvers = new("SELECT channel, provider_message_id FROM hand_overs WHERE message_id = ?");

    private static readonly Cql ListTries = new(
        "SELECT number, channel, account_id, provider_message_id FROM send_tries WHERE message_id = ?");

    private static readonly Cql FindNoted = new("SELECT noted_at FROM contacts WHERE conversation_id = ?");

    private static readonly Cql FindProvider = new("SELECT message FROM provider_ids WHERE channel = ? AND provider_message_id = ?");

    private static readonly Cql FindPlace = new("SELECT conversation_id FROM message_by_id WHERE message_id = ?");

    private static readonly Cql FindRecipient = new("SELECT recipient FROM conversation_posters WHERE conversation_id = ? LIMIT 1");

    private static readonly Cql Mark = new(
        "UPDATE conversation_heads USING TIMESTAMP ? SET head = ?, erased = ? WHERE conversation_id = ?");

    private static readonly Cql MarkTime = new("UPDATE conversation_heads SET erased_at = ? WHERE conversation_id = ?");

    private static readonly Cql DeleteMessage = new(
        "DELETE FROM messages USING TIMESTAMP ? WHERE conversation_id = ? AND bucket = ? AND message_id = ?");

    private static readonly Cql DeleteTimeline = new(
        "DELETE FROM message_timeline USING TIMESTAMP ? WHERE conversation_id = ? AND bucket = ? AND message_id = ?");

    private static readonly Cql DeletePlace = new("DELETE FROM message_by_id USING TIMESTAMP ? WHERE message_id = ?");

    private static readonly Cql DeletePosition = new(
        """
        DELETE FROM messages_by_position USING TIMESTAMP ?
        WHERE conversation_id = ? AND span = ? AND position = ? AND message_id = ?
        """);

    private static readonly Cql DeleteChanges = new(
        "DELETE FROM status_changes USING TIMESTAMP ? WHERE conversation_id = ? AND seq <= ?");

    // Not the row: without its time a message that is delivered again would be sent again.
    private static readonly Cql DeleteHandOverId = new(
        "DELETE provider_message_id FROM hand_overs USING TIMESTAMP ? WHERE message_id = ? AND channel = ?");

    private static readonly Cql DeleteTryId = new(
        "DELETE provider_message_id FROM send_tries USING TIMESTAMP ? WHERE message_id = ? AND number = ?");

    private static readonly Cql DeleteHeld = new(
        """
        DELETE FROM held_messages USING TIMESTAMP ?
        WHERE channel = ? AND account_id = ? AND bucket = ? AND message_id = ? AND hold_id = ?
        """);

    private static readonly Cql DeleteContact = new("DELETE FROM contacts USING TIMESTAMP ? WHERE conversation_id = ?");

    // The table is written by lightweight transactions alone.
    private static readonly Cql DeleteClaim = new(
        "DELETE FROM address_claims WHERE channel = ? AND account_id = ? AND kind = ? AND address = ? IF conversation_id = ?");

    private static readonly Cql DeleteProvider = new(
        "DELETE FROM provider_ids USING TIMESTAMP ? WHERE channel = ? AND provider_message_id = ?");

    private static readonly Cql DeleteRecipient = new(
        "DELETE recipient FROM conversation_posters USING TIMESTAMP ? WHERE conversation_id = ?");

    private static readonly Cql DeleteParked = new("DELETE FROM parked_statuses USING TIMESTAMP ? WHERE subject = ? AND seq = ?");

    private static readonly Cql DeleteParkedByTime = new(
        "DELETE FROM parked_by_time USING TIMESTAMP ? WHERE bucket = ? AND appended_at = ? AND subject = ? AND seq = ?");

    // By transactions, since a transaction may have written the row; they remove what was written without one, too.
    private static readonly Cql DeleteKey = new(
        "DELETE FROM idempotency_keys WHERE organization_id = ? AND user_id = ? AND idempotency_key = ? IF message_id = ?");

    private static readonly Cql DeleteUndecidedKey = new(
        "DELETE FROM idempotency_keys WHERE organization_id = ? AND user_id = ? AND idempotency_key = ? IF message_id = NULL");

    public async ValueTask<IReadOnlyList<RecipientConversation>> FindConversationsAsync(
        Guid organizationId, string recipient, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var person = new RecipientName(recipient);
        var found = new HashSet<Guid>();
        var messages = ScanMessages.ReadAsync(
            session,
            row => row.GetValue<Guid?>(1) == organizationId && row.GetValue<string?>(2) is { Length: > 0 } address && person.Is(address),
            cancellationToken);
        await foreach (var row in messages) found.Add(row.GetValue<Guid>(0));
        var known = new List<Guid>();
        await foreach (var row in ScanContacts.ReadAsync(session, row => row.GetValue<Guid?>(1) == organizationId, cancellationToken))
            known.Add(row.GetValue<Guid>(0));
        foreach (var some in known.Chunk(AtOnce))
        {
            var people = await contacts.FindContactsAsync(some, cancellationToken);
            found.UnionWith(people.Values.Where(person.Is).Select(c => c.ConversationId));
        }
        var conversations = new List<RecipientConversation>();
        foreach (var id in found)
        {
            var recipients = (await ListMessagesAsync(session, id, cancellationToken))
                .Select(m => m.Recipient).Where(r => !string.IsNullOrEmpty(r)).OfType<string>();
            var contact = (await contacts.FindContactsAsync([id], cancellationToken)).GetValueOrDefault(id);
            conversations.Add(new(id, person.IsShared(recipients, contact)));
        }
        return conversations;
    }

    public async ValueTask CollectAsync(ErasureScope scope, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        foreach (var conversation in scope.Conversations)
        {
            foreach (var message in await ListMessagesAsync(session, conversation, cancellationToken))
            {
                scope.AddMessage(message.Id);
                if (message.ProviderId is { } id) scope.AddProviderId(id);
            }
            foreach (var (message, _) in await ListTimelineAsync(session, conversation, cancellationToken)) scope.AddMessage(message);
        }
        foreach (var (message, conversation) in await FindPlacesAsync(session, scope, cancellationToken))
        {
            if (!scope.Conversations.Contains(conversation)) scope.RemoveMessage(message);
        }
        Guid[] messages = [.. scope.Messages];
        var ids = await ListProviderIdsAsync(session, messages, cancellationToken);
        foreach (var (channel, id) in ids.SelectMany(i => i.Value)) scope.AddProviderId(new(channel, id));
        var tries = (await ListTriesAsync(session, messages, cancellationToken)).SelectMany(t => t.Value);
        foreach (var id in tries.SelectMany(t => ProviderId.SplitAll(t.Channel, t.AccountId, t.Ids))) scope.AddProviderId(id);
        foreach (var (account, address, _) in await ListClaimsAsync(session, scope, cancellationToken))
            scope.AddAddress(account, address.Value);
        foreach (var contact in (await contacts.FindContactsAsync(scope.Conversations, cancellationToken)).Values)
        {
            foreach (var address in contact.Addresses) scope.AddAddress(contact.Account, address.Value);
            if (contact.SendTo is { } sendTo) scope.AddAddress(contact.Account, sendTo);
        }
    }

    public async ValueTask<IReadOnlyList<ErasedRows>> EraseAsync(ErasureScope scope, bool dryRun, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var run = new Run(session, scope, CellTimes.Ordinary(time.GetUtcNow() + Ahead), cancellationToken);
        // Everything is found before anything is deleted: a read may fail, and a deletion can't be undone.
        List<Func<Task>> deletions =
        [
            await FindKeysAsync(run),
            await FindParkedAsync(run),
            await FindHeldAsync(run),
            await FindContactsAsync(run),
            await FindMessagesAsync(run),
        ];
        foreach (var conversation in scope.Conversations) deletions.Add(await FindConversationAsync(run, conversation));
        if (dryRun) return run.Counts;
        foreach (var delete in deletions) await delete();
        return run.Counts;
    }

    /// <summary>The server does that by itself, once <c>gc_grace_seconds</c> have passed.</summary>
    public ValueTask CompactAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask<IReadOnlyDictionary<Guid, DateTimeOffset>> FindErasedAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        return await session.FindManyAsync(
            conversationIds,
            async (id, ct) => (await session.FindAsync(FindErased, ct, id))?.GetValue<DateTimeOffset?>(0),
            cancellationToken);
    }

    private async Task<Func<Task>> FindConversationAsync(Run run, Guid id)
    {
        var (session, cancellationToken) = (run.Session, run.Cancellation);
        var messages = await ListMessagesAsync(session, id, cancellationToken);
        var timeline = await ListTimelineAsync(session, id, cancellationToken);
        List<long> changes = [];
        await foreach (var row in Halves.ReadAsync(0, long.MaxValue, ListChangesAsync)) changes.Add(row.GetValue<long>(0));
        var head = (await session.FindAsync(FindHead, cancellationToken, id))?.GetValue<long?>(0) ?? 0;
        var highest = timeline.Select(t => t.Seq).Concat(changes).Append(head).Max();
        var hasRecipient = (await session.FindAsync(FindRecipient, cancellationToken, id))?.GetValue<string?>(0) is not null;
        run.Count("messages", messages.Count);
        run.Count("message_timeline", timeline.Count);
        run.Count("status_changes", changes.Count);
        run.Count("messages_by_position", messages.Count(m => m.Position > 0));
        run.Count("conversation_posters", hasRecipient ? 1 : 0);
        return DeleteAsync;

        Task<List<Row>> ListChangesAsync(long first, long last) =>
            session.QueryAsync(ListChanges, cancellationToken, id, first, last).ToListAsync(cancellationToken).AsTask();

        async Task DeleteAsync()
        {
            // First the mark: who reads meanwhile is told to load the page again.
            if (highest > 0) await session.ExecuteAsync(Mark, cancellationToken, highest, highest, highest, id);
            await session.ExecuteAsync(MarkTime, cancellationToken, time.GetUtcNow(), id);
            foreach (var m in messages.Where(m => m.Position > 0))
                await run.DeleteAsync(DeletePosition, id, MessagePages.SpanOf(m.Position), m.Position, m.Id);
            if (changes.Count > 0) await run.DeleteAsync(DeleteChanges, id, highest);
            if (hasRecipient) await run.DeleteAsync(DeleteRecipient, id);
            await run.FlushAsync();
            Guid[] ids = [.. messages.Select(m => m.Id).Concat(timeline.Select(t => t.Message)).Distinct()];
            foreach (var message in ids) await run.DeleteAsync(DeleteTimeline, id, Bucket.For(message), message);
            await run.FlushAsync();
            foreach (var message in ids) await run.DeleteAsync(DeleteMessage, id, Bucket.For(message), message);
            await run.FlushAsync();
        }
    }

    private static async Task<Func<Task>> FindMessagesAsync(Run run)
    {
        var (session, cancellationToken) = (run.Session, run.Cancellation);
        Guid[] messages = [.. run.Scope.Messages];
        var places = await FindPlacesAsync(session, run.Scope, cancellationToken);
        var handOvers = await ListProviderIdsAsync(session, messages, cancellationToken);
        var tries = await ListTriesAsync(session, messages, cancellationToken);
        var providers = await session.FindManyAsync(
            [.. run.Scope.ProviderIds],
            async (id, ct) => (await session.FindAsync(FindProvider, ct, id.Channel, id.Key))?.GetValue<Tuple<Guid, Guid>?>(0) is { } key
                ? key.Item2
                : default(Guid?),
            cancellationToken);
        // The first message that an id was noted for keeps it: that may be another one.
        var own = providers.Where(p => run.Scope.Messages.Contains(p.Value)).Select(p => p.Key).ToList();
        run.Count("message_by_id", places.Count);
        run.Count("hand_overs", handOvers.Sum(h => h.Value.Count));
        run.Count("send_tries", tries.Sum(t => t.Value.Count));
        run.Count("provider_ids", own.Count);
        return async () =>
        {
            foreach (var id in own) await run.DeleteAsync(DeleteProvider, id.Channel, id.Key);
            foreach (var message in places.Keys) await run.DeleteAsync(DeletePlace, message);
            await run.FlushAsync();
            foreach (var (message, channel) in handOvers.SelectMany(h => h.Value, (h, o) => (h.Key, o.Channel)))
                await run.DeleteAsync(DeleteHandOverId, message, channel);
            foreach (var (message, number) in tries.SelectMany(t => t.Value, (t, o) => (t.Key, o.Number)))
                await run.DeleteAsync(DeleteTryId, message, number);
            await run.FlushAsync();
        };
    }

    private static async Task<Func<Task>> FindHeldAsync(Run run)
    {
        var rows = ScanHeld.ReadAsync(
            run.Session,
            row => row.GetValue<Guid?>(5) is { } conversation && run.Scope.Conversations.Contains(conversation),
            run.Cancellation);
        var held = new List<object[]>();
        await foreach (var row in rows) held.Add([.. Enumerable.Range(0, 5).Select(row.GetValue<object>)]);
        run.Count("held_messages", held.Count);
        return async () =>
        {
            foreach (var key in held) await run.DeleteAsync(DeleteHeld, key);
            await run.FlushAsync();
        };
    }

    /// <summary>
    /// A contact goes by the time of its latest note, which its cells have for their write timestamps: what is learned later is no part
    /// of it.
    /// </summary>
    private static async Task<Func<Task>> FindContactsAsync(Run run)
    {
        var (session, cancellationToken) = (run.Session, run.Cancellation);
        var claims = await ListClaimsAsync(session, run.Scope, cancellationToken);
        var noted = await session.FindManyAsync(
            run.Scope.Conversations,
            async (id, ct) => (await session.FindAsync(FindNoted, ct, id))?.GetValue<DateTimeOffset?>(0),
            cancellationToken);
        run.Count("address_claims", claims.Count);
        run.Count("contacts", noted.Count);
        return async () =>
        {
            foreach (var (account, address, conversation) in claims)
            {
                await session.TransactAsync(
                    DeleteClaim, cancellationToken, account.Channel, account.AccountId, address.Kind, address.Value, conversation);
            }
            foreach (var (conversation, at) in noted)
                await session.ExecuteAsync(DeleteContact, cancellationToken, CellTimes.Ordinary(at), conversation);
        };
    }

    private static async Task<List<(AccountKey Account, ContactAddress Address, Guid Conversation)>> ListClaimsAsync(
        CassandraSession session, ErasureScope scope, CancellationToken cancellationToken)
    {
        var rows = ScanClaims.ReadAsync(
            session,
            row => row.GetValue<Guid?>(4) is { } conversation && scope.Conversations.Contains(conversation),
            cancellationToken);
        var claims = new List<(AccountKey, ContactAddress, Guid)>();
        await foreach (var row in rows)
        {
            claims.Add((
                new(row.GetValue<string>(0), row.GetValue<string>(1)),
                new(row.GetValue<string>(2), row.GetValue<string>(3)),
                row.GetValue<Guid>(4)));
        }
        return claims;
    }

    /// <summary>The tries that have a provider's id.</summary>
    private static Task<IReadOnlyDictionary<Guid, List<(int Number, string Channel, string AccountId, string Ids)>>> ListTriesAsync(
        CassandraSession session, Guid[] messages, CancellationToken cancellationToken) => ListByMessageAsync(
        session,
        messages,
        ListTries,
        static row => MessageRow.TextOrNull(row, 3) is { } ids
            ? (row.GetValue<int>(0), row.GetValue<string>(1), row.GetValue<string>(2), ids)
            : default((int, string, string, string)?),
        cancellationToken);

    private static async Task<Func<Task>> FindKeysAsync(Run run)
    {
        var found = new List<(Guid User, string Key, Guid? Decided)>();
        await foreach (var row in ScanKeys.ReadAsync(run.Session, IsConcerned, run.Cancellation))
            found.Add((row.GetValue<Guid>(1), row.GetValue<string>(2), row.GetValue<Guid?>(3)));
        run.Count("idempotency_keys", found.Count);
        return async () =>
        {
            foreach (var (user, key, decided) in found)
            {
                await (decided is { } message
                    ? run.Session.TransactAsync(DeleteKey, run.Cancellation, run.Scope.OrganizationId, user, key, message)
                    : run.Session.TransactAsync(DeleteUndecidedKey, run.Cancellation, run.Scope.OrganizationId, user, key));
            }
        };

        bool IsConcerned(Row row) => row.GetValue<Guid>(0) == run.Scope.OrganizationId
            && (row.GetValue<Guid?>(3) is { } message
                ? run.Scope.Messages.Contains(message)
                : IdempotencyTable.ReadVotes(row).Values.Any(v => run.Scope.Messages.Contains(v.Record.MessageId)));
    }

    private static async Task<Func<Task>> FindParkedAsync(Run run)
    {
        var waiting = new List<ParkedStatus>();
        await foreach (var row in ScanParked.ReadAsync(run.Session, IsConcerned, run.Cancellation)) waiting.Add(ReadParked(row));
        // Its rows may be of statuses that wait no more, and have the value all the same.
        var indexed = new List<(int Bucket, ParkedStatus Parked)>();
        await foreach (var row in ScanParkedByTime.ReadAsync(run.Session, IsConcerned, run.Cancellation))
            indexed.Add((row.GetValue<int>(4), ReadParked(row)));
        run.Count("parked_statuses", waiting.Count);
        run.Count("parked_by_time", indexed.Count);
        return async () =>
        {
            foreach (var p in waiting) await run.DeleteAsync(DeleteParked, p.Subject, p.Seq);
            foreach (var (bucket, p) in indexed) await run.DeleteAsync(DeleteParkedByTime, bucket, p.AppendedAt, p.Subject, p.Seq);
            await run.FlushAsync();
        };

        bool IsConcerned(Row row) => run.Scope.Concerns(ReadParked(row));
    }

    private static ParkedStatus ReadParked(Row row) => new(
        row.GetValue<string>(0), row.GetValue<long>(1), row.GetValue<byte[]?>(2) ?? [], row.GetValue<DateTimeOffset>(3));

    private async Task<List<(Guid Id, string? Recipient, long Position, ProviderId? ProviderId)>> ListMessagesAsync(
        CassandraSession session, Guid conversation, CancellationToken cancellationToken)
    {
        var messages = new List<(Guid, string?, long, ProviderId?)>();
        foreach (var bucket in await ListBucketsAsync(session, conversation, cancellationToken))
        {
            await foreach (var row in ListBucketAsync(session, ListMessages, conversation, bucket, cancellationToken))
            {
                ProviderId? provider = MessageRow.TextOrNull(row, 5) is { } id
                    ? new(row.GetValue<string>(3), id, MessageRow.TextOrNull(row, 4))
                    : null;
                messages.Add((row.GetValue<Guid>(0), row.GetValue<string?>(1), row.GetValue<long?>(2) ?? 0, provider));
            }
        }
        return messages;
    }

    private async Task<List<(Guid Message, long Seq)>> ListTimelineAsync(
        CassandraSession session, Guid conversation, CancellationToken cancellationToken)
    {
        var events = new List<(Guid, long)>();
        foreach (var bucket in await ListBucketsAsync(session, conversation, cancellationToken))
        {
            await foreach (var row in ListBucketAsync(session, ListTimeline, conversation, bucket, cancellationToken))
                events.Add((row.GetValue<Guid>(0), row.GetValue<long>(1)));
        }
        return events;
    }

    private static IAsyncEnumerable<Row> ListBucketAsync(
        CassandraSession session, Cql cql, Guid conversation, int bucket, CancellationToken cancellationToken) => Bucket.ReadAsync(
        bucket,
        (above, through) => session
            .QueryAsync(cql, cancellationToken, conversation, bucket, above, through).ToListAsync(cancellationToken).AsTask());

    /// <summary>
    /// The buckets that are noted, and every one since the conversation began: a status of a message that never came made rows in one that
    /// nobody noted.
    /// </summary>
    private async Task<IEnumerable<int>> ListBucketsAsync(
        CassandraSession session, Guid conversation, CancellationToken cancellationToken)
    {
        var buckets = new SortedSet<int>();
        await foreach (var row in session.QueryAsync(ListBuckets, cancellationToken, conversation)) buckets.Add(row.GetValue<int>(0));
        if ((await session.FindAsync(FindCreation, cancellationToken, conversation))?.GetValue<DateTimeOffset?>(0) is { } created)
        {
            var now = time.GetUtcNow();
            var last = Bucket.At(now + Ahead);
            for (var bucket = Bucket.At(created < now ? created : now); bucket <= last; bucket++) buckets.Add(bucket);
        }
        return buckets;
    }

    private static Task<IReadOnlyDictionary<Guid, Guid>> FindPlacesAsync(
        CassandraSession session, ErasureScope scope, CancellationToken cancellationToken) => session.FindManyAsync(
            scope.Messages,
            async (id, ct) => (await session.FindAsync(FindPlace, ct, id))?.GetValue<Guid?>(0),
            cancellationToken);

    private static Task<IReadOnlyDictionary<Guid, List<(string Channel, string Id)>>> ListProviderIdsAsync(
        CassandraSession session, Guid[] messages, CancellationToken cancellationToken) => ListByMessageAsync(
        session,
        messages,
        ListHandOvers,
        static row => row.GetValue<string?>(1) is { } id ? (row.GetValue<string>(0), id) : default((string, string)?),
        cancellationToken);

    /// <summary>The rows of messages that have what is asked for.</summary>
    private static async Task<IReadOnlyDictionary<Guid, List<T>>> ListByMessageAsync<T>(
        CassandraSession session, Guid[] messages, Cql cql, Func<Row, T?> read, CancellationToken cancellationToken)
        where T : struct
    {
        var found = new List<T>[messages.Length];
        await session.ForEachAsync(
            [.. Enumerable.Range(0, messages.Length)],
            async (i, ct) =>
            {
                found[i] = [];
                await foreach (var row in session.QueryAsync(cql, ct, messages[i]))
                {
                    if (read(row) is { } one) found[i].Add(one);
                }
            },
            cancellationToken);
        return Enumerable.Range(0, messages.Length).Where(i => found[i].Count > 0).ToDictionary(i => messages[i], i => found[i]);
    }

    /// <summary>One erasure: what it found, and deletions that gather.</summary>
    private sealed class Run(CassandraSession session, ErasureScope scope, long timestamp, CancellationToken cancellation)
    {
        private readonly Dictionary<string, long> _counts = [];
        private readonly List<PartitionRows> _deletions = [];

        public CassandraSession Session => session;

        public ErasureScope Scope => scope;

        public CancellationToken Cancellation => cancellation;

        public IReadOnlyList<ErasedRows> Counts => [.. _counts.Select(c => new ErasedRows(c.Key, c.Value))];

        public void Count(string table, long rows) => _counts[table] = _counts.GetValueOrDefault(table) + rows;

        public async ValueTask DeleteAsync(Cql cql, params object[] key)
        {
            _deletions.Add(new([await session.BindAsync(cql, [timestamp, .. key])], Bytes: 150));
            if (_deletions.Count >= AtOnce) await FlushAsync();
        }

        public async ValueTask FlushAsync()
        {
            await session.WriteAsync(_deletions, cancellation);
            _deletions.Clear();
        }
    }
}
