namespace Chat.LoadTest.InProcess;

/// <summary>How far this process' managed memory grows, looked at every few milliseconds.</summary>
internal sealed class PeakMemory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly long _before;
    private readonly Timer _timer;
    private long _peak;

    public PeakMemory()
    {
        GC.Collect();
        _before = GC.GetTotalMemory(forceFullCollection: true);
        _timer = new(_ => _peak = Math.Max(_peak, GC.GetTotalMemory(forceFullCollection: false)), null, Interval, Interval);
    }

    public double PeakMiB => Math.Max(0, _peak - _before) / (1024.0 * 1024);

    public void Dispose() => _timer.Dispose();
}
