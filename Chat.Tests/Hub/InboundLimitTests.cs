using Chat.Api.Hub.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Hub;

public sealed class InboundLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Frames_when_at_once_are_let_through_up_to_the_burst()
    {
        var limit = new InboundLimit(burst: 3, perSecond: 10, _time);

        Assert.Equal(3, Taken(limit, 20));
    }

    [Fact]
    public void Frames_when_the_burst_is_used_up_come_at_the_rate()
    {
        var limit = new InboundLimit(burst: 3, perSecond: 10, _time);
        Taken(limit, 3);

        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(0, Taken(limit, 20));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Taken(limit, 20));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(2, Taken(limit, 20));
    }

    [Fact]
    public void A_pause_when_long_brings_back_no_more_than_the_burst()
    {
        var limit = new InboundLimit(burst: 3, perSecond: 10, _time);
        Taken(limit, 3);

        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(3, Taken(limit, 20));
    }

    [Fact]
    public void Frames_when_watched_for_long_keep_to_the_rate()
    {
        var limit = new InboundLimit(burst: 10, perSecond: 100, _time);
        var taken = 0;

        for (var step = 0; step < 1000; step++)
        {
            taken += Taken(limit, 3);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(taken, 1000, 1010);
    }

    private static int Taken(InboundLimit limit, int tries) => Enumerable.Range(0, tries).Count(_ => limit.TryTake());
}
