namespace Chat.StatusWorker.Recording;

/// <summary>
/// How far conversations were numbered before this worker got their partition. An event that comes again may be recorded only now, since
/// its message was not known then, or it was put back and that was not committed: up to those numbers clients may have passed its own.
/// </summary>
/// <param name="capacity">Conversations of which it is known for sure that they were asked for; up to twice as many are held.</param>
public sealed class EarlierHeads(int capacity = 100_000)
{
    // Those of events that come again, and so no more than a batch or two have.
    private readonly Dictionary<Guid, long> _heads = [];
    private HashSet<Guid> _recent = [];
    private HashSet<Guid> _older = [];

    /// <summary>Those of some conversations whose heads have to be read.</summary>
    public IReadOnlyCollection<Guid> Unknown(IEnumerable<Guid> conversations) =>
        [.. conversations.Where(c => !_recent.Contains(c) && !_older.Contains(c))];

    /// <summary>Takes note of what was read of conversations.</summary>
    /// <param name="asked">Each that was asked for.</param>
    /// <param name="heads">The highest number of each that has one.</param>
    /// <param name="firsts">The lowest number that comes now of each.</param>
    public void Read(
        IEnumerable<Guid> asked, IReadOnlyDictionary<Guid, long> heads, IReadOnlyDictionary<Guid, long> firsts)
    {
        foreach (var conversation in asked)
        {
            if (_recent.Count >= capacity) (_older, _recent) = (_recent, []);
            _recent.Add(conversation);
            if (heads.TryGetValue(conversation, out var head) && head >= firsts[conversation]) _heads[conversation] = head;
        }
    }

    /// <summary>Whether clients may have passed a number before this worker got the partition.</summary>
    public bool Cover(Guid conversation, long seq) => _heads.TryGetValue(conversation, out var head) && seq <= head;
}
