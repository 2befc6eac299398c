using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Chat.Core.Engines;
using Chat.Core.Log;

namespace Chat.Core.PutBack;

/// <summary>
/// Finds dead letters and puts them back. That one was put back is recorded in the topic <see cref="Topics.PutBack"/>, once its
/// append is acknowledged: a crash between the two leaves it to be put back again, which is harmless since everything that consumes it
/// is idempotent. The other order could lose it.
/// </summary>
public sealed class DeadLetterBox(IEventLog log, ILogReader reader)
{
    private const int BatchSize = 100;

    private static readonly string[] DeadLetterTopics = [.. Topics.All.Where(Topics.IsDeadLetter)];

    /// <summary>
    /// The dead letters that the log still has, by topic, partition and offset. Of several copies of one the first: an event whose
    /// batch is processed again, after a crash or for another event that is refused, becomes one again.
    /// </summary>
    public async IAsyncEnumerable<DeadLetter> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var back = await ReadPutBackAsync(cancellationToken);
        // Offsets begin again in a topic that is created again, so that a place alone is not enough.
        var seen = new HashSet<EventIdentity>();
        // The ends of all of them first: what becomes a dead letter meanwhile, as one that was put back and failed again, is not listed.
        var topics = new List<(string Topic, string Incarnation, IReadOnlyList<PartitionRange> Ranges)>();
        foreach (var topic in DeadLetterTopics)
        {
            var incarnation = (await log.DescribeAsync(topic, cancellationToken)).Incarnation;
            topics.Add((topic, incarnation, await reader.GetRangesAsync(topic, cancellationToken)));
        }
        foreach (var (topic, incarnation, ranges) in topics)
        {
            foreach (var range in ranges)
            {
                await foreach (var e in reader.ReadAsync(new(topic, range.Partition), range.Start, range.End, cancellationToken))
                {
                    if (EventIdentity.Of(topic, e) is { } identity && !seen.Add(identity)) continue;
                    yield return await ToLetterAsync(new(topic, range.Partition), incarnation, e, back, cancellationToken);
                }
            }
        }
    }

    /// <summary>The newest dead letters of each partition, as <see cref="ListAsync"/> lists them but the newest first.</summary>
    /// <param name="most">Of each partition.</param>
    public async ValueTask<NewestDeadLetters> ListNewestAsync(int most, CancellationToken cancellationToken)
    {
        var back = await ReadPutBackAsync(cancellationToken);
        var (letters, seen, isWhole) = (new List<DeadLetter>(), new HashSet<EventIdentity>(), true);
        foreach (var topic in DeadLetterTopics)
        {
            var incarnation = (await log.DescribeAsync(topic, cancellationToken)).Incarnation;
            foreach (var range in await reader.GetRangesAsync(topic, cancellationToken))
            {
                var newest = await reader.ReadNewestAsync(topic, range, most, cancellationToken);
                isWhole &= newest.Count < most;
                foreach (var e in newest)
                {
                    if (EventIdentity.Of(topic, e) is { } identity && !seen.Add(identity)) continue;
                    letters.Add(await ToLetterAsync(new(topic, range.Partition), incarnation, e, back, cancellationToken));
                }
            }
        }
        var ordered = letters
            .OrderByDescending(l => l.Event.AppendedAt)
            .ThenBy(l => l.Topic, StringComparer.Ordinal)
            .ThenBy(l => l.Partition)
            .ThenByDescending(l => l.Event.Offset);
        return new([.. ordered], isWhole);
    }

    /// <summary>
    /// The dead letter at a place, or the first of those that it is a copy of; null where there is none. Reads what is before it.
    /// </summary>
    public async ValueTask<DeadLetter?> FindAsync(string topic, int partition, long offset, CancellationToken cancellationToken)
    {
        if (!DeadLetterTopics.Contains(topic)) return null;
        var ranges = await reader.GetRangesAsync(topic, cancellationToken);
        if (!ranges.Any(r => r.Partition == partition && offset >= r.Start && offset < r.End)) return null;
        var firsts = new Dictionary<EventIdentity, (int Partition, long Offset)>();
        foreach (var range in ranges.Where(r => r.Partition <= partition))
        {
            var end = range.Partition == partition ? offset + 1 : range.End;
            await foreach (var e in reader.ReadAsync(new(topic, range.Partition), range.Start, end, cancellationToken))
            {
                var first = (range.Partition, e.Offset);
                if (EventIdentity.Of(topic, e) is { } identity && !firsts.TryAdd(identity, first)) first = firsts[identity];
                if (range.Partition != partition || e.Offset != offset) continue;
                var incarnation = (await log.DescribeAsync(topic, cancellationToken)).Incarnation;
                var back = await ReadPutBackAsync(cancellationToken);
                var copy = e with { Offset = first.Offset };
                return await ToLetterAsync(new(topic, first.Partition), incarnation, copy, back, cancellationToken);
            }
        }
        return null;
    }

    /// <summary>Puts one back and records who asked for it.</summary>
    /// <exception cref="InvalidOperationException">Its event is gone: <see cref="DeadLetter.CanGoBack"/>.</exception>
    /// <exception cref="EngineRefusedException">The log does not take it back.</exception>
    public async ValueTask PutBackAsync(DeadLetter letter, string by, CancellationToken cancellationToken)
    {
        await log.AppendAsync(letter.ToPutBack(), cancellationToken);
        await log.AppendAsync(Record(letter, by), cancellationToken);
    }

    /// <summary>Puts those back that fit and were not put back before, and answers with how many are back and recorded as such.</summary>
    public Task<int> PutBackAsync(Func<DeadLetter, bool> fits, CancellationToken cancellationToken) =>
        PutBackAsync(fits, (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="PutBackAsync(Func{DeadLetter, bool}, CancellationToken)"/>
    /// <param name="fits">Asked of those that are back as well.</param>
    /// <param name="left">Told of each that can't go back, and why.</param>
    public async Task<int> PutBackAsync(
        Func<DeadLetter, bool> fits, Action<DeadLetter, string> left, CancellationToken cancellationToken)
    {
        var done = 0;
        var letters = new List<DeadLetter>(BatchSize);
        await foreach (var letter in ListAsync(cancellationToken))
        {
            if (!fits(letter) || letter.IsBack) continue;
            if (letter.CanGoBack) letters.Add(letter);
            else left(letter, "its event is no longer in the log");
            // Each may have a megabyte.
            if (letters.Count == BatchSize) await PutBackAsync();
        }
        await PutBackAsync();
        return done;

        async Task PutBackAsync()
        {
            if (letters.Count == 0) return;
            DeadLetter[] batch = [.. letters];
            letters.Clear();
            await Bisection.RunAsync(
                batch,
                async part =>
                {
                    await log.AppendAsync([.. part.Select(l => l.ToPutBack())], cancellationToken);
                    await log.AppendAsync([.. part.Select(Record)], cancellationToken);
                    done += part.Count;
                },
                (letter, refusal) => left(letter, $"refused: {refusal.Message}"));
        }
    }

    private async ValueTask<DeadLetter> ToLetterAsync(
        TopicPartition partition,
        string incarnation,
        LogEvent e,
        Dictionary<string, PutBackRecord> back,
        CancellationToken cancellationToken)
    {
        var isBack = back.GetValueOrDefault(Mark(partition.Topic, partition.Partition, incarnation, e.Offset));
        var original = await reader.FindEventAsync(e, cancellationToken);
        return new(partition.Topic, partition.Partition, incarnation, e, isBack, original);
    }

    private async Task<Dictionary<string, PutBackRecord>> ReadPutBackAsync(CancellationToken cancellationToken)
    {
        var back = new Dictionary<string, PutBackRecord>();
        foreach (var range in await reader.GetRangesAsync(Topics.PutBack, cancellationToken))
        {
            await foreach (var e in reader.ReadAsync(new(Topics.PutBack, range.Partition), range.Start, range.End, cancellationToken))
                back.TryAdd(Encoding.UTF8.GetString(e.Value.Span), new(e.AppendedAt, e.Header(HeaderNames.PutBackBy)));
        }
        return back;
    }

    private static NewEvent Record(DeadLetter letter) => Record(letter, by: null);

    private static NewEvent Record(DeadLetter letter, string? by)
    {
        var mark = Mark(letter.Topic, letter.Partition, letter.Incarnation, letter.Event.Offset);
        return new(Topics.PutBack, letter.Topic, Encoding.UTF8.GetBytes(mark), by is null ? null : [new(HeaderNames.PutBackBy, by)]);
    }

    // A JSON string, as every value of the log is JSON; none of its parts needs an escape.
    private static string Mark(string topic, int partition, string incarnation, long offset) =>
        $"\"{topic}/{incarnation}/{partition}/{offset}\"";

    /// <summary>What is the same for the copies of one dead letter: its event's place and value.</summary>
    private readonly record struct EventIdentity(string Topic, int Partition, long Offset, string Hash)
    {
        public static EventIdentity? Of(string topic, LogEvent letter) => letter.FindPlace() is (var partition, var offset)
            ? new(topic, partition, offset, Convert.ToHexString(SHA256.HashData(letter.Value.Span)))
            : null;
    }
}

/// <summary>Dead letters, the newest first.</summary>
/// <param name="IsWhole">Whether there are no older ones.</param>
public sealed record NewestDeadLetters(IReadOnlyList<DeadLetter> Letters, bool IsWhole);
