namespace Chat.Engines.Embedded;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int SubscriberFailed = 2000;
    public const int ConsumerFailed = 2001;
    public const int ConsumerReturned = 2002;
    public const int CommitsNotSaved = 2003;
    public const int GroupExpired = 2004;
    public const int RetentionDeleted = 2005;
    public const int RetentionFailed = 2006;
}
