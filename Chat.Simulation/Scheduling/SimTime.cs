namespace Chat.Simulation.Scheduling;

/// <summary>A process' clock. It stops while anything is ready to run, and jumps to the next timer when nothing is.</summary>
public sealed class SimTime(SimScheduler scheduler, SimProcess process, TimeSpan skew) : TimeProvider
{
    /// <summary>When every run begins.</summary>
    public static readonly DateTimeOffset Start = new(2025, 1, 15, 10, 30, 0, TimeSpan.Zero);

    private TimeSpan _skew = skew;

    /// <summary>Sets the clock, which then shows a time that is off by so much; what waits, waits as long as before.</summary>
    public void Set(TimeSpan newSkew) => _skew = newSkew;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Start + scheduler.Now + _skew;

    public override long GetTimestamp() => scheduler.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(scheduler, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(SimScheduler scheduler, SimProcess process, TimerCallback callback, object? state) : ITimer
    {
        private int _version;
        private TimeSpan _period;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed) return false;
            var version = ++_version;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan) scheduler.After(dueTime, process, () => Fire(version));
            return true;
        }

        public void Dispose() => _disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int version)
        {
            if (_disposed || version != _version) return;
            if (_period > TimeSpan.Zero) scheduler.After(_period, process, () => Fire(version));
            callback(state);
        }
    }
}
