using System.ComponentModel.DataAnnotations;
using Chat.Core.Audit;

namespace Chat.StatusWorker.Audit;

/// <summary>Configuration section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>
    /// How often a worker audits what it processed; a duration (<c>[d.]hh:mm:ss</c>) up to 30 days, 1 hour by default. Zero turns
    /// the audit off.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Events younger than this are left to the next audit; a duration (<c>[d.]hh:mm:ss</c>) up to 30 days, 30 seconds by
    /// default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan Grace { get; set; } = AuditWindow.Grace;
}
