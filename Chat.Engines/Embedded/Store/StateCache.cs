using System.Collections.Concurrent;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// The states of recent messages in memory, as the file has them: a message's statuses follow it within seconds, and each batch reads
/// back what it wrote. Never ahead of the disk, since what is written is merged in after its commit; never behind it, since an entry
/// is in the cache, merging whatever is committed, before the file is read for it. That both may bring the same fact is no
/// matter: facts merge.
/// </summary>
internal sealed class StateCache(int capacity)
{
    private readonly ConcurrentDictionary<MessageKey, Entry> _entries = new();
    private readonly ConcurrentQueue<MessageKey> _order = new();

    /// <summary>
    /// A state that is known whole; null where the file is to be read, and <see cref="BeginLoad"/> and <see cref="Load"/> called.
    /// </summary>
    public MessageState? Find(MessageKey key) => _entries.TryGetValue(key, out var entry) ? entry.State(key) : null;

    /// <summary>Before the file is read for a key.</summary>
    public Entry BeginLoad(MessageKey key)
    {
        if (_entries.TryGetValue(key, out var known)) return known;
        var entry = new Entry();
        var kept = _entries.GetOrAdd(key, entry);
        if (kept == entry) Bound(key);
        return kept;
    }

    /// <summary>What the file had, and what was committed since.</summary>
    public static MessageState Load(Entry entry, MessageState read) => entry.Load(read);

    /// <summary>A message that was not there before is committed, and what the file had of it in the same transaction.</summary>
    public void Added(MessageState state) => BeginLoad(state.Key).Load(state);

    /// <summary>A message's facts are committed.</summary>
    public void Recorded(MergedFacts committed)
    {
        if (_entries.TryGetValue(committed.Key, out var entry)) entry.Merge(committed);
    }

    /// <summary>Conversations were erased.</summary>
    public void Forget(IReadOnlyCollection<Guid> conversations)
    {
        foreach (var key in _entries.Keys)
        {
            if (conversations.Contains(key.ConversationId)) _entries.TryRemove(key, out _);
        }
    }

    /// <summary>Messages are past their retention.</summary>
    public void Forget(IReadOnlyList<MessageKey> keys)
    {
        foreach (var key in keys) _entries.TryRemove(key, out _);
    }

    private void Bound(MessageKey key)
    {
        _order.Enqueue(key);
        if (_order.Count > capacity && _order.TryDequeue(out var oldest)) _entries.TryRemove(oldest, out _);
    }

    internal sealed class Entry
    {
        private readonly Lock _gate = new();
        private bool _loaded;
        private Message? _message;
        private StatusFacts _facts;
        private Fact? _announced;
        private MessageState? _state;

        public MessageState? State(MessageKey key)
        {
            lock (_gate) return _loaded ? _state ??= new(key, _message, _facts, _announced) : null;
        }

        public MessageState Load(MessageState read)
        {
            lock (_gate)
            {
                _loaded = true;
                _message ??= read.Message;
                _facts = StatusFacts.Merge(_facts, read.Facts);
                _announced = Fact.Merge(_announced, read.Announced);
                return _state = new(read.Key, _message, _facts, _announced);
            }
        }

        public void Merge(MergedFacts committed)
        {
            lock (_gate)
            {
                _facts = StatusFacts.Merge(_facts, committed.Facts);
                _announced = Fact.Merge(_announced, committed.Announced);
                _state = null;
            }
        }
    }
}
