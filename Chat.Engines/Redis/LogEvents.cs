namespace Chat.Engines.Redis;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int SubscribeFailed = 7000;
    public const int ConnectionLost = 7001;
    public const int ConnectionRestored = 7002;
    public const int HandlerFailed = 7003;
}
