using System.ComponentModel.DataAnnotations;

namespace Chat.Core.Retention;

/// <summary>Configuration section <c>Retention</c>: how long the store keeps what is not kept for good, whichever engine it is.</summary>
public sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>
    /// How long status changes are kept, from when the log took the event: a client that was away for longer loads the page again.
    /// 1 minute to 10 years.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Changes { get; set; } = TimeSpan.FromDays(7);
}
