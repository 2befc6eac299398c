namespace Chat.Api.Backpressure;

/// <summary>How much a group of workers has to do.</summary>
/// <param name="Wait">How long an event that is appended now waits for them.</param>
/// <param name="Keeps">
/// What they did since the look before, of what came since then: 1 where they keep up, 0.5 where twice as much came.
/// </param>
/// <param name="IsBusy">Whether they had something to do all the time since the look before: they did as much as they can.</param>
internal readonly record struct BacklogLook(TimeSpan Wait, double Keeps, bool IsBusy)
{
    /// <summary>Of a group that works after this one: the waits add up, and what the busier one can't do is too much.</summary>
    public BacklogLook Then(BacklogLook next) => new(
        Wait + next.Wait,
        IsBusy == next.IsBusy ? Math.Min(Keeps, next.Keeps) : IsBusy ? Keeps : next.Keeps,
        IsBusy || next.IsBusy);
}

/// <summary>
/// Tells from how far a group of workers is, at one look after another, how long an event waits for it: what is left, divided by what
/// was done in a second of a time in which there was always something to do. What is done is committed up to a second later, so that
/// workers who have done all that came before the look before the last have nothing left: where they were taken for busy, a limit would
/// fall to what it lets through itself, and then again. No clock, no I/O.
/// </summary>
internal sealed class Backlog
{
    private (double At, long Done, long End)? _last;
    private long? _endBefore;
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
        var (before, settled) = (_last, _endBefore ?? _last?.End);
        (_endBefore, _last) = (before?.End, (at, done, end));
        if (before is not { } last || (done <= last.Done && done < end) || at <= last.At) return _look;
        var keeps = (done - last.Done) / (double)Math.Max(1, end - last.End);
        if (done >= settled) return _look = new(TimeSpan.Zero, keeps, IsBusy: false);
        var perSecond = (done - last.Done) / (at - last.At);
        return _look = new(TimeSpan.FromSeconds((end - done) / perSecond), keeps, IsBusy: true);
    }

    /// <summary>Notes that nobody looks for a while: what comes meanwhile is not known.</summary>
    public void Forget() => (_last, _endBefore, _look) = (null, null, new(TimeSpan.Zero, 1, false));
}
