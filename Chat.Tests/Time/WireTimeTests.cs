using System.Globalization;
using System.Text;
using Chat.Core.Time;

namespace Chat.Tests.Time;

public sealed class WireTimeTests
{
    public static TheoryData<DateTimeOffset> Times =>
    [
        new DateTimeOffset(2025, 1, 15, 10, 30, 10, TimeSpan.Zero),
        new DateTimeOffset(2025, 1, 15, 10, 30, 10, 999, TimeSpan.Zero).AddTicks(9_999),
        new DateTimeOffset(2025, 1, 15, 23, 30, 10, 7, TimeSpan.FromHours(-3)),
        new DateTimeOffset(1970, 1, 1, 0, 0, 0, 1, TimeSpan.Zero),
        DateTimeOffset.MinValue,
        DateTimeOffset.MaxValue,
    ];

    [Theory]
    [MemberData(nameof(Times))]
    public void A_time_is_written_in_UTC_with_milliseconds_cut_off(DateTimeOffset time)
    {
        var expected = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        Span<byte> utf8 = stackalloc byte[WireTime.Length];
        WireTime.Write(time, utf8);

        Assert.Equal(expected, WireTime.Format(time));
        Assert.Equal(expected, Encoding.ASCII.GetString(utf8));
    }
}
