using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Chat.LoadTest.Deployment;

/// <summary>Posts that were not answered 202.</summary>
/// <param name="Answer">The status code, or why there is none.</param>
/// <param name="Example">What one of them was answered, cut off where it is long.</param>
internal sealed record RefusedPosts(string Answer, long Count, string Example);

/// <summary>Posts messages at a steady rate, each once: no answer and no refusal holds up those after it, or is tried again.</summary>
internal sealed class OpenLoopPoster(HttpClient http, Uri api, Access access, RunIds ids, TickLedger ledger)
{
    private const int LongestExample = 200;

    private readonly ConcurrentDictionary<string, RefusedPosts> _refused = new();
    private readonly LatencyHistogram _late = new();
    private long _numbers;
    private long _begun;
    private int _waiting;

    /// <summary>Posts that were begun, those of the warm-up included.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>Of the measured ones: from the time that each was due to its beginning; what the generator itself adds.</summary>
    public Latency Late => Latency.Of(_late);

    /// <summary>Posts that have no answer yet.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public IReadOnlyList<RefusedPosts> Refused => [.. _refused.Values.OrderBy(r => r.Answer, StringComparer.Ordinal)];

    /// <summary>Begins the posts. One that was begun ends by itself, when it is answered or too late.</summary>
    /// <param name="cancellationToken">Begins no more.</param>
    public Task RunAsync(double rate, TimeSpan duration, bool isMeasured, CancellationToken cancellationToken)
    {
        // A token of each phase: one that is signed here is good for an hour, and a phase that lasts longer gets fresh ones.
        var (token, signedAt) = (access.PosterToken, Stopwatch.GetTimestamp());
        var first = _numbers;
        _numbers += OpenLoop.Count(rate, duration);
        return OpenLoop.RunAsync(
            rate,
            duration,
            (number, dueAt) =>
            {
                if (Stopwatch.GetElapsedTime(signedAt) > TimeSpan.FromMinutes(10))
                    (token, signedAt) = (access.PosterToken, Stopwatch.GetTimestamp());
                if (isMeasured) _late.Record(dueAt, Stopwatch.GetTimestamp());
                Interlocked.Increment(ref _begun);
                Interlocked.Increment(ref _waiting);
                _ = PostAsync(first + number, dueAt, isMeasured, token);
            },
            cancellationToken);
    }

    private async Task PostAsync(long number, long dueAt, bool isMeasured, string token)
    {
        try
        {
            using var request = MessagePost.Create(api, token, ids.BodyOf(number));
            using var response = await http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            var conversation = (int)(number % ids.Conversations.Count);
            if (response.StatusCode != HttpStatusCode.Accepted) Refuse($"{(int)response.StatusCode}", body);
            else if (MessagePost.ReadId(body) is not { } id) Refuse("202 without messageId", body);
            else if (!ledger.Acknowledge(id, conversation, dueAt, isMeasured)) Refuse("202 with an id twice", body);
        }
        catch (OperationCanceledException)
        {
            Refuse("no answer", $"None within {http.Timeout.TotalSeconds:F0} s.");
        }
        catch (HttpRequestException exception)
        {
            Refuse("no answer", exception.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void Refuse(string answer, string example) => _refused.AddOrUpdate(
        answer,
        key => new(key, 1, example.Length > LongestExample ? $"{example[..LongestExample]}…" : example),
        static (_, before) => before with { Count = before.Count + 1 });
}
