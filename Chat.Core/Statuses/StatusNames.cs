namespace Chat.Core.Statuses;

/// <summary>The names of statuses on every wire: upper-case English, as the seed's frames have them.</summary>
public static class StatusNames
{
    public const string Accepted = "ACCEPTED";
    public const string Sent = "SENT";
    public const string Delivered = "DELIVERED";
    public const string Read = "READ";
    public const string Failed = "FAILED";

    /// <summary>The name of a derived status.</summary>
    public static string Format(MessageStatus status) => status switch
    {
        MessageStatus.Accepted => Accepted,
        MessageStatus.Sent => Sent,
        MessageStatus.Delivered => Delivered,
        MessageStatus.Read => Read,
        MessageStatus.Failed => Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    /// <summary>The name of a fact.</summary>
    public static string Format(StatusKind kind) => Format((MessageStatus)kind);

    /// <summary>Reads the name of a fact, in any case. ACCEPTED is no fact: nobody reports it.</summary>
    public static StatusKind? ParseKind(string? name) => name?.ToUpperInvariant() switch
    {
        Sent => StatusKind.Sent,
        Delivered => StatusKind.Delivered,
        Read => StatusKind.Read,
        Failed => StatusKind.Failed,
        _ => null,
    };
}
