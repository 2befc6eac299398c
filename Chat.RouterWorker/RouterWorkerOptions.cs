namespace Chat.RouterWorker;

/// <summary>Configuration section <c>RouterWorker</c>.</summary>
public sealed class RouterWorkerOptions
{
    public const string Section = "RouterWorker";

    /// <summary>The consumer group.</summary>
    public string Group { get; set; } = "router-worker";

    /// <summary>Messages taken, written and handed on together.</summary>
    public int BatchSize { get; set; } = 500;
}
