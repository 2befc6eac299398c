using System.ComponentModel.DataAnnotations;
using Chat.Core.Log;

namespace Chat.StatusWorker;

/// <summary>Configuration section <c>StatusWorker</c>.</summary>
public sealed class StatusWorkerOptions
{
    public const string Section = "StatusWorker";

    /// <summary>The consumer group of <c>msg.status</c>. Another name starts from the topic's earliest event.</summary>
    [Required]
    public string Group { get; set; } = ConsumerGroup.StatusWorker;

    /// <summary>The most events that are read, written and published together; a number of events, 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int BatchSize { get; set; } = 1000;

    /// <summary>
    /// Batches of up to this many events log a line for each event, larger ones a line for all. Zero: always a line for all.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int LogEachUpTo { get; set; } = 20;

    /// <summary>
    /// How long a batch tries to publish before it is committed without: an outage of the bus holds up no recording. A duration
    /// (<c>hh:mm:ss</c>) from 0 to 1 minute, 2 seconds by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan PublishPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a status waits for its message before it becomes a dead letter; a duration (<c>[d.]hh:mm:ss</c>) from 1 second to
    /// 3650 days, 7 days by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan ParkedLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How often parked statuses are looked through for those past <see cref="ParkedLifetime"/>, and counted for
    /// <c>chat.status.parked.waiting</c>; a duration (<c>[d.]hh:mm:ss</c>)
    /// from 1 second to 30 days, 5 minutes by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan ParkedSweepInterval { get; set; } = TimeSpan.FromMinutes(5);
}
