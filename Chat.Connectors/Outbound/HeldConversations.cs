using Chat.Core.Accounts;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Which messages are held, as one partition knows it, so that what comes after a held message of its conversation is held behind it.
/// No I/O.
/// </summary>
internal sealed class HeldConversations
{
    // By their messages; a hold is null where it was read, and not made here.
    private readonly Dictionary<(AccountKey Account, Guid Conversation), SortedDictionary<Guid, Guid?>> _held = [];

    /// <summary>Whether anything of a conversation is held.</summary>
    public bool Any(AccountKey account, Guid conversationId) => _held.ContainsKey((account, conversationId));

    /// <summary>Whether a message is held.</summary>
    public bool Holds(AccountKey account, Guid conversationId, Guid messageId) =>
        _held.TryGetValue((account, conversationId), out var holds) && holds.ContainsKey(messageId);

    /// <summary>
    /// Whether a message that comes back from one hold was held here by another since. Where its hold was read, nobody knows: its maker
    /// may have replaced it.
    /// </summary>
    public bool IsHeldAnew(AccountKey account, Guid conversationId, Guid messageId, Guid holdId) =>
        _held.TryGetValue((account, conversationId), out var holds)
        && holds.TryGetValue(messageId, out var known) && known is { } latest && latest != holdId;

    /// <summary>Notes that a message is held.</summary>
    /// <param name="holdId">Null where it was read from the store.</param>
    public void Add(AccountKey account, Guid conversationId, Guid messageId, Guid? holdId)
    {
        if (!_held.TryGetValue((account, conversationId), out var holds)) _held[(account, conversationId)] = holds = [];
        holds[messageId] = holdId;
    }

    /// <summary>
    /// Notes that a message came back. Those before it came back before, or are no more: they come in this order, and one may have been
    /// erased.
    /// </summary>
    public void CameBack(AccountKey account, Guid conversationId, Guid messageId)
    {
        if (!_held.TryGetValue((account, conversationId), out var holds)) return;
        foreach (var id in holds.Keys.TakeWhile(id => Order(id, messageId) <= 0).ToList()) holds.Remove(id);
        if (holds.Count == 0) _held.Remove((account, conversationId));
    }

    private static int Order(Guid left, Guid right) => left.CompareTo(right);
}
