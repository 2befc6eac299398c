using System.ComponentModel.DataAnnotations;

namespace Chat.Api.Backpressure;

/// <summary>When posts are refused since the workers can't keep up: section <c>Backpressure</c>.</summary>
public sealed class BackpressureOptions
{
    public const string Section = "Backpressure";

    /// <summary>
    /// How long a message may wait for the workers, by what they have left and how fast they are, before posts are refused; zero for never.
    /// Everybody's messages wait in the same order, so that it is what one organization may cost all others, too.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the log is asked, while there are posts: 100 ms to a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);
}
