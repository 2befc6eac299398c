using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Statuses;

namespace Chat.Core.Audit;

/// <summary>
/// Which events of <c>msg.status</c> became dead letters. Reads those appended from a time on; a dead letter is younger than its
/// event. Dead letters are few; a hundred bytes or so are kept of each.
/// </summary>
internal sealed class DeadLetterIndex(ILogReader reader, DateTimeOffset from)
{
    private static readonly string Topic = Topics.DeadLetter(Topics.Status);

    private readonly Dictionary<int, long> _next = [];
    private readonly HashSet<(int Partition, long Offset)> _places = [];
    private readonly HashSet<ParkedKey> _givenUp = [];
    private readonly HashSet<StatedFact> _facts = [];

    /// <summary>Reads the dead letters that came since the last call.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var range in await reader.GetRangesAsync(Topic, cancellationToken))
        {
            if (!_next.TryGetValue(range.Partition, out var next))
                next = await reader.SeekAsync(Topic, range, from, cancellationToken);
            await foreach (var deadLetter in reader.ReadAsync(new(Topic, range.Partition), next, range.End, cancellationToken))
            {
                Add(deadLetter);
                if (await reader.FindEventAsync(deadLetter, cancellationToken) is { } source) AddFact(source.Value);
            }
            _next[range.Partition] = range.End;
        }
    }

    /// <summary>Whether the event at this place is a dead letter.</summary>
    public bool Contains(int partition, long offset) => _places.Contains((partition, offset));

    /// <summary>Whether this parked status was given up.</summary>
    public bool Contains(ParkedKey parked) => _givenUp.Contains(parked);

    /// <summary>
    /// Whether an event that states the same fact is a dead letter: the copy of a re-keyed event, or of one that was parked.
    /// </summary>
    public bool Contains(StatedFact fact) => _facts.Contains(fact);

    private void Add(LogEvent deadLetter)
    {
        if (deadLetter.AppendedAt < from) return;
        if (Number(HeaderNames.DeadLetterSeq) is { } seq && Number(HeaderNames.DeadLetterAppendedAt) is { } appendedAt)
            _givenUp.Add(new(deadLetter.Key!, SequenceNumber.Offset(seq), appendedAt));
        else if (deadLetter.FindPlace() is { } place) _places.Add(place);
        AddFact(deadLetter.Value);

        long? Number(string header) => long.TryParse(deadLetter.Header(header), out var number) ? number : null;
    }

    private void AddFact(ReadOnlyMemory<byte> value)
    {
        if (StatusEventJson.TryRead(value.Span, out _) is { MessageId: { } message, Timestamp: { } at } status)
            _facts.Add(new(message, status.Status, at.ToUnixTimeMilliseconds()));
    }
}

/// <summary>A parked status, whatever epoch it was numbered in.</summary>
/// <param name="AppendedAt">In Unix milliseconds.</param>
internal readonly record struct ParkedKey(string Subject, long Offset, long AppendedAt);

/// <summary>What an event states: equal for its copies.</summary>
/// <param name="At">The effective time, in Unix milliseconds.</param>
internal readonly record struct StatedFact(Guid MessageId, StatusKind? Kind, long At);
