namespace Chat.Api.Backpressure;

/// <summary>How much a group of workers has to do.</summary>
/// <param name="Wait">How long an event that is appended now waits for them.</param>
/// <param name="Keeps">
/// What they did since the look before, of what came since then: 1 where they keep up, 0.5 where twice as much came.
/// </param>
/// <param name="IsBusy">Whether they had something to do all the time since the look before: they did as much as they can.</param>
internal readonly record struct BacklogLook(TimeSpan Wait, double Keeps, bool IsBusy);

/// <summary>
/// Tells from how far a group of workers is, at one look after another, how long an event waits for it: what is left, divided by what
/// was done in a second of a time in which there was always something to do. No clock, no I/O.
/// </summary>
internal sealed class Backlog
{
    private (double At, long Done, long End)? _last;
    private BacklogLook _look = new(TimeSpan.Zero, 1, false);

    /// <summary>Notes how far the group is. Counts are of all partitions together, since the beginning of the topic.</summary>
    /// <param name="at">When, in seconds on a monotonic clock.</param>
    /// <param name="done">Events that the group has committed.</param>
    /// <param name="end">Events that were appended.</param>
    /// <returns>
    /// As before where nothing was done since: workers that have stopped are an outage and no overload, and the log keeps what comes. So
    /// nobody waits where none was ever seen to work.
    /// </returns>
    public BacklogLook Note(double at, long done, long end)
    {
        var before = _last;
        _last = (at, done, end);
        if (before is not { } last || (done <= last.Done && done < end) || at <= last.At) return _look;
        if (done >= last.End) return _look = new(TimeSpan.Zero, 1, IsBusy: false);
        var perSecond = (done - last.Done) / (at - last.At);
        return _look = new(
            TimeSpan.FromSeconds((end - done) / perSecond), (done - last.Done) / (double)Math.Max(1, end - last.End), IsBusy: true);
    }

    /// <summary>Notes that nobody looks for a while: what comes meanwhile is not known.</summary>
    public void Forget() => (_last, _look) = (null, new(TimeSpan.Zero, 1, false));
}
