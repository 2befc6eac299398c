namespace Chat.Client.Protocol;

/// <summary>
/// The status shown of each message, so that none is shown after a higher one, nor a reason after a newer one. Remembers as many
/// messages as it is told to and forgets those not heard of for longest, half of them at a time.
/// </summary>
public sealed class ShownStatuses(int messages)
{
    private readonly record struct Entry(MessageStatus Status, string? Reason, long Seq);

    private Dictionary<Guid, Entry> _recent = [];
    private Dictionary<Guid, Entry> _older = [];

    /// <summary>How many are remembered: at most twice as many as asked for.</summary>
    public int Count => _recent.Count + _older.Count;

    /// <summary>
    /// Notes the status of a frame. False where it is not to be shown: something higher is, or the same of a newer page.
    /// </summary>
    /// <param name="messageId">The message.</param>
    /// <param name="status">Its status.</param>
    /// <param name="reason">Why, of a failure.</param>
    /// <param name="seq">The frame's number; null where it has none.</param>
    public bool ShowFrame(Guid messageId, MessageStatus status, string? reason = null, long? seq = null)
    {
        var shown = Find(messageId);
        if (status < shown?.Status || (status == shown?.Status && seq < shown?.Seq)) return false;
        Remember(messageId, new(status, reason, seq ?? shown?.Seq ?? 0));
        return true;
    }

    /// <summary>
    /// Notes the status of a page. False where it is not to be shown: something higher is, or the same. The same status with
    /// another reason is shown where the page is newer: a reason may come after its failure, and its frame be what was missed.
    /// </summary>
    /// <param name="messageId">The message.</param>
    /// <param name="status">Its status.</param>
    /// <param name="reason">Why, of a failure.</param>
    /// <param name="seq">The page's number: what it shows is no older.</param>
    public bool ShowPage(Guid messageId, MessageStatus status, string? reason = null, long? seq = null)
    {
        if (Find(messageId) is { } shown)
        {
            if (status < shown.Status) return false;
            if (status == shown.Status && (reason == shown.Reason || !(seq >= shown.Seq)))
            {
                Remember(messageId, shown);
                return false;
            }
        }
        Remember(messageId, new(status, reason, seq ?? 0));
        return true;
    }

    /// <summary>What is shown of a message; null where nothing is remembered.</summary>
    public MessageStatus? StatusOf(Guid messageId) => Find(messageId)?.Status;

    private Entry? Find(Guid messageId) => _recent.TryGetValue(messageId, out var recent) ? recent
        : _older.TryGetValue(messageId, out var older) ? older
        : null;

    private void Remember(Guid messageId, Entry entry)
    {
        if (_recent.Count >= messages && !_recent.ContainsKey(messageId)) (_older, _recent) = (_recent, []);
        _older.Remove(messageId);
        _recent[messageId] = entry;
    }
}
