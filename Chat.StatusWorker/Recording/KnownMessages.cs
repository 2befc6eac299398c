using Chat.Core.Ids;
using Chat.Core.Messages;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// The state of messages whose statuses came a moment ago, so that only the first of them reads the store. That is right for as long as
/// one worker owns the partition in one epoch: nothing but the events of this partition changes a message's facts, and this worker
/// takes them in their order. Another owner that does not know yet that it is none writes facts of these same events.
/// </summary>
/// <param name="capacity">Messages remembered for sure, some 500 bytes each; up to twice as many are held.</param>
public sealed class KnownMessages(TimeProvider time, int capacity = 4_000)
{
    // Statuses mostly follow each other within seconds, and a message may be erased or expire meanwhile.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private Dictionary<MessageKey, (MessageState State, long ReadAt)> _recent = [];
    private Dictionary<MessageKey, (MessageState State, long ReadAt)> _older = [];

    /// <summary>What is known of a message but its text, which is not kept; null where it has to be read.</summary>
    public MessageState? Find(MessageKey key) => TryGet(key, out var known) ? known.State : null;

    /// <summary>Takes note of what was read just now.</summary>
    public void Read(IReadOnlyCollection<MessageState> states)
    {
        var now = time.GetTimestamp();
        foreach (var state in states) Keep(state, now);
    }

    /// <summary>Takes note of what became of messages, by what was recorded since they were read.</summary>
    public void Update(IReadOnlyCollection<MessageState> states)
    {
        foreach (var state in states)
        {
            if (TryGet(state.Key, out var known)) Keep(state, known.ReadAt);
        }
    }

    private bool TryGet(MessageKey key, out (MessageState State, long ReadAt) known) =>
        (_recent.TryGetValue(key, out known) || _older.TryGetValue(key, out known)) && time.GetElapsedTime(known.ReadAt) < Kept;

    private void Keep(MessageState state, long readAt)
    {
        if (state.Message is not { } message) return;
        if (_recent.Count >= capacity && !_recent.ContainsKey(state.Key)) (_older, _recent) = (_recent, []);
        _recent[state.Key] = (message.Content.Length == 0 ? state : state with { Message = message with { Content = "" } }, readAt);
    }
}
