namespace Chat.Core.Events;

/// <summary>
/// The bounds of an event's texts, from any producer: an event that was read fits, written again, into the log, into a key of the
/// store and into a frame.
/// </summary>
public static class EventLimits
{
    /// <summary>Of an event's JSON.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>How deep an event's JSON may be; it is read back inside a page.</summary>
    public const int MaxDepth = 32;

    /// <summary>In UTF-8. A longer reason is cut, and not refused.</summary>
    public const int MaxReasonBytes = 1024;

    /// <summary>
    /// Of a message's content: what <c>POST /v1/messages</c> takes, and as much again twice for another way of encoding it.
    /// </summary>
    public const int MaxContentBytes = 3 * 64 * 1024;

    // In UTF-16 code units.
    public const int MaxProviderMessageId = 512;
    public const int MaxChannel = 64;
    public const int MaxRecipient = 256;
    public const int MaxWord = 32;
    public const int MaxTimestamp = 64;
}
