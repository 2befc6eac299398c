using Chat.Api.Hub;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Hub;

/// <summary>What is made of what clients say they have shown.</summary>
public sealed class ShownReportsTests : IDisposable
{
    private const string Metric = "chat.tick.shown.duration";

    private static readonly Guid User = Guid.NewGuid();
    private static readonly Guid Conversation = Guid.NewGuid();

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 21, 0, 0, TimeSpan.Zero));
    private readonly TestMeters _meters = new();
    private readonly ShownReports _reports;

    public ShownReportsTests() => _reports = new(burst: 3, perSecond: 1, new HubMetrics(_meters), _time);

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void Wait_is_from_the_event_to_when_it_was_shown()
    {
        Take(Status(seconds: 7, ago: 2));

        Assert.Equal(5, _meters[Metric], 0.001);
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(3601, 0)]
    [InlineData(3600, 3600)]
    [InlineData(-100_000, 0)]
    [InlineData(60_000_000_000, 0)]
    public void Nobody_waited_less_than_no_time_or_more_than_an_hour(long seconds, double expected)
    {
        Take(Status(seconds));

        Assert.Equal(expected, _meters[Metric], 0.001);
    }

    [Fact]
    public void What_the_socket_does_not_watch_counts_for_nothing_and_costs_nothing()
    {
        Take([.. Enumerable.Range(0, 10).Select(_ => Status(1) with { ConversationId = Guid.NewGuid() }), Status(1)]);

        Assert.Equal(1, _meters[Metric], 0.001);
    }

    [Fact]
    public void A_user_says_so_a_limited_number_of_times_a_second()
    {
        Take([.. Enumerable.Range(0, 10).Select(_ => Status(1))]);
        Assert.Equal(3, _meters[Metric], 0.001);

        _time.Advance(TimeSpan.FromSeconds(1));
        Take([.. Enumerable.Range(0, 10).Select(_ => Status(1))]);
        Assert.Equal(4, _meters[Metric], 0.001);

        _reports.Take(Guid.NewGuid(), [Status(1)], _ => true);
        Assert.Equal(5, _meters[Metric], 0.001);
    }

    private ShownStatus Status(long seconds, int ago = 0) => new(
        Conversation, Guid.NewGuid(), _time.GetUtcNow().AddSeconds(-seconds), TimeSpan.FromSeconds(ago), null);

    private void Take(params ShownStatus[] statuses) => _reports.Take(User, statuses, id => id == Conversation);
}
