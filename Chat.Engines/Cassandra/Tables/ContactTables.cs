using Cassandra;
using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Whose conversation an address is, and who is in it. What is learned of a person is written with the time at which it was so for its
/// timestamp: of two values the later one stays, at a tie the one whose bytes are larger, and nothing is read before.
/// </summary>
internal sealed class ContactTables(CassandraConnection connection) : IContactStore
{
    // Between an account's channel and its id, and an address' kind and its value: neither the first ones nor a kind has one.
    private const char Separator = '\n';

    private static readonly Cql Claim = new(
        "INSERT INTO address_claims (channel, account_id, kind, address, conversation_id) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS");

    private static readonly Cql FindClaim = new(
        "SELECT conversation_id FROM address_claims WHERE channel = ? AND account_id = ? AND kind = ? AND address = ?");

    private static readonly Cql Note = new(
        """
        UPDATE contacts USING TIMESTAMP ? SET organization_id = ?, account = ?, addresses = addresses + ?, send_to = ?, name = ?,
            last_inbound_at = ?, noted_at = ? WHERE conversation_id = ?
        """);

    private static readonly Cql FindOne = new($"{Select} = ?");

    private static readonly Cql FindSeveral = new($"{Select} IN ?");

    private const string Select =
        """
        SELECT conversation_id, organization_id, account, addresses, send_to, name, last_inbound_at FROM contacts WHERE conversation_id
        """;

    public async ValueTask<Guid> ClaimAddressAsync(
        AccountKey account, ContactAddress address, Guid conversationId, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        // Most claims are repeats, and need no transaction.
        if (await FindClaimAsync(session, account, address, cancellationToken) is { } known) return known;
        var answer = await session.TransactAsync(
            Claim, cancellationToken, account.Channel, account.AccountId, address.Kind, address.Value, conversationId);
        return answer.GetValue<bool>("[applied]") ? conversationId : answer.GetValue<Guid>("conversation_id");
    }

    public async ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindConversationsAsync(
        AccountKey account, IReadOnlyCollection<ContactAddress> addresses, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        return await session.FindManyAsync(
            addresses, (address, ct) => FindClaimAsync(session, account, address, ct), cancellationToken);
    }

    public async ValueTask NoteContactsAsync(IReadOnlyList<ContactNote> notes, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var rows = new List<PartitionRows>();
        foreach (var conversation in notes.GroupBy(n => n.ConversationId))
        {
            foreach (var chunk in RequestPacker.Chunk(conversation, session.MaxRowsPerRequest, BytesOf))
            {
                var statements = new List<BoundStatement>(chunk.Length);
                foreach (var note in chunk) statements.Add(await BindAsync(session, note));
                rows.Add(new(statements, chunk.Sum(BytesOf)));
            }
        }
        await session.WriteAsync(rows, cancellationToken);
    }

    public async ValueTask<IReadOnlyDictionary<Guid, Contact>> FindContactsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var rows = await session.ReadAsync(conversationIds, FindOne, FindSeveral, cancellationToken);
        return rows.Select(Read).OfType<Contact>().ToDictionary(c => c.ConversationId);
    }

    private static string Join(string first, string second) => $"{first}{Separator}{second}";

    private static (string First, string Second) Split(string joined)
    {
        var at = joined.IndexOf(Separator, StringComparison.Ordinal);
        return (joined[..at], joined[(at + 1)..]);
    }

    private static async Task<Guid?> FindClaimAsync(
        CassandraSession session, AccountKey account, ContactAddress address, CancellationToken cancellationToken)
    {
        var row = await session.FindAsync(
            FindClaim, cancellationToken, account.Channel, account.AccountId, address.Kind, address.Value);
        return row?.GetValue<Guid?>(0);
    }

    private static ValueTask<BoundStatement> BindAsync(CassandraSession session, ContactNote note) => session.BindAsync(
        Note,
        CellTimes.Ordinary(note.At),
        note.OrganizationId,
        Join(note.Account.Channel, note.Account.AccountId),
        // None adds none; the driver refuses to leave a set's value away.
        note.Addresses.Select(a => Join(a.Kind, a.Value)).Distinct().ToArray(),
        note.SendTo,
        note.Name,
        note.IsInbound ? note.At : null,
        note.At,
        note.ConversationId);

    private static int BytesOf(ContactNote note) =>
        300 + (3 * ((note.Name?.Length ?? 0) + (note.SendTo?.Length ?? 0) + note.Addresses.Sum(a => a.Value.Length + 20)));

    private static Contact? Read(Row row)
    {
        if (row.GetValue<string?>(2) is not { } joined) return null;
        var (channel, account) = Split(joined);
        return new(
            row.GetValue<Guid>(0),
            row.GetValue<Guid>(1),
            new(channel, account),
            [.. (row.GetValue<IEnumerable<string>?>(3) ?? []).Select(Split).Select(a => new ContactAddress(a.First, a.Second))],
            row.GetValue<string?>(4),
            row.GetValue<string?>(5),
            row.GetValue<DateTimeOffset?>(6));
    }
}
