using Chat.Core.Audit;

namespace Chat.StatusWorker.Audit;

/// <summary>Configuration section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>How often a worker looks back at what it has done; zero turns it off.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Younger events are left to the next look.</summary>
    public TimeSpan Grace { get; set; } = AuditWindow.Grace;
}
