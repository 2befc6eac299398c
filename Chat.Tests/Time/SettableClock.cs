using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Time;

/// <summary>A fake clock whose wall time can be set, as by an operator or by NTP, while time itself goes on as before.</summary>
internal sealed class SettableClock : FakeTimeProvider
{
    public SettableClock()
        : base(new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero))
    {
    }

    public SettableClock(DateTimeOffset start)
        : base(start)
    {
    }

    /// <summary>How far the wall clock was set; negative: back.</summary>
    public TimeSpan Off { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Off;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
