using System.Globalization;
using Chat.LoadTest.Deployment;

namespace Chat.LoadTest.Posts;

/// <param name="Refused">Answered with anything but 202, or not at all.</param>
/// <param name="Seconds">From the first post until all were answered.</param>
/// <param name="Latency">Of those with a 202, from when each was due.</param>
internal sealed record PostRound(int Posts, int Refused, double Seconds, Latency Latency)
{
    public double PerSecond => (Posts - Refused) / Seconds;

    /// <summary>In a line, for another process.</summary>
    public string Write() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Posts} {Refused} {Seconds} {Latency.P50} {Latency.P90} {Latency.P99} {Latency.P999} {Latency.Most}");

    public static PostRound Read(string line)
    {
        var figures = line.Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return new(
            (int)figures[0],
            (int)figures[1],
            figures[2],
            new((long)(figures[0] - figures[1]), figures[3], figures[4], figures[5], figures[6], figures[7]));
    }
}
