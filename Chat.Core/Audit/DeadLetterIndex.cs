using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Statuses;

namespace Chat.Core.Audit;

/// <summary>
/// What the dead letters of <c>msg.status</c> say of its events, from a time on: a letter is younger than its event. Dead letters are few;
/// a hundred bytes or so are kept of each.
/// </summary>
internal sealed class DeadLetterIndex(ILogReader reader, DateTimeOffset from)
{
    private static readonly string Topic = Topics.DeadLetter(Topics.Status);

    private readonly Dictionary<int, long> _next = [];
    private readonly HashSet<(int Partition, long Offset)> _buried = [];
    private readonly HashSet<Waiting> _givenUp = [];
    private readonly HashSet<Stated> _stated = [];

    /// <summary>Reads those that came since it last did.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var range in await reader.GetRangesAsync(Topic, cancellationToken))
        {
            if (!_next.TryGetValue(range.Partition, out var next)) next = await reader.SeekAsync(Topic, range, from, cancellationToken);
            await foreach (var letter in reader.ReadAsync(new(Topic, range.Partition), next, range.End, cancellationToken)) Add(letter);
            _next[range.Partition] = range.End;
        }
    }

    /// <summary>Whether the event at this place was put aside.</summary>
    public bool Has(int partition, long offset) => _buried.Contains((partition, offset));

    /// <summary>Whether what was parked so was given up.</summary>
    public bool Has(Waiting parked) => _givenUp.Contains(parked);

    /// <summary>Whether an event that states the same was put aside: the copy that stood for another, keyed anew or come back.</summary>
    public bool Has(Stated stated) => _stated.Contains(stated);

    private void Add(LogEvent letter)
    {
        if (letter.AppendedAt < from) return;
        if (Number(letter, HeaderNames.DeadLetterSeq) is { } seq && Number(letter, HeaderNames.DeadLetterAppendedAt) is { } appendedAt)
            _givenUp.Add(new(letter.Key!, SequenceNumber.Offset(seq), appendedAt));
        else if (Number(letter, HeaderNames.DeadLetterPartition) is { } partition && Number(letter, HeaderNames.DeadLetterOffset) is { } offset)
            _buried.Add(((int)partition, offset));
        if (StatusEventJson.TryRead(letter.Value.Span, out _) is { MessageId: { } message, Timestamp: { } at } status)
            _stated.Add(new(message, status.Status, at.ToUnixTimeMilliseconds()));
    }

    private static long? Number(LogEvent letter, string header) => long.TryParse(letter.Header(header), out var number) ? number : null;
}

/// <summary>A parked event, whatever epoch it was numbered in.</summary>
internal readonly record struct Waiting(string Subject, long Offset, long AppendedAt);

/// <summary>What an event says, at its effective time in Unix milliseconds: the same for its copies.</summary>
internal readonly record struct Stated(Guid MessageId, StatusKind Kind, long At);
