namespace Chat.StatusWorker.Recording;

/// <summary>
/// Knows the last number of each conversation for as long as one worker owns the partition, so that a publish can say which
/// number came before it. Bounded: what was not used for long is forgotten, and "not known" makes the hub look for itself.
/// </summary>
/// <param name="capacity">Conversations remembered for sure; up to twice as many are held.</param>
public sealed class Sequencer(int capacity = 100_000)
{
    private Dictionary<Guid, long> _recent = [];
    private Dictionary<Guid, long> _older = [];

    /// <summary>
    /// Takes note of a conversation's next number and answers with the one before it; null where that is not known, or where the
    /// number is not above it (an event that comes again says nothing about what came before it).
    /// </summary>
    public long? Advance(Guid conversationId, long seq)
    {
        var known = _recent.TryGetValue(conversationId, out var last) || _older.TryGetValue(conversationId, out last);
        if (known && last >= seq) return null;
        if (_recent.Count >= capacity && !_recent.ContainsKey(conversationId)) (_older, _recent) = (_recent, []);
        _recent[conversationId] = seq;
        return known ? last : null;
    }

    /// <summary>Leaves it unknown what a conversation's last number was: its publish may have reached nobody.</summary>
    public void Forget(Guid conversationId)
    {
        _recent.Remove(conversationId);
        _older.Remove(conversationId);
    }
}
