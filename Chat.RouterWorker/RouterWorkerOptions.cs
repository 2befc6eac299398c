using System.ComponentModel.DataAnnotations;
using Chat.Core.Log;

namespace Chat.RouterWorker;

/// <summary>Configuration section <c>RouterWorker</c>.</summary>
public sealed class RouterWorkerOptions
{
    public const string Section = "RouterWorker";

    /// <summary>The consumer group of <c>messages</c>. Another name starts from the topic's earliest event.</summary>
    [Required]
    public string Group { get; set; } = ConsumerGroup.RouterWorker;

    /// <summary>The most messages that are read, stored and appended together; a number of events, 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int BatchSize { get; set; } = 500;
}
