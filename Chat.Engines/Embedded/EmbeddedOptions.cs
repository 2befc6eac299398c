namespace Chat.Engines.Embedded;

/// <summary>Configuration section <c>Embedded</c>: the engines that need no server.</summary>
public sealed class EmbeddedOptions
{
    public const string Section = "Embedded";

    /// <summary>The setting that chooses the embedded engines, as errors name it.</summary>
    public const string DataFolderSetting = "Embedded:DataFolder";

    /// <summary>Where everything is kept; made where it isn't there. One process at a time uses it.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>The partitions of a topic that is made from now on; one that is there keeps the count it was made with.</summary>
    public int Partitions { get; set; } = 4;

    /// <summary>How long the log keeps events; those that a known group has not committed yet are kept longer.</summary>
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a group that nobody is a member of is known, and so holds back what it has not committed.</summary>
    public TimeSpan GroupExpiry { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the store keeps status changes, and with them the way to resume without a snapshot.</summary>
    public TimeSpan ChangeRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often retention is seen to; the first time after one interval.</summary>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a consumer's call that threw rests before it is made again.</summary>
    public TimeSpan ConsumerPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Recent events of a partition that are kept in memory, so that who reads along never reads from disk; bytes.</summary>
    public int TailBytes { get; set; } = 4 << 20;

    /// <summary>Messages whose state is kept in memory, the most recent ones; about half a kilobyte each.</summary>
    public int CachedStates { get; set; } = 50_000;
}
