namespace Chat.StatusWorker.Recording;

/// <summary>
/// How far conversations were numbered before this worker got their partition. An event that comes again may be recorded only now, since
/// its message was not known then, or it was put back and that was not committed: up to those numbers clients may have passed its own.
/// Bounded: what was read long ago is forgotten, and read again.
/// </summary>
/// <param name="capacity">Conversations remembered for sure; up to twice as many are held.</param>
public sealed class EarlierHeads(int capacity = 100_000)
{
    private Dictionary<Guid, long> _recent = [];
    private Dictionary<Guid, long> _older = [];

    /// <summary>Those of some conversations whose heads have to be read.</summary>
    public IReadOnlyCollection<Guid> Unknown(IEnumerable<Guid> conversations)
    {
        // Here, so that what is known now is known until the next batch.
        if (_recent.Count >= capacity) (_older, _recent) = (_recent, []);
        return [.. conversations.Where(c => Find(c) is null)];
    }

    /// <summary>Takes note of what was read of conversations.</summary>
    /// <param name="asked">Each that was asked for.</param>
    /// <param name="heads">The highest number of each that has one.</param>
    public void Read(IEnumerable<Guid> asked, IReadOnlyDictionary<Guid, long> heads)
    {
        foreach (var conversation in asked) _recent[conversation] = heads.GetValueOrDefault(conversation);
    }

    /// <summary>Whether clients may have passed a number before this worker got the partition.</summary>
    public bool Cover(Guid conversation, long seq) => seq <= Find(conversation);

    private long? Find(Guid conversation) =>
        _recent.TryGetValue(conversation, out var head) || _older.TryGetValue(conversation, out head) ? head : null;
}
