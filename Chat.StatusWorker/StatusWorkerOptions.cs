using Chat.Core.Log;

namespace Chat.StatusWorker;

/// <summary>Configuration section <c>StatusWorker</c>.</summary>
public sealed class StatusWorkerOptions
{
    public const string Section = "StatusWorker";

    /// <summary>The consumer group; its lag is the lag of the ticks.</summary>
    public string Group { get; set; } = ConsumerGroup.StatusWorker;

    /// <summary>Events taken, written and published together.</summary>
    public int BatchSize { get; set; } = 1000;

    /// <summary>Batches up to this size log a line for each event; larger ones one line for all.</summary>
    public int LogEachUpTo { get; set; } = 20;

    /// <summary>How long a status waits for its message before it becomes a dead letter.</summary>
    public TimeSpan ParkedLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often parked statuses are looked through for those past their time.</summary>
    public TimeSpan ParkedSweepInterval { get; set; } = TimeSpan.FromMinutes(5);
}
