using Chat.Core.Accounts;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Which messages are held, as one partition knows it, so that what comes after a held message of its conversation is held behind it.
/// No I/O.
/// </summary>
internal sealed class HeldConversations
{
    private readonly Dictionary<(AccountKey Account, Guid Conversation), SortedDictionary<Guid, Guid>> _held = [];

    /// <summary>Whether anything of a conversation is held.</summary>
    public bool Any(AccountKey account, Guid conversationId) => _held.ContainsKey((account, conversationId));

    /// <summary>A message's hold; null where it is not held.</summary>
    public Guid? HoldOf(AccountKey account, Guid conversationId, Guid messageId) =>
        _held.TryGetValue((account, conversationId), out var holds) && holds.TryGetValue(messageId, out var hold) ? hold : null;

    /// <summary>Notes that a message is held.</summary>
    public void Add(AccountKey account, Guid conversationId, Guid messageId, Guid holdId)
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
