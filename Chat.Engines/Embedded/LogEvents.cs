namespace Chat.Engines.Embedded;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int SubscriberFailed = 6000;
    public const int ConsumerFailed = 6001;
    public const int ConsumerReturned = 6002;
    public const int CommitsNotSaved = 6003;
    public const int GroupExpired = 6004;
    public const int RetentionDeleted = 6005;
    public const int RetentionFailed = 6006;
    public const int FilesTightened = 6010;
    public const int FilesNotTightened = 6011;
}
