using Chat.Api.Messages;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Api;

public sealed class PostLimitTests
{
    private static readonly Guid One = Guid.Parse("11111111-0000-0000-0000-000000000000");
    private static readonly Guid Two = Guid.Parse("22222222-0000-0000-0000-000000000000");

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_goes_through_and_then_the_rate_does()
    {
        var limit = Limit(perSecond: 10, burst: 3);

        Assert.Equal(3, Taken(limit, One, tries: 20));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, Taken(limit, One, tries: 20));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(3, Taken(limit, One, tries: 20));
    }

    [Fact]
    public void Whoever_waits_as_told_goes_through()
    {
        var limit = Limit(perSecond: 4, burst: 1);
        Assert.Null(limit.Take(One));

        var wait = limit.Take(One);

        Assert.Equal(TimeSpan.FromMilliseconds(250), wait);
        _time.Advance(wait!.Value);
        Assert.Null(limit.Take(One));
    }

    [Fact]
    public void One_organization_does_not_use_up_anothers()
    {
        var limit = Limit(perSecond: 1, burst: 1);

        Assert.Null(limit.Take(One));
        Assert.NotNull(limit.Take(One));
        Assert.Null(limit.Take(Two));
    }

    [Fact]
    public void Over_a_long_time_the_rate_is_kept_to()
    {
        var limit = Limit(perSecond: 100, burst: 10);
        var taken = 0;

        for (var step = 0; step < 1000; step++)
        {
            taken += Taken(limit, One, tries: 3);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(taken, 1000, 1010);
    }

    [Fact]
    public void Zero_is_no_limit() => Assert.Equal(10_000, Taken(Limit(perSecond: 0, burst: 1), One, tries: 10_000));

    private PostLimit Limit(int perSecond, int burst) =>
        new(Options.Create(new MessagesOptions { PostsPerSecond = perSecond, PostBurst = burst }), _time);

    private static int Taken(PostLimit limit, Guid organization, int tries) => Enumerable.Range(0, tries).Count(_ => limit.Take(organization) is null);
}
