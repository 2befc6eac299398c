using System.ComponentModel.DataAnnotations;

namespace Chat.ServiceDefaults;

/// <summary>Configuration section <c>Metrics</c>: who may read <c>/metrics</c>.</summary>
public sealed class MetricsOptions : IValidatableObject
{
    public const string Section = "Metrics";

    /// <summary>
    /// Addresses of those that collect them, or networks as <c>10.0.0.0/8</c>, beside this machine itself. In Development anybody may.
    /// </summary>
    public IList<string> Allow { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Networks.Validate(Section, nameof(Allow), Allow);
}
