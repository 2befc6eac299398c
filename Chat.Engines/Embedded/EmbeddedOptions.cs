using System.ComponentModel.DataAnnotations;

namespace Chat.Engines.Embedded;

/// <summary>Configuration section <c>Embedded</c>: the engines that need no server.</summary>
public sealed class EmbeddedOptions
{
    public const string Section = "Embedded";

    /// <summary>The setting that chooses the embedded engines, as errors name it.</summary>
    public const string DataFolderSetting = "Embedded:DataFolder";

    /// <summary>The folder where everything is kept; made where it isn't there. One process at a time uses it.</summary>
    [Required]
    public string DataFolder { get; set; } = "";

    /// <summary>The partitions of a topic that is created from now on, 1 to 1024; an existing one keeps its count.</summary>
    [Range(1, 1024)]
    public int Partitions { get; set; } = 4;

    /// <summary>
    /// How long the log keeps events, 1 minute to 10 years; those that a known group has not committed yet are kept longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long a group that nobody is a member of is known, and so keeps the log from deleting what it has not committed: 1 minute to
    /// 10 years.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan GroupExpiry { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The time between two runs of retention, and before the first: 1 second to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The largest record that a topic takes, key, headers and value together: bytes, 64 KiB to 512 MiB, 1,048,588 by default as
    /// Kafka's. Dead-letter topics take 64 KiB more: a dead letter is its record and the reason.
    /// </summary>
    [Range(64 << 10, 512 << 20)]
    public int MaxRecordBytes { get; set; } = 1_048_588;

    /// <summary>The pause after a consumer's call threw, before it is made again: 0 to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ConsumerPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Recent events of a partition that are kept in memory, so that a consumer that keeps up never reads from disk: bytes, 0 to 1 GiB.
    /// </summary>
    [Range(0, 1 << 30)]
    public int TailBytes { get; set; } = 4 << 20;

    /// <summary>Messages whose state is kept in memory, the most recent ones; about half a kilobyte each. 0 to 10 million.</summary>
    [Range(0, 10_000_000)]
    public int CachedStates { get; set; } = 50_000;
}
