using Chat.Api.Auth;
using Chat.Api.Messages;
using Chat.Core.Limits;
using Chat.Core.Time;
using Chat.Tests.Hub;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Time;

/// <summary>
/// A wall clock that is set back by an hour locks nobody out, and one that is set forward lets nothing through: every limit and every
/// wait goes by the monotonic clock.
/// </summary>
public sealed class SetClockTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private static readonly ChatUser User = new(Guid.NewGuid(), Guid.NewGuid(), DateTimeOffset.MaxValue);

    private static readonly MessagesOptions Messages = new()
    {
        PostBurst = 10,
        PostsPerSecond = 1,
        NewConversationCost = 10,
        ReadBurst = 10,
        ReadsPerSecond = 1,
    };

    /// <summary>Each is used up or begun as it is made; what it answers with says whether the ten seconds are over.</summary>
    private static readonly Dictionary<string, Func<SettableClock, Func<bool>>> Waits = new()
    {
        ["a token bucket"] = time =>
        {
            var bucket = new TokenBucket(10, 1, time);
            bucket.TryTake(10, out _);
            return () => bucket.TryTake(10, out _);
        },
        ["a bucket that lends"] = time =>
        {
            var buckets = new TokenBuckets<Guid>(1, 1, time);
            buckets.TryTake(User.UserId, 1, out _);
            var turn = buckets.TakeAsync(User.UserId, 10, TestContext.Current.CancellationToken).AsTask();
            return () => turn.IsCompleted;
        },
        ["posts"] = time =>
        {
            var limit = new PostLimit(Options.Create(Messages), time);
            // Ten at once, and one on credit.
            for (var i = 0; i < 10; i++) limit.Take(User.UserId);
            limit.ChargeConversation(User.UserId);
            return () => limit.Take(User.UserId) is null;
        },
        ["reads"] = time =>
        {
            var limit = new ReadLimit(Options.Create(Messages), time);
            limit.Take(User, 10);
            return () => limit.Take(User, 10) is null;
        },
        ["a countdown"] = time =>
        {
            var countdown = new Countdown(Wait, time);
            return () => countdown.Left == TimeSpan.Zero;
        },
        ["a token's expiry on an open socket"] = time =>
        {
            var sink = new RecordedFrames();
            var session = new FeedFixture(time: time).Sessions().Open("c1", User with { ExpiresAt = time.GetUtcNow() + Wait }, sink);
            return () =>
            {
                session.CloseIfExpired();
                return sink.Closed is not null;
            };
        },
        ["a retry"] = time =>
        {
            var tries = 0;
            _ = new RetryForever(time) { FirstPause = Wait, LongestPause = Wait }.RunAsync(
                NullLogger.Instance,
                "try",
                "it",
                _ => ++tries == 1 ? throw new IOException() : ValueTask.FromResult(true),
                TestContext.Current.CancellationToken);
            return () => tries > 1;
        },
    };

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var name in Waits.Keys)
            {
                cases.Add(name, -1);
                cases.Add(name, 1);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wait_ends_when_its_time_is_over_whatever_the_wall_clock_shows(string name, int hours)
    {
        var time = new SettableClock();
        var isOver = Waits[name](time);

        time.Off = TimeSpan.FromHours(hours);
        Assert.False(isOver(), "The wall clock was set, and it was over.");
        time.Advance(Wait - TimeSpan.FromSeconds(1));
        time.Off = -time.Off;
        Assert.False(isOver(), "It was over too soon.");
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.True(isOver(), "It was not over when its time was.");
    }

    [Fact]
    public void What_gives_up_or_deletes_never_takes_time_for_passed_that_has_not()
    {
        var time = new SettableClock();
        var clock = new CautiousClock(time);
        var start = clock.UtcNow;

        time.Advance(Wait);
        Assert.Equal(start + Wait, clock.UtcNow);
        time.Off = TimeSpan.FromHours(1);
        Assert.Equal(start + Wait, clock.UtcNow);
        time.Off = TimeSpan.FromHours(-1);
        Assert.Equal(start + Wait - TimeSpan.FromHours(1), clock.UtcNow);
        time.Off = TimeSpan.Zero;
        time.Advance(Wait);
        Assert.Equal(start + (2 * Wait), clock.UtcNow);
    }
}
