namespace Chat.Client.Protocol;

/// <summary>
/// The status shown of each message, so that none is shown after a higher one. Remembers as many messages as it is told to and
/// forgets those not heard of for longest, half of them at a time.
/// </summary>
public sealed class ShownStatuses(int messages)
{
    private Dictionary<Guid, MessageStatus> _recent = [];
    private Dictionary<Guid, MessageStatus> _older = [];

    /// <summary>How many are remembered: at most twice as many as asked for.</summary>
    public int Count => _recent.Count + _older.Count;

    /// <summary>Notes a status. False where it is not to be shown: something higher is.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="status">Its status.</param>
    /// <param name="onlyIfHigher">Not to be shown again where it is what is shown already.</param>
    public bool Show(Guid messageId, MessageStatus status, bool onlyIfHigher = false)
    {
        MessageStatus? shown = _recent.TryGetValue(messageId, out var recent) ? recent
            : _older.TryGetValue(messageId, out var older) ? older
            : null;
        if (status < shown) return false;
        if (_recent.Count >= messages && !_recent.ContainsKey(messageId)) (_older, _recent) = (_recent, []);
        _older.Remove(messageId);
        _recent[messageId] = status;
        return !onlyIfHigher || status != shown;
    }
}
