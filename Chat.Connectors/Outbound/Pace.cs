namespace Chat.Connectors.Outbound;

/// <summary>
/// A rate with a burst, as a token bucket keeps it: one more every <paramref name="interval"/>, and so many at once after a pause. What
/// is promised for later has a rate of its own, so that it comes back at times at which there is room for it. No clock.
/// </summary>
internal sealed class Pace(TimeSpan interval, int burst)
{
    private readonly TimeSpan _tolerance = interval * (burst - 1);

    // When the next would be due at an even rate.
    private TimeSpan _next;
    private TimeSpan _promised;

    /// <summary>How long the next one must wait.</summary>
    public TimeSpan WaitAt(TimeSpan now) => _next - _tolerance - now is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    /// <summary>Whether nothing of it needs to be remembered.</summary>
    public bool IsIdleAt(TimeSpan now) => _next <= now && _promised <= now;

    /// <summary>Counts one.</summary>
    public void Take(TimeSpan now) => _next = (_next > now ? _next : now) + interval;

    /// <summary>How long one that can't be taken now should wait: after those that were promised before.</summary>
    public TimeSpan Promise(TimeSpan now)
    {
        var free = now + WaitAt(now);
        var promised = _promised > free ? _promised : free;
        _promised = promised + interval;
        return promised - now;
    }
}
