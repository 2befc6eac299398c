namespace Chat.Client.Protocol;

/// <summary>
/// The messages that the user was told of. Remembers as many as it is told to and forgets those not heard of for longest, half of them at a
/// time.
/// </summary>
internal sealed class SeenMessages(int messages)
{
    private HashSet<Guid> _recent = [];
    private HashSet<Guid> _older = [];

    /// <summary>Notes a message. False where it was noted before.</summary>
    public bool Add(Guid messageId)
    {
        if (_recent.Contains(messageId)) return false;
        var isNew = !_older.Remove(messageId);
        if (_recent.Count >= messages) (_older, _recent) = (_recent, []);
        _recent.Add(messageId);
        return isNew;
    }
}
