namespace Chat.Api;

/// <summary>
/// The ids of this project's log messages, each once: filters and alerts rely on them, so the number of one that is gone is not
/// used again.
/// </summary>
internal static class LogEvents
{
    public const int SocketOpened = 5000;
    public const int SocketClosed = 5001;
    public const int SocketRefused = 5002;
    public const int TokenRefused = 5003;
    public const int TokenCheckFailed = 5004;
    public const int BusPayloadUnreadable = 5005;
    public const int BusConnectionRestored = 5006;
    public const int EngineUnavailable = 5007;
    public const int RequestFailed = 5008;
    public const int EngineRefused = 5009;
    public const int RevokedSocketsClosed = 5010;
    public const int RevocationsUnread = 5011;
    public const int HeadsUnread = 5020;
    public const int BusUnsubscribeFailed = 5021;
    public const int SubscribeFailed = 5022;
    public const int AcceptFailed = 5023;
    public const int ConnectionFailed = 5024;
    public const int DeadLetterPutBack = 5030;
    public const int OperationsUnknown = 5031;
    public const int AccountConnected = 5060;
    public const int AccountChanged = 5061;
    public const int AccountRemoved = 5062;
    public const int PostsLimited = 5040;
    public const int PostsUnlimited = 5041;
    public const int BacklogUnknown = 5042;
}
