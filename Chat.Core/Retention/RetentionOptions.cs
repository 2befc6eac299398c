using System.ComponentModel.DataAnnotations;

namespace Chat.Core.Retention;

/// <summary>Configuration section <c>Retention</c>: how long the store keeps what is not kept for good, whichever engine it is.</summary>
public sealed class RetentionOptions : IValidatableObject
{
    public const string Section = "Retention";

    /// <summary>
    /// How long status changes are kept, from when the log took the event: a client that was away for longer loads the page again.
    /// 1 minute to 10 years.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Changes { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long messages are kept, from their creation, with their timelines and what providers are known to call them: at least as long as
    /// <see cref="Changes"/>, and up to 10 years. Null keeps them for good.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan? Messages { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Messages < Changes)
            yield return new($"Retention:Messages ({Messages}) is shorter than Retention:Changes ({Changes}).", [nameof(Messages)]);
    }
}
