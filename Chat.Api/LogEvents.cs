namespace Chat.Api;

/// <summary>
/// The ids of this project's log messages, each once: filters and alerts rely on them, so the number of one that is gone is not
/// used again.
/// </summary>
internal static class LogEvents
{
    public const int SocketOpened = 2000;
    public const int SocketClosed = 2001;
    public const int SocketRefused = 2002;
    public const int TokenRefused = 2003;
    public const int TokenCheckFailed = 2004;
    public const int BusPayloadUnreadable = 2005;
    public const int BusConnectionRestored = 2006;
    public const int EngineUnavailable = 2007;
    public const int RequestFailed = 2008;
}
