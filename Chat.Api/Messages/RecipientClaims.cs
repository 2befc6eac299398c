using Chat.Api.Problems;
using Chat.Core.Accounts;
using Chat.Core.Collections;
using Chat.Core.Contacts;
using Chat.Core.Time;

namespace Chat.Api.Messages;

/// <summary>
/// Claims the address that a message goes to for the message's conversation, before it is sent: the person's answer finds the
/// conversation then. Where another conversation has the address, that one gets the answer.
/// </summary>
internal sealed class RecipientClaims(IContactStore contacts, TimeProvider time)
{
    // An address with its conversation is some 150 bytes.
    private const int MaxCached = 100_000;

    // An erasure takes the claim away, and nobody tells this instance.
    private static readonly TimeSpan AskedAgain = TimeSpan.FromMinutes(10);

    private readonly BoundedCache<(AccountKey, ContactAddress, long Period), Guid> _known = new(MaxCached);

    /// <summary>Does nothing for a simulated channel's message, and where the recipient is no address of the channel's.</summary>
    public async ValueTask ClaimAsync(PostedMessage posted, CancellationToken cancellationToken)
    {
        if (posted is not { AccountId: { } accountId, Recipient: { } recipient }) return;
        if (ContactAddress.Find(posted.Channel, recipient) is not { } address) return;
        var (account, conversationId) = (new AccountKey(posted.Channel, accountId), posted.ConversationId);
        var period = time.GetUtcNow().Ticks / AskedAgain.Ticks;
        if (_known.TryGet((account, address, period), out _)) return;
        var claimed = await EngineCall.GuardAsync(
            ct => contacts.ClaimAddressAsync(account, address, conversationId, ct), cancellationToken);
        if (claimed == conversationId)
        {
            var note = new ContactNote(
                conversationId,
                posted.OrganizationId,
                account,
                [address],
                // Only the provider says how it writes the person's address.
                SendTo: null,
                Name: null,
                WireTime.TruncateToMilliseconds(time.GetUtcNow()),
                IsInbound: false);
            await EngineCall.GuardAsync(ct => contacts.NoteContactsAsync([note], ct), cancellationToken);
        }
        _known.GetOrAdd((account, address, period), claimed);
    }
}
