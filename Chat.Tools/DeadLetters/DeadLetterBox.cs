using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Chat.Core.Engines;
using Chat.Core.Log;

namespace Chat.Tools.DeadLetters;

/// <summary>
/// Finds dead letters and puts them back. That one was put back is recorded in the topic <see cref="Topics.PutBack"/>, once its
/// append is acknowledged: a crash between the two leaves it to be put back again, which is harmless since everything that consumes it
/// is idempotent. The other order could lose it.
/// </summary>
public sealed class DeadLetterBox(IEventLog log, ILogReader reader)
{
    private const int BatchSize = 100;

    /// <summary>
    /// The dead letters that the log still has, by topic, partition and offset. Of several copies of one the first: an event whose
    /// batch is processed again, after a crash or for another event that is refused, becomes one again.
    /// </summary>
    public async IAsyncEnumerable<DeadLetter> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var back = await ReadPutBackAsync(cancellationToken);
        // Offsets begin again in a topic that is created again, so that a place alone is not enough.
        var seen = new HashSet<(string Topic, (int, long) Place, string Value)>();
        foreach (var topic in Topics.All.Where(t => t.EndsWith(Topics.DeadLetter(""), StringComparison.Ordinal)))
        {
            var incarnation = (await log.DescribeAsync(topic, cancellationToken)).Incarnation;
            foreach (var range in await reader.GetRangesAsync(topic, cancellationToken))
            {
                await foreach (var e in reader.ReadAsync(new(topic, range.Partition), range.Start, range.End, cancellationToken))
                {
                    if (e.FindPlace() is { } place && !seen.Add((topic, place, HashOf(e)))) continue;
                    var isBack = back.Contains(Mark(topic, range.Partition, incarnation, e.Offset));
                    var original = await reader.FindEventAsync(e, cancellationToken);
                    yield return new(topic, range.Partition, incarnation, e, isBack, original);
                }
            }
        }
    }

    /// <summary>Puts those back that fit and were not put back before, and answers with how many are back and recorded as such.</summary>
    public Task<int> PutBackAsync(Func<DeadLetter, bool> fits, CancellationToken cancellationToken) =>
        PutBackAsync(fits, (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="PutBackAsync(Func{DeadLetter, bool}, CancellationToken)"/>
    /// <param name="left">Told of each that can't go back, and why.</param>
    public async Task<int> PutBackAsync(
        Func<DeadLetter, bool> fits, Action<DeadLetter, string> left, CancellationToken cancellationToken)
    {
        // All of them first: one that fails again meanwhile must not be put back twice by the same call.
        var letters = new List<DeadLetter>();
        await foreach (var letter in ListAsync(cancellationToken))
        {
            if (letter.IsBack || !fits(letter)) continue;
            if (letter.CanGoBack) letters.Add(letter);
            else left(letter, "its event is no longer in the log");
        }
        var done = 0;
        foreach (var batch in letters.Chunk(BatchSize))
        {
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
        return done;
    }

    private async Task<HashSet<string>> ReadPutBackAsync(CancellationToken cancellationToken)
    {
        var back = new HashSet<string>();
        foreach (var range in await reader.GetRangesAsync(Topics.PutBack, cancellationToken))
        {
            await foreach (var e in reader.ReadAsync(new(Topics.PutBack, range.Partition), range.Start, range.End, cancellationToken))
                back.Add(Encoding.UTF8.GetString(e.Value.Span));
        }
        return back;
    }

    private static string HashOf(LogEvent letter) => Convert.ToHexString(SHA256.HashData(letter.Value.Span));

    private static NewEvent Record(DeadLetter letter)
    {
        var mark = Mark(letter.Topic, letter.Partition, letter.Incarnation, letter.Event.Offset);
        return new(Topics.PutBack, letter.Topic, Encoding.UTF8.GetBytes(mark));
    }

    // A JSON string, as every value of the log is JSON; none of its parts needs an escape.
    private static string Mark(string topic, int partition, string incarnation, long offset) =>
        $"\"{topic}/{incarnation}/{partition}/{offset}\"";
}
