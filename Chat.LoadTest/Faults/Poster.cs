using System.Diagnostics;
using System.Net;

namespace Chat.LoadTest.Faults;

/// <summary>
/// Posts messages at a rate, each with an idempotency key where it is not told otherwise, and retries until it is answered 202: after a
/// lost connection, a 503 or no answer, at the next instance. While too many wait for their answer no new one begins, as with a real
/// sender.
/// </summary>
/// <param name="most">How many are posted at most.</param>
/// <param name="keys">Whether each has an idempotency key; without one, a post that is repeated may become two messages.</param>
internal sealed class Poster(
    HttpClient http,
    IReadOnlyList<Uri> apis,
    string token,
    RunIds ids,
    Ledger ledger,
    double rate,
    long most = long.MaxValue,
    bool keys = true)
{
    private const int RetryBase = 100;
    private const int RetryCap = 2000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    // What a sender has under way at the same time; many more that try again would keep servers busy that are short of time already.
    private readonly int _maxWaiting = (int)Math.Max(20, 2 * rate);

    private int _waiting;
    private long _begun;
    private long _retries;
    private long _repeated;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Tries after a first one that failed.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Posts that were answered with the id of another post's message: always 0 where idempotency keys work.</summary>
    public long Repeated => Interlocked.Read(ref _repeated);

    /// <summary>Posts until stopped, or all are posted; ends once each post that was begun has its 202, or is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        var due = 0.0;
        var last = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested && _begun < most && await timer.WaitForNextTickAsync(cancellationToken))
        {
            due += rate * Stopwatch.GetElapsedTime(last).TotalSeconds;
            last = Stopwatch.GetTimestamp();
            while (due >= 1 && Waiting < _maxWaiting && _begun < most)
            {
                due--;
                Interlocked.Increment(ref _waiting);
                _ = PostAsync(_begun++, cancellationToken);
            }
            due = Math.Min(due, Math.Max(1, rate * 0.1)); // what could not begin in time is not posted in a burst later
        }
        while (Waiting > 0) await timer.WaitForNextTickAsync(cancellationToken);
    }

    private async Task PostAsync(long number, CancellationToken cancellationToken)
    {
        var conversation = ids.ConversationOf(number);
        var body = ids.BodyOf(number);
        var key = keys ? $"{ids.Run:N}-{number}" : null;
        var postedAt = Stopwatch.GetTimestamp();
        try
        {
            for (var attempt = 0; !cancellationToken.IsCancellationRequested; attempt++)
            {
                if (await TryPostAsync(apis[(int)((number + attempt) % apis.Count)], key, body, cancellationToken) is { } message)
                {
                    if (!ledger.Acknowledge(message, conversation, postedAt)) Interlocked.Increment(ref _repeated);
                    return;
                }
                Interlocked.Increment(ref _retries);
                var longest = Math.Min(RetryCap, RetryBase * Math.Pow(2, Math.Min(attempt, 10)));
                await Task.Delay(TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2))), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        catch (InvalidOperationException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>The message's id; null where the post is to be tried again.</summary>
    private async Task<Guid?> TryPostAsync(Uri api, string? key, object body, CancellationToken cancellationToken)
    {
        using var request = MessagePost.Create(api, token, body, key);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode is 408 or 429 or >= 500) return null;
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            return (response.StatusCode == HttpStatusCode.Accepted ? MessagePost.ReadId(answer) : null)
                ?? throw new InvalidOperationException($"A post was answered {(int)response.StatusCode}: {answer}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
