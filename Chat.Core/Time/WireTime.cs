using System.Globalization;

namespace Chat.Core.Time;

/// <summary>Times on every wire: ISO 8601 in UTC with milliseconds, <c>2025-01-15T10:30:10.000Z</c>.</summary>
public static class WireTime
{
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time as every engine and wire keeps it: UTC, whole milliseconds.</summary>
    public static DateTimeOffset TruncateToMilliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
