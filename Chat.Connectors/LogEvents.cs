namespace Chat.Connectors;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int MessageSent = 5000;
    public const int DeadLettered = 5001;

    public const int CallbackAnswered = 5100;
    public const int CallbackFailed = 5101;
    public const int CallbacksDropped = 5102;
    public const int CallbackAddressUnknown = 5103;
}
