using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedContactStore(StoreDatabase database) : IContactStore
{
    private const string SelectClaim =
        "SELECT conversation_id FROM address_claims WHERE channel = ?1 AND account_id = ?2 AND kind = ?3 AND address = ?4";

    private const string Insert =
        """
        INSERT INTO contacts (conversation_id, organization_id, channel, account_id, noted_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING
        """;

    private const string SetAccount =
        """
        UPDATE contacts SET organization_id = ?2, channel = ?3, account_id = ?4, noted_at = ?5
        WHERE conversation_id = ?1 AND (noted_at, channel, account_id) < (?5, ?3, ?4)
        """;

    private const string SetSendTo =
        """
        UPDATE contacts SET send_to = ?2, send_to_at = ?3
        WHERE conversation_id = ?1 AND (send_to IS NULL OR (send_to_at, send_to) < (?3, ?2))
        """;

    private const string SetName =
        "UPDATE contacts SET name = ?2, name_at = ?3 WHERE conversation_id = ?1 AND (name IS NULL OR (name_at, name) < (?3, ?2))";

    private const string RaiseInbound =
        """
        UPDATE contacts SET last_inbound_at = ?2
        WHERE conversation_id = ?1 AND (last_inbound_at IS NULL OR last_inbound_at < ?2)
        """;

    private const string AddAddress =
        "INSERT INTO contact_addresses (conversation_id, kind, address) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

    public ValueTask<Guid> ClaimAddressAsync(
        AccountKey account, ContactAddress address, Guid conversationId, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            session[
                """
                INSERT INTO address_claims (channel, account_id, kind, address, conversation_id) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT DO NOTHING
                """]
                .Bind(1, account.Channel).Bind(2, account.AccountId).Bind(3, address.Kind).Bind(4, address.Value)
                .Bind(5, conversationId).Run();
            return FindClaim(session, account, address)!.Value;
        },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindConversationsAsync(
        AccountKey account, IReadOnlyCollection<ContactAddress> addresses, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<ContactAddress, Guid>>(
            session =>
            {
                var found = new Dictionary<ContactAddress, Guid>(addresses.Count);
                foreach (var address in addresses)
                {
                    if (FindClaim(session, account, address) is { } conversation) found[address] = conversation;
                }
                return found;
            },
            cancellationToken);

    public ValueTask NoteContactsAsync(IReadOnlyList<ContactNote> notes, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            foreach (var note in notes) Note(session, note);
        },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, Contact>> FindContactsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Guid, Contact>>(
            session =>
            {
                var found = new Dictionary<Guid, Contact>(conversationIds.Count);
                foreach (var id in conversationIds)
                {
                    if (FindContact(session, id) is { } contact) found[id] = contact;
                }
                return found;
            },
            cancellationToken);

    private static void Note(SqliteSession session, ContactNote note)
    {
        foreach (var sql in (string[])[Insert, SetAccount])
        {
            session[sql].Bind(1, note.ConversationId).Bind(2, note.OrganizationId).Bind(3, note.Account.Channel)
                .Bind(4, note.Account.AccountId).Bind(5, note.At).Run();
        }
        if (note.SendTo is { } sendTo) session[SetSendTo].Bind(1, note.ConversationId).Bind(2, sendTo).Bind(3, note.At).Run();
        if (note.Name is { } name) session[SetName].Bind(1, note.ConversationId).Bind(2, name).Bind(3, note.At).Run();
        if (note.IsInbound) session[RaiseInbound].Bind(1, note.ConversationId).Bind(2, note.At).Run();
        foreach (var address in note.Addresses)
            session[AddAddress].Bind(1, note.ConversationId).Bind(2, address.Kind).Bind(3, address.Value).Run();
    }

    private static Guid? FindClaim(SqliteSession session, AccountKey account, ContactAddress address) => session[SelectClaim]
        .Bind(1, account.Channel).Bind(2, account.AccountId).Bind(3, address.Kind).Bind(4, address.Value)
        .First<Guid?>(static row => row.Uuid(0));

    internal static Contact? FindContact(SqliteSession session, Guid id) => session[
        "SELECT organization_id, channel, account_id, send_to, name, last_inbound_at FROM contacts WHERE conversation_id = ?1"]
        .Bind(1, id).First(row => new Contact(
            id,
            row.Uuid(0),
            new(row.Text(1), row.Text(2)),
            session["SELECT kind, address FROM contact_addresses WHERE conversation_id = ?1"].Bind(1, id)
                .List(static address => new ContactAddress(address.Text(0), address.Text(1))),
            row.TextOrNull(3),
            row.TextOrNull(4),
            row.IsNull(5) ? null : row.Time(5)));
}
