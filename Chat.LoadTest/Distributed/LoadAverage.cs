namespace Chat.LoadTest.Distributed;

internal static class LoadAverage
{
    /// <summary>Runnable threads over the last five minutes, as Linux counts them.</summary>
    public static string OfFiveMinutes() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[1] : "not known";
}
