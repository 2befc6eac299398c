namespace Chat.Client.Protocol;

/// <summary>How long to wait before the next attempt.</summary>
internal static class Backoff
{
    private const int MostDoublings = 30;

    /// <summary>Anywhere below <c>base · 2^failures</c>: clients that lost one server do not come back in one moment.</summary>
    public static TimeSpan NextDelay(int failures, ClientProtocolOptions options, Random random)
    {
        var longest = options.ReconnectBase.Ticks * Math.Pow(2, Math.Min(failures, MostDoublings));
        return TimeSpan.FromTicks((long)(random.NextDouble() * Math.Min(longest, options.ReconnectCap.Ticks)));
    }
}
