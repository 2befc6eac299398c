namespace Chat.Engines.Redis;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int SubscribeFailed = 6200;
    public const int ConnectionLost = 6201;
    public const int ConnectionRestored = 6202;
    public const int HandlerFailed = 6203;
    public const int NotReady = 6204;
    public const int NotConnected = 6205;
    public const int PayloadTooLarge = 6206;
}
