using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Chat.LoadTest.Faults;

/// <summary>
/// Posts messages at a rate, each with an idempotency key where it is not told otherwise, and retries until it is answered 202: after a
/// lost connection, a 503 or no answer, at the next instance. What is refused for good (a 4xx, or a 202 without an id) is counted as
/// failed. While too many wait for their answer no new one begins, as with a real sender.
/// </summary>
/// <param name="most">How many are posted at most.</param>
/// <param name="keys">Whether each has an idempotency key; without one, a post that is repeated may become two messages.</param>
/// <param name="once">Whether what is refused is counted and not tried again.</param>
internal sealed class Poster(
    HttpClient http,
    IReadOnlyList<Uri> apis,
    string token,
    RunIds ids,
    Ledger ledger,
    double rate,
    long most = long.MaxValue,
    bool keys = true,
    bool once = false)
{
    private const int RetryBase = 100;
    private const int RetryCap = 2000;

    private readonly int _maxWaiting = SteadyPace.MaxWaiting(rate);

    private int _waiting;
    private long _begun;
    private long _retries;
    private long _repeated;
    private long _failed;
    private int _told;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Tries after a first one that failed.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Posts that were answered with the id of another post's message: always 0 where idempotency keys work.</summary>
    public long Repeated => Interlocked.Read(ref _repeated);

    /// <summary>
    /// Posts that are not tried again and were answered 429 or 503 with the time to come back at: by when each began and ended,
    /// timestamps of <see cref="Stopwatch"/>.
    /// </summary>
    public ConcurrentQueue<(long At, long Until)> Refused { get; } = new();

    /// <summary>Posts that were refused for good; and those that are not tried again and were answered otherwise, or not at all.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Posts until stopped, or all are posted; ends once each post that was begun has its 202, or is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        await SteadyPace.RunAsync(
            rate,
            () => _begun < most,
            () => Waiting < _maxWaiting,
            () =>
            {
                Interlocked.Increment(ref _waiting);
                _ = PostAsync(_begun++, cancellationToken);
            },
            stop,
            cancellationToken);
        await SteadyPace.WaitAsync(() => Waiting == 0, cancellationToken);
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
                var (answered, wasTold) = await TryPostAsync(
                    apis[(int)((number + attempt) % apis.Count)], key, body, cancellationToken);
                if (answered is { } message)
                {
                    if (!ledger.Acknowledge(message, conversation, postedAt)) Interlocked.Increment(ref _repeated);
                    return;
                }
                if (once)
                {
                    if (wasTold) Refused.Enqueue((postedAt, Stopwatch.GetTimestamp()));
                    else Interlocked.Increment(ref _failed);
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
            Interlocked.Increment(ref _failed);
            // The first says why: the others have the same reason, at the rate that is posted at.
            if (Interlocked.Exchange(ref _told, 1) == 0) await Console.Error.WriteLineAsync(exception.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>The message's id; null where the post is to be tried again, and whether the answer said when.</summary>
    private async Task<(Guid? Message, bool WasTold)> TryPostAsync(Uri api, string? key, object body, CancellationToken cancellationToken)
    {
        using var request = MessagePost.Create(api, token, body, key);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if (MessagePost.MayPass(response.StatusCode))
                return (null, (int)response.StatusCode is 429 or 503 && response.Headers.RetryAfter is not null);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            var message = response.StatusCode == HttpStatusCode.Accepted ? MessagePost.ReadId(answer) : null;
            return message is null
                ? throw new InvalidOperationException($"A post was answered {(int)response.StatusCode}: {answer}")
                : (message, false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (null, false);
        }
    }
}
