using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Chat.ServiceDefaults;

/// <summary>Configuration section <c>Metrics</c>: whether there are any, and who may read <c>/metrics</c>.</summary>
public sealed class MetricsOptions : IValidatableObject
{
    public const string Section = "Metrics";

    /// <summary>Whether anything is measured; without, there is no <c>/metrics</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Addresses of those that collect them, or networks as <c>10.0.0.0/8</c>, beside this machine itself. In Development anybody may.
    /// </summary>
    public IList<string> Allow { get; } = [];

    /// <summary>The same, for what is set up before the options can be validated.</summary>
    public static bool AreEnabled(IConfiguration configuration) => configuration.GetValue($"{Section}:{nameof(Enabled)}", true);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Networks.Validate(Section, nameof(Allow), Allow);
}
