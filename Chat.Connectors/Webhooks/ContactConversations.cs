using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Conversations;
using Chat.Core.Time;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// Which conversation a person's update belongs to: the one that has one of their addresses, or else one that is made, the same however
/// often it is asked for. What is learned of their other addresses is claimed for it too.
/// </summary>
internal sealed class ContactConversations(IContactStore contacts, IConversationStore conversations, TimeProvider time)
{
    private readonly OwnerCache _owners = new(conversations);

    /// <summary>The conversations of updates, in the order given; null of one that is no person's, or of a person who has none.</summary>
    public async ValueTask<IReadOnlyList<Guid?>> FindAsync(IReadOnlyList<AdmittedUpdate> updates, CancellationToken cancellationToken)
    {
        var known = new Dictionary<(AccountKey, ContactAddress), Guid>();
        foreach (var ofAccount in updates.GroupBy(u => u.Account.Key))
        {
            var addresses = ofAccount.SelectMany(u => PeopleOf(u.Update)).SelectMany(p => p.Addresses).Distinct().ToList();
            if (addresses.Count == 0) continue;
            foreach (var (address, conversation) in await contacts.FindConversationsAsync(ofAccount.Key, addresses, cancellationToken))
                known[(ofAccount.Key, address)] = conversation;
        }
        var found = new List<Guid?>(updates.Count);
        foreach (var update in updates)
        {
            found.Add(update.Update switch
            {
                WebhookUpdate.Inbound inbound => await ClaimAsync(update.Account, inbound.From, known, cancellationToken),
                WebhookUpdate.Echo echo => await ClaimAsync(update.Account, echo.To, known, cancellationToken),
                WebhookUpdate.Moved moved => await MoveAsync(update.Account, moved, known, cancellationToken),
                _ => null,
            });
        }
        return found;
    }

    private static IEnumerable<Person> PeopleOf(WebhookUpdate update) => update switch
    {
        WebhookUpdate.Inbound inbound => [inbound.From],
        WebhookUpdate.Echo echo => [echo.To],
        WebhookUpdate.Moved moved => [moved.Known, moved.Now],
        _ => [],
    };

    private static Guid? Find(Account account, Person person, Dictionary<(AccountKey, ContactAddress), Guid> known)
    {
        foreach (var address in person.Addresses)
        {
            if (known.TryGetValue((account.Key, address), out var conversation)) return conversation;
        }
        return null;
    }

    private async ValueTask<Guid> ClaimAsync(
        Account account, Person person, Dictionary<(AccountKey, ContactAddress), Guid> known, CancellationToken cancellationToken)
    {
        var address = person.Addresses[0];
        // The address that decides goes first: who comes second gets the conversation that has it.
        var conversation = Find(account, person, known) ?? await ClaimAddressAsync(
            account.Key, address, await MakeAsync(account, address, cancellationToken), known, cancellationToken);
        // It may be of the organization that the account was moved away from.
        if (!await IsOwnAsync(account, conversation, cancellationToken))
            conversation = await MakeAsync(account, address, cancellationToken);
        foreach (var other in person.Addresses)
        {
            if (!known.ContainsKey((account.Key, other)))
                await ClaimAddressAsync(account.Key, other, conversation, known, cancellationToken);
        }
        return conversation;
    }

    /// <summary>
    /// The first of a person's ids that is the organization's, or nobody's so far: others may have posted to those before it.
    /// </summary>
    private async ValueTask<Guid> MakeAsync(Account account, ContactAddress address, CancellationToken cancellationToken)
    {
        for (var taken = 0; ; taken++)
        {
            var id = DerivedIds.ConversationOf(account.OrganizationId, account.Key, address, taken);
            if (await IsOwnAsync(account, id, cancellationToken)) return id;
        }
    }

    // A person whom nobody ever wrote with has no conversation that could be found by their new address.
    private async ValueTask<Guid?> MoveAsync(
        Account account,
        WebhookUpdate.Moved moved,
        Dictionary<(AccountKey, ContactAddress), Guid> known,
        CancellationToken cancellationToken)
    {
        if (Find(account, moved.Known, known) is not { } conversation) return null;
        if (!await IsOwnAsync(account, conversation, cancellationToken)) return null;
        foreach (var address in moved.Now.Addresses)
        {
            if (!known.ContainsKey((account.Key, address)))
                await ClaimAddressAsync(account.Key, address, conversation, known, cancellationToken);
        }
        return conversation;
    }

    private async ValueTask<Guid> ClaimAddressAsync(
        AccountKey account,
        ContactAddress address,
        Guid conversation,
        Dictionary<(AccountKey, ContactAddress), Guid> known,
        CancellationToken cancellationToken) =>
        known[(account, address)] = await contacts.ClaimAddressAsync(account, address, conversation, cancellationToken);

    private async ValueTask<bool> IsOwnAsync(Account account, Guid conversation, CancellationToken cancellationToken)
    {
        var claim = new ConversationOwner(
            conversation, account.OrganizationId, WireTime.TruncateToMilliseconds(time.GetUtcNow()));
        return (await _owners.ClaimAsync(claim, cancellationToken)).OrganizationId == account.OrganizationId;
    }
}
