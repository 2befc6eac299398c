using Chat.Api.Hub;
using Chat.Api.Operations;
using Chat.Api.Operations.Live;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Api.Operations;

/// <summary>The figures of the last minute, from the instruments' own measurements.</summary>
public sealed class LiveFiguresTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private readonly TestMeters _meters = new();
    private readonly LiveFigures _figures;
    private readonly HubMetrics _hub;

    public LiveFiguresTests()
    {
        _figures = new(_meters, _time, Options.Create(new OperationsOptions()));
        _figures.Listen();
        _hub = new(_meters);
    }

    public void Dispose()
    {
        _figures.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void A_rate_is_over_ten_seconds_and_each_second_of_the_last_minute_has_its_own()
    {
        for (var second = 1; second <= 70; second++)
        {
            _hub.Delivered(second);
            Pass(TimeSpan.FromSeconds(1));
        }

        var ticks = _figures.View().Ticks;

        Assert.Equal(Enumerable.Range(11, 60).Select(s => (double)s), ticks.Seconds);
        Assert.Equal(65.5, ticks.PerSecond);
    }

    [Fact]
    public void A_second_that_was_noted_late_is_divided_by_the_time_that_it_took()
    {
        _hub.Delivered(10);
        Pass(TimeSpan.FromSeconds(4));

        Assert.Equal([2.5], _figures.View().Ticks.Seconds);
    }

    [Fact]
    public void What_is_open_is_as_of_now_and_what_happened_of_the_last_minute()
    {
        _hub.ConnectionOpened();
        _hub.ConnectionOpened();
        _hub.ConnectionClosed();
        _hub.RepairStarted("gap");
        Pass(TimeSpan.FromSeconds(1));
        var view = _figures.View();
        Assert.Equal((1L, 1L), (view.Sockets, view.LastMinute.Repairs));

        for (var i = 0; i < 61; i++) Pass(TimeSpan.FromSeconds(1));

        Assert.Equal((1L, 0L), (_figures.View().Sockets, _figures.View().LastMinute.Repairs));
    }

    [Fact]
    public void Percentiles_are_at_most_a_fifth_off_and_nothing_where_nothing_came()
    {
        Assert.Equal(new LatencyView(0, null, null, null), _figures.View().EventToSocket);
        for (var i = 1; i <= 1000; i++) _hub.ReachedSockets(TimeSpan.FromMilliseconds(i));
        _hub.ReachedSockets(TimeSpan.Zero);
        _hub.ReachedSockets(TimeSpan.FromDays(1));
        Pass(TimeSpan.FromSeconds(1));

        var latency = _figures.View().EventToSocket;

        Assert.Equal(1002, latency.Count);
        Assert.InRange(latency.P50!.Value, 400, 600);
        Assert.InRange(latency.P90!.Value, 720, 1080);
        Assert.InRange(latency.P99!.Value, 790, 1190);
    }

    [Fact]
    public void Meters_of_another_host_in_this_process_are_not_in_it()
    {
        using var others = new TestMeters();
        new HubMetrics(others).ConnectionOpened();

        Assert.Equal(0, _figures.View().Sockets);
        Assert.Null(_figures.Audit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Switched_off_it_listens_to_nothing(bool enabled)
    {
        using var figures = new LiveFigures(_meters, _time, Options.Create(new OperationsOptions { Enabled = enabled }));
        await figures.StartAsync(TestContext.Current.CancellationToken);
        figures.Note();

        _hub.Delivered(5);
        _time.Advance(TimeSpan.FromSeconds(1));
        figures.Note();

        Assert.Equal(enabled, figures.View().Ticks.Seconds.Sum() > 0);
        await figures.StopAsync(TestContext.Current.CancellationToken);
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _figures.Note();
    }
}
