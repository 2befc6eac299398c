using Confluent.Kafka;

namespace Chat.Engines.Kafka;

/// <summary>
/// How the last append of this process ended, for its health check: what the brokers say of themselves does not tell whether they take
/// writes (too few copies in sync, a full disk, a right that is missing).
/// </summary>
internal sealed class LastAppend(TimeProvider time)
{
    /// <summary>
    /// A failure counts until an append works, and this long at most: a process that gets no requests while it is unhealthy appends
    /// nothing that could show that it is well again.
    /// </summary>
    public static readonly TimeSpan FailureCounts = TimeSpan.FromSeconds(30);

    private sealed record Failure(ErrorCode Code, long At);

    private volatile Failure? _failure;

    /// <summary>Why the last append failed; null where it did not, or a while ago.</summary>
    public ErrorCode? Error =>
        _failure is { } failure && time.GetElapsedTime(failure.At) < FailureCounts ? failure.Code : null;

    public void Worked()
    {
        // Read first: of appends that work there are thousands a second.
        if (_failure is not null) _failure = null;
    }

    public void Failed(ErrorCode code) => _failure = new(code, time.GetTimestamp());
}
