namespace Chat.Core.Time;

/// <summary>Counts a time down from when this was made, on the monotonic clock: setting the wall clock changes nothing.</summary>
public readonly struct Countdown(TimeSpan wait, TimeProvider time)
{
    private readonly long _from = time.GetTimestamp();

    /// <summary>What is left of it; never less than zero.</summary>
    public TimeSpan Left => wait - time.GetElapsedTime(_from) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
