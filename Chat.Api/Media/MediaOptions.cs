using System.ComponentModel.DataAnnotations;

namespace Chat.Api.Media;

/// <summary>What files that people sent may cost while they are passed on: section <c>Media</c>.</summary>
public sealed class MediaOptions
{
    public const string Section = "Media";

    /// <summary>Files that an instance passes on at once; of one organization half of them at most.</summary>
    [Range(2, 100_000)]
    public int MaxOpen { get; set; } = 512;

    /// <summary>Of one user: more than the pictures of a page of messages, which a browser may ask for all at once.</summary>
    [Range(1, 100_000)]
    public int MaxOpenPerUser { get; set; } = 64;

    /// <summary>How long one file may take as a whole: the largest by a slow connection. From a second to a day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxTime { get; set; } = TimeSpan.FromMinutes(30);
}
