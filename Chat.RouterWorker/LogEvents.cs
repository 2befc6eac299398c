namespace Chat.RouterWorker;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int MessagesRouted = 2000;
}
