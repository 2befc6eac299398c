namespace Chat.Core;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int TryFailed = 1000;
    public const int EventRefused = 1001;
    public const int EventFailed = 1002;
    public const int ReleaseRefused = 1003;
    public const int EventsLost = 1004;
    public const int EpochConflict = 1005;
    public const int ManyEpochs = 1006;
    public const int AccountFault = 1007;
    public const int AccountNeedsAttention = 1008;
    public const int AccountWorks = 1009;
}
