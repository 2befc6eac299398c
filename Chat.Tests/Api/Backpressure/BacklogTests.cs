using Chat.Api.Backpressure;

namespace Chat.Tests.Api.Backpressure;

/// <summary>How long an event waits for the workers, by what the log says of them.</summary>
public sealed class BacklogTests
{
    private readonly Backlog _backlog = new();

    [Fact]
    public void Workers_that_keep_up_make_nobody_wait()
    {
        Assert.Equal(0, Wait(0, done: 0, end: 0));
        Assert.Equal(0, Wait(1, done: 100, end: 100));
        // A batch is under way at each look.
        Assert.Equal(0, Wait(2, done: 190, end: 200));
        Assert.Equal(0, Wait(3, done: 290, end: 300));
    }

    [Fact]
    public void What_is_committed_late_is_no_backlog()
    {
        Wait(0, done: 0, end: 0);
        // All is done at once, and committed 1.5 s later.
        Wait(1, done: 0, end: 100);
        Wait(2, done: 50, end: 200);
        for (var second = 3; second < 30; second++)
            Assert.Equal(new(TimeSpan.Zero, 1, IsBusy: false), _backlog.Note(second, (second * 100) - 150, second * 100));
    }

    [Fact]
    public void Of_two_groups_the_waits_add_up_and_the_busy_one_says_what_can_be_done()
    {
        var busy = new BacklogLook(TimeSpan.FromSeconds(3), 1.5, IsBusy: true);
        var idle = new BacklogLook(TimeSpan.Zero, 0.9, IsBusy: false);

        Assert.Equal(busy, busy.Then(idle));
        Assert.Equal(busy, idle.Then(busy));
        Assert.Equal(new(TimeSpan.FromSeconds(6), 1.2, IsBusy: true), busy.Then(busy with { Keeps = 1.2 }));
    }

    [Fact]
    public void A_burst_after_little_is_no_backlog_yet()
    {
        Wait(0, done: 0, end: 0);
        Wait(1, done: 5, end: 5);

        // 1000 came in the last second, and 5 more were done: by that speed they would take 200 s.
        Assert.Equal(0, Wait(2, done: 10, end: 1005));
    }

    [Fact]
    public void Of_workers_that_always_have_something_to_do_it_is_known_what_they_can_do()
    {
        for (var second = 0; second < 30; second++) Wait(second, done: second * 100, end: second * 200);

        var look = _backlog.Note(30, done: 3000, end: 6000);

        Assert.Equal(new(TimeSpan.FromSeconds(30), 0.5, IsBusy: true), look);
    }

    [Fact]
    public void An_outage_is_no_overload_and_what_it_left_counts_by_the_time_that_it_takes()
    {
        Wait(0, done: 100, end: 100);
        Wait(1, done: 100, end: 100);
        for (var second = 2; second <= 600; second++) Assert.Equal(0, Wait(second, done: 100, end: 100 + (second * 10)));

        // 4600 are left, and 1500 were done in a second.
        Assert.Equal(3, Wait(601, done: 1600, end: 6100));
    }

    [Fact]
    public void Of_workers_that_never_did_anything_nothing_is_known()
    {
        for (var second = 0; second < 100; second++) Assert.Equal(0, Wait(second, done: 0, end: second * 1000));
    }

    [Fact]
    public void A_wait_is_over_once_everything_is_done_and_where_nobody_looked()
    {
        Wait(0, done: 0, end: 1000);
        Assert.Equal(19, Wait(1, done: 100, end: 2000));
        Assert.Equal(0, Wait(2, done: 2000, end: 2000));

        Wait(3, done: 2100, end: 4000);
        Wait(4, done: 2150, end: 4000);
        Assert.NotEqual(0, Wait(5, done: 2200, end: 4000));
        _backlog.Forget();
        Assert.Equal(0, Wait(3600, done: 4000, end: 9000));
    }

    private double Wait(double at, long done, long end) => _backlog.Note(at, done, end).Wait.TotalSeconds;
}
