using Chat.Core.Accounts;
using Chat.Core.Erasure;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedErasure(StoreDatabase database, StateCache states, TimeProvider time) : IErasure
{
    private const string InConversations = "conversation_id IN (SELECT id FROM temp.erased WHERE kind = 0)";

    private const string OfMessages = "message_id IN (SELECT id FROM temp.erased WHERE kind = 1)";

    // Most of these tables are read through: they are ordered by what is written together, and not by conversation.
    private static readonly (string Table, string Where, string? Instead)[] Tables =
    [
        ("messages", InConversations, null),
        ("facts", InConversations, null),
        ("timeline", InConversations, null),
        ("changes", InConversations, null),
        ("recipients", InConversations, null),
        ("provider_ids", OfMessages, null),
        // Not the row: without its time a message that is delivered again would be sent again.
        ("hand_overs", $"{OfMessages} AND provider_message_id IS NOT NULL", "UPDATE hand_overs SET provider_message_id = NULL"),
        ("send_tries", $"{OfMessages} AND provider_message_id IS NOT NULL", "UPDATE send_tries SET provider_message_id = NULL"),
        ("held_messages", InConversations, null),
        ("address_claims", InConversations, null),
        ("contact_addresses", InConversations, null),
        ("contacts", InConversations, null),
    ];

    public ValueTask<IReadOnlyList<RecipientConversation>> FindConversationsAsync(
        Guid organizationId, string recipient, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RecipientConversation>>(
            session =>
            {
                var person = new RecipientName(recipient);
                var found = new HashSet<Guid>();
                var recipients = session["SELECT DISTINCT recipient FROM messages WHERE organization_id = ?1 AND recipient IS NOT NULL"]
                    .Bind(1, organizationId).List(static row => row.Text(0));
                foreach (var address in recipients.Where(person.Is))
                {
                    found.UnionWith(session[
                        "SELECT DISTINCT conversation_id FROM messages WHERE organization_id = ?1 AND recipient = ?2"]
                        .Bind(1, organizationId).Bind(2, address).List(static row => row.Uuid(0)));
                }
                var contacts = session[
                    """
                    SELECT c.conversation_id, c.send_to, a.address FROM contacts c
                    LEFT JOIN contact_addresses a ON a.conversation_id = c.conversation_id WHERE c.organization_id = ?1
                    """]
                    .Bind(1, organizationId).List(row => (Id: row.Uuid(0), IsPerson: IsOne(person, row.TextOrNull(1), row.TextOrNull(2))));
                found.UnionWith(contacts.Where(c => c.IsPerson).Select(c => c.Id));
                return [.. found.Select(id => new RecipientConversation(id, IsShared(session, id, person)))];
            },
            cancellationToken);

    private static bool IsOne(RecipientName person, params string?[] addresses) => addresses.Any(a => a is not null && person.Is(a));

    private static bool IsShared(SqliteSession session, Guid conversation, RecipientName person) => person.IsShared(
        session["SELECT DISTINCT recipient FROM messages WHERE conversation_id = ?1 AND recipient IS NOT NULL"]
            .Bind(1, conversation).List(static row => row.Text(0)),
        EmbeddedContactStore.FindContact(session, conversation));

    public async ValueTask CollectAsync(ErasureScope scope, CancellationToken cancellationToken)
    {
        var (messages, others, ids) = await database.ReadAsync(
            session => Find(session, scope.Conversations, scope.Messages), cancellationToken);
        foreach (var message in messages) scope.AddMessage(message);
        foreach (var message in others) scope.RemoveMessage(message);
        foreach (var id in ids) scope.AddProviderId(id);
        foreach (var (account, address) in await database.ReadAsync(
            session => FindAddresses(session, scope.Conversations), cancellationToken))
        {
            scope.AddAddress(account, address);
        }
    }

    public async ValueTask<IReadOnlyList<ErasedRows>> EraseAsync(ErasureScope scope, bool dryRun, CancellationToken cancellationToken)
    {
        // In another file, and first: it is by the messages, which the rest removes, that a second run would find them.
        var keys = await database.Keys.EraseAsync(scope, dryRun, cancellationToken);
        var rows = await database.WriteAsync(session => Erase(session, scope, dryRun), cancellationToken);
        if (!dryRun) states.Forget(scope.Conversations);
        return [.. rows, keys];
    }

    public ValueTask CompactAsync(CancellationToken cancellationToken) => database.CompactAsync(cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, DateTimeOffset>> FindErasedAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Guid, DateTimeOffset>>(
            session =>
            {
                var erased = new Dictionary<Guid, DateTimeOffset>();
                var select = session["SELECT erased_at FROM conversations WHERE conversation_id = ?1 AND erased_at IS NOT NULL"];
                foreach (var id in conversationIds)
                {
                    if (select.Bind(1, id).First<DateTimeOffset?>(static row => row.Time(0)) is { } at) erased[id] = at;
                }
                return erased;
            },
            cancellationToken);

    private static List<(AccountKey Account, string Address)> FindAddresses(
        SqliteSession session, IReadOnlyCollection<Guid> conversations)
    {
        var addresses = new List<(AccountKey, string)>();
        foreach (var conversation in conversations)
        {
            foreach (var sql in (string[])
            [
                "SELECT channel, account_id, address FROM address_claims WHERE conversation_id = ?1",
                "SELECT channel, account_id, send_to FROM contacts WHERE conversation_id = ?1 AND send_to IS NOT NULL",
                """
                SELECT c.channel, c.account_id, a.address FROM contacts c JOIN contact_addresses a USING (conversation_id)
                WHERE conversation_id = ?1
                """,
            ])
            {
                addresses.AddRange(session[sql].Bind(1, conversation)
                    .List(static row => (new AccountKey(row.Text(0), row.Text(1)), row.Text(2))));
            }
        }
        return addresses;
    }

    private static (HashSet<Guid> Messages, List<Guid> Elsewhere, List<ProviderId> ProviderIds) Find(
        SqliteSession session, IReadOnlyCollection<Guid> conversations, IReadOnlyCollection<Guid> known)
    {
        var found = new HashSet<Guid>(known);
        foreach (var conversation in conversations)
        {
            foreach (var table in (string[])["messages", "facts", "timeline", "provider_ids"])
            {
                found.UnionWith(session[$"SELECT DISTINCT message_id FROM {table} WHERE conversation_id = ?1"]
                    .Bind(1, conversation).List(static row => row.Uuid(0)));
            }
        }
        var elsewhere = new List<Guid>();
        foreach (var message in found)
        {
            var places = session["SELECT conversation_id FROM messages WHERE message_id = ?1"]
                .Bind(1, message).List(static row => row.Uuid(0));
            if (places.Count > 0 && !places.Exists(conversations.Contains)) elsewhere.Add(message);
        }
        found.ExceptWith(elsewhere);
        var providers = new List<ProviderId>();
        foreach (var message in found)
        {
            providers.AddRange(session[
                "SELECT channel, provider_message_id FROM hand_overs WHERE message_id = ?1 AND provider_message_id IS NOT NULL"]
                .Bind(1, message).List(static row => new ProviderId(row.Text(0), row.Text(1))));
            providers.AddRange(session[
                """
                SELECT channel, account_id, provider_message_id FROM send_tries WHERE message_id = ?1 AND provider_message_id IS NOT NULL
                """]
                .Bind(1, message).List(static row => ProviderId.SplitAll(row.Text(0), row.Text(1), row.Text(2))).SelectMany(ids => ids));
            providers.AddRange(session[
                """
                SELECT channel, account_id, provider_message_id FROM messages WHERE message_id = ?1 AND provider_message_id IS NOT NULL
                """]
                .Bind(1, message).List(static row => new ProviderId(row.Text(0), row.Text(2), row.TextOrNull(1))));
            providers.AddRange(session["SELECT channel, provider_message_id FROM provider_ids WHERE message_id = ?1"]
                .Bind(1, message).List(static row => ProviderId.FromKey(row.Text(0), row.Text(1))));
        }
        return (found, elsewhere, providers);
    }

    private List<ErasedRows> Erase(SqliteSession session, ErasureScope scope, bool dryRun)
    {
        // In memory, as everything temporary.
        session.Execute("CREATE TEMP TABLE IF NOT EXISTS erased (kind INTEGER, id BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID");
        var insert = session["INSERT INTO temp.erased (kind, id) VALUES (?1, ?2) ON CONFLICT DO NOTHING"];
        foreach (var conversation in scope.Conversations) insert.Bind(1, 0).Bind(2, conversation).Run();
        foreach (var message in scope.Messages) insert.Bind(1, 1).Bind(2, message).Run();
        if (!dryRun) Mark(session, scope);
        var erased = new List<ErasedRows>();
        foreach (var (table, where, instead) in Tables)
        {
            var count = session[$"SELECT count(*) FROM {table} WHERE {where}"].Single(static row => row.Int64(0));
            if (!dryRun && count > 0) session[$"{instead ?? $"DELETE FROM {table}"} WHERE {where}"].Run();
            erased.Add(new(table, count));
        }
        erased.Add(new("parked", EraseParked(session, scope, dryRun)));
        session["DELETE FROM temp.erased"].Run();
        return erased;
    }

    /// <summary>
    /// The head stays, at the highest number of all that is removed: a client that has seen less is told to load the page again, and counts
    /// on from there.
    /// </summary>
    private void Mark(SqliteSession session, ErasureScope scope)
    {
        foreach (var conversation in scope.Conversations)
        {
            var highest = session[
                """
                SELECT max(coalesce((SELECT head FROM heads WHERE conversation_id = ?1), 0),
                    coalesce((SELECT max(seq) FROM timeline WHERE conversation_id = ?1), 0))
                """]
                .Bind(1, conversation).Single(static row => row.Int64(0));
            if (highest > 0)
            {
                session[
                    """
                    INSERT INTO heads (conversation_id, head, trimmed) VALUES (?1, ?2, ?2)
                    ON CONFLICT DO UPDATE SET head = max(head, ?2), trimmed = max(trimmed, ?2)
                    """]
                    .Bind(1, conversation).Bind(2, highest).Run();
            }
            session["UPDATE conversations SET erased_at = ?2 WHERE conversation_id = ?1"]
                .Bind(1, conversation).Bind(2, time.GetUtcNow()).Run();
        }
    }

    private static long EraseParked(SqliteSession session, ErasureScope scope, bool dryRun)
    {
        var parked = session["SELECT subject, seq, value, appended_at FROM parked"]
            .List(static row => new ParkedStatus(row.Text(0), row.Int64(1), row.Bytes(2).ToArray(), row.Time(3)))
            .FindAll(scope.Concerns);
        if (dryRun) return parked.Count;
        var delete = session["DELETE FROM parked WHERE subject = ?1 AND seq = ?2"];
        foreach (var status in parked) delete.Bind(1, status.Subject).Bind(2, status.Seq).Run();
        return parked.Count;
    }
}
