namespace Chat.MetaSimulator;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int WebhookNotTaken = 7000;
    public const int WebhookNotSent = 7001;
    public const int WebhookNotWritten = 7002;
    public const int LinkNotFetched = 7003;
}
