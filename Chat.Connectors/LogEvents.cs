namespace Chat.Connectors;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int MessageSent = 4000;
    public const int DeadLettered = 4001;
    public const int MessageSentId = 4002;

    public const int CallbackAnswered = 4100;
    public const int CallbackFailed = 4101;
    public const int CallbacksDropped = 4102;
    public const int CallbackAddressUnknown = 4103;
}
