using Chat.Core.Accounts;

namespace Chat.Core.Contacts;

/// <summary>
/// Which conversation a person's address belongs to, and what is known of the person. <see cref="Messages.IMessageStore"/> says what
/// every port of the store promises.
/// </summary>
public interface IContactStore
{
    /// <summary>
    /// Claims an address of an account's for a conversation by insert-if-absent, and returns the conversation that has it: the first
    /// claim stays, and every caller gets it.
    /// </summary>
    ValueTask<Guid> ClaimAddressAsync(
        AccountKey account, ContactAddress address, Guid conversationId, CancellationToken cancellationToken);

    /// <summary>The conversations of those of an account's addresses that were claimed.</summary>
    ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindConversationsAsync(
        AccountKey account, IReadOnlyCollection<ContactAddress> addresses, CancellationToken cancellationToken);

    /// <summary>
    /// Merges what was learned: addresses are added; the account of the latest note, and name and recipient of the latest that has one,
    /// stay; the last inbound time only rises. The order of notes is no matter, nor how often one comes.
    /// </summary>
    ValueTask NoteContactsAsync(IReadOnlyList<ContactNote> notes, CancellationToken cancellationToken);

    /// <summary>The contacts of conversations; those of which nothing was noted are missing.</summary>
    ValueTask<IReadOnlyDictionary<Guid, Contact>> FindContactsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken);
}
