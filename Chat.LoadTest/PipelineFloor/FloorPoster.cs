using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Chat.Core.Ids;
using Chat.Core.Statuses;
using Chat.LoadTest.Faults;
using Chat.LoadTest.Pipeline;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>
/// The part of the API and of those who post: messages appended at a rate, without HTTP. Its parent tells it what to do in lines:
/// <c>post RATE</c>; <c>stop FROM UNTIL</c>, two timestamps of <see cref="Stopwatch"/>, which is answered by <see cref="Posted"/> once all
/// that was posted is acknowledged.
/// </summary>
internal sealed class FloorPoster(AppendRecords append, FloorTopics topics, int conversations)
{
    private readonly IdSource _ids = new(TimeProvider.System);
    private readonly ConcurrentQueue<(long At, long Until)> _acknowledged = new();
    private readonly (Guid Id, byte[] Key)[] _conversations = [.. RunIds.Create(conversations).Conversations
        .Select(id => (id, Encoding.UTF8.GetBytes(MessageIds.Format(id))))];

    private Exception? _failure;
    private int _waiting;
    private long _begun;

    /// <param name="All">Since <c>post</c>.</param>
    /// <param name="Measured">Of these between the two timestamps.</param>
    /// <param name="Time">Theirs, until they were acknowledged.</param>
    internal sealed record Posted(long All, long Measured, Percentiles Time)
    {
        public const string Prefix = "posted ";

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Prefix}{All} {Measured} {Time.P50} {Time.P99}");

        public static Posted Parse(string line)
        {
            var words = line[Prefix.Length..].Split(' ');
            return new(Number(words[0]), Number(words[1]), new(Figure(words[2]), Figure(words[3])));

            static double Figure(string word) => double.Parse(word, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Until there are no more lines.</summary>
    /// <exception cref="InvalidOperationException">An append failed: what was posted is not a floor's figure.</exception>
    public async Task RunAsync(TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            var rate = double.Parse(line["post ".Length..], CultureInfo.InvariantCulture);
            _acknowledged.Clear();
            var first = _begun;
            using var stop = new CancellationTokenSource();
            var posting = SteadyPace.RunAsync(
                rate, () => true, () => Volatile.Read(ref _waiting) < SteadyPace.MaxWaiting(rate), Begin, stop.Token, cancellationToken);
            var words = (await input.ReadLineAsync(cancellationToken))?.Split(' ');
            await stop.CancelAsync();
            await posting;
            if (words is not [_, var from, var until]) return; // the parent has ended
            await SteadyPace.WaitAsync(() => Volatile.Read(ref _waiting) == 0, cancellationToken);
            if (Volatile.Read(ref _failure) is { } failure) throw new InvalidOperationException("An append failed.", failure);
            await output.WriteLineAsync($"{Evaluate(_begun - first, Number(from), Number(until))}");
        }
    }

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);

    private void Begin()
    {
        Interlocked.Increment(ref _waiting);
        _ = PostAsync(_conversations[_begun++ % _conversations.Length]);
    }

    private async Task PostAsync((Guid Id, byte[] Key) conversation)
    {
        var at = Stopwatch.GetTimestamp();
        var record = new FloorRecord(_ids.Next(), conversation.Id, at, MessageStatus.Accepted);
        try
        {
            await append([new(topics.Messages, conversation.Key, record.Write(FloorSample.MessageBytes))]);
            _acknowledged.Enqueue((at, Stopwatch.GetTimestamp()));
        }
#pragma warning disable CA1031 // Whatever the client throws, it is told where the posts are waited for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _failure, exception);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting); // of one that failed too: who stops waits for all
        }
    }

    private Posted Evaluate(long all, long from, long until)
    {
        var measured = _acknowledged.Where(p => p.At >= from && p.At < until).ToList();
        return new(
            all, measured.Count, Percentiles.Of(measured.Select(p => Stopwatch.GetElapsedTime(p.At, p.Until).TotalMilliseconds)));
    }
}
