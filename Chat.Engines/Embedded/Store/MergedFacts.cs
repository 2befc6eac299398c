using Chat.Core.Ids;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// What a batch of events says of one message, merged: its row is written once, however many of its statuses come together. Times are in
/// milliseconds, as the file keeps them.
/// </summary>
internal sealed class MergedFacts(MessageKey key)
{
    public MessageKey Key => key;

    public StatusFacts Facts { get; private set; }

    public Fact? Announced { get; private set; }

    /// <summary>Of each message, in the order in which they first come.</summary>
    public static IReadOnlyCollection<MergedFacts> Of(IReadOnlyList<StatusRecord> records)
    {
        var merged = new Dictionary<MessageKey, MergedFacts>(records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            var record = records[i];
            if (!merged.TryGetValue(record.Key, out var facts)) merged[record.Key] = facts = new(record.Key);
            var fact = new Fact(WireTime.TruncateToMilliseconds(record.Fact.At), record.Fact.Reason, record.Seq);
            if (record.Kind is { } kind) facts.Facts = facts.Facts.With(kind, fact);
            else facts.Announced = Fact.Merge(facts.Announced, fact);
        }
        return merged.Values;
    }
}
