namespace Chat.Api.Hub.Sessions;

/// <summary>A token bucket: <paramref name="burst"/> frames at once, <paramref name="perSecond"/> in the long run.</summary>
public sealed class InboundLimit(int burst, int perSecond, TimeProvider time)
{
    private double _left = burst;
    private long _since = time.GetTimestamp();

    /// <summary>Whether one more frame may come in now.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(burst, _left + (time.GetElapsedTime(_since, now).TotalSeconds * perSecond));
        _since = now;
        if (_left < 1) return false;
        _left--;
        return true;
    }
}
