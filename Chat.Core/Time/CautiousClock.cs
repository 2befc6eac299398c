namespace Chat.Core.Time;

/// <summary>
/// The wall clock for what gives up or deletes whatever is older than some stored time: never further on than the time that has really
/// passed since this was made, so that a clock which is set forward makes nothing old. One that is set back is followed. Either way
/// things are kept too long rather than not long enough, until the clock is right again or the process starts again.
/// </summary>
public sealed class CautiousClock(TimeProvider time)
{
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly long _from = time.GetTimestamp();

    public DateTimeOffset UtcNow
    {
        get
        {
            var (shown, passed) = (time.GetUtcNow(), _started + time.GetElapsedTime(_from));
            return shown < passed ? shown : passed;
        }
    }
}
