using Chat.Api.Backpressure;

namespace Chat.Tests.Api.Backpressure;

/// <summary>How many posts are let through while the workers can't keep up.</summary>
public sealed class PostRateTests
{
    private const double Bound = 10;
    private const double Calm = 10;

    private readonly PostRate _rate = new(TimeSpan.FromSeconds(Bound));

    [Fact]
    public void Nothing_is_refused_up_to_the_bound()
    {
        Assert.Null(Next(0, 1, (100, 100)));
        Assert.Null(Next(Bound, 0.5, (1_000_000, 1_000_000)));
        Assert.False(_rate.IsLimiting);
    }

    [Fact]
    public void Workers_that_make_up_for_an_outage_refuse_nothing()
    {
        Assert.Null(Next(Bound * 6, 4, (100, 100)));
        Assert.Null(Next(Bound * 3, 1, (100, 100)));
        Assert.NotNull(Next(Bound * 3, 0.9, (100, 100)));
    }

    [Fact]
    public void Who_asks_for_no_more_than_its_share_is_refused_nothing()
    {
        // 1010 are twice of what can be done: 10 of one organization, 1000 of another. And the wait is too long by a tenth.
        var share = Next(Bound * 1.1, 0.5, (10, 10), (1000, 1000));

        Assert.Equal((505 * 0.4) - 10, share!.Value, 3);
    }

    [Fact]
    public void Equal_ones_share_equally() =>
        Assert.Equal(1000 * 0.4 / 4, Next(Bound * 1.1, 0.5, (500, 500), (500, 500), (500, 500), (500, 500))!.Value, 3);

    [Fact]
    public void Some_are_let_through_whatever_the_estimate_says()
    {
        for (var look = 0; look < 1000; look++) Assert.InRange(Next(3600, 0.01, (100, 0))!.Value, 10, 100);
    }

    [Fact]
    public void What_nobody_asks_for_any_more_is_no_limit()
    {
        Next(Bound * 2, 0.5, (1000, 1000));

        Assert.Null(Next(Bound / 4, 1, (20, 20)));
        Assert.False(_rate.IsLimiting);
    }

    /// <summary>Workers of some speed behind a queue, one look a second, for ten minutes of more posts than they can do.</summary>
    [Theory]
    [InlineData(50, 2, 0)]
    [InlineData(500, 2, 0)]
    [InlineData(2000, 2, 0.3)]
    [InlineData(500, 10, 0.3)]
    [InlineData(500, 1.1, 0.3)]
    public void Beyond_what_can_be_done_the_wait_is_bounded_the_workers_are_never_idle_and_a_calm_organization_meets_no_limit(
        int speed, double times, double noise)
    {
        var random = new Random(1);
        var backlog = new Backlog();
        double done = 0, end = 0, idle = 0, refusedOfCalm = 0;
        var waits = new List<double>();
        double? perSecond = null;
        for (var second = 0; second < 600; second++)
        {
            var now = speed * (1 + (noise * ((random.NextDouble() * 2) - 1)));
            var flood = Math.Min(times * speed, perSecond ?? double.MaxValue);
            var calm = Math.Min(Calm, perSecond ?? double.MaxValue);
            refusedOfCalm += Calm - calm;
            end += flood + calm;
            var did = Math.Min(end - done, now);
            if (second > 0) idle += now - did;
            done += did;
            waits.Add((end - done) / speed);
            var look = backlog.Note(second, (long)done, (long)end);
            perSecond = _rate.Next(look, [new((long)(times * speed), (long)flood), new((long)Calm, (long)calm)], seconds: 1);
        }

        // At ten times as much, the second in which it is noticed brings nine seconds of work.
        Assert.InRange(waits.Max(), Bound / 2, Bound + (times * 1.5));
        Assert.InRange(waits.Skip(60).Max(), Bound / 4, Bound);
        Assert.InRange(idle, 0, speed);
        Assert.Equal(0, refusedOfCalm, 6);
    }

    /// <summary>
    /// The same with two seconds for the bound, ten steps a second, and commits that come late: for five minutes too much, then six tenths
    /// of what can be done. A limit that takes what waits for its commit for work falls and falls, and stays.
    /// </summary>
    [Theory]
    [InlineData(1.1, 0)]
    [InlineData(2, 7)]
    [InlineData(2, 12)]
    [InlineData(2, 16)]
    [InlineData(10, 12)]
    public void Commits_that_come_late_starve_no_workers(double times, int stepsLate)
    {
        const double Speed = 500, Late = 300;
        var (rate, backlog, random) = (new PostRate(TimeSpan.FromSeconds(2)), new Backlog(), new Random(1));
        double done = 0, end = 0, idle = 0, asked = 0, admitted = 0;
        var (dones, waits) = (new List<double>(), new List<double>());
        double? perSecond = null;
        for (var step = 0; step < 4000; step++)
        {
            var isTooMuch = step < Late * 10;
            var ask = (isTooMuch ? times : 0.6) * Speed / 10;
            var let = Math.Min(ask, perSecond / 10 ?? double.MaxValue);
            (asked, admitted, end) = (asked + ask, admitted + let, end + let);
            var can = Speed / 10 * (0.7 + (0.6 * random.NextDouble()));
            var did = Math.Min(end - done, can);
            if (isTooMuch) idle += (can - did) / Speed;
            done += did;
            dones.Add(done);
            waits.Add((end - done) / Speed);
            if (step % 10 < 9) continue;
            var look = backlog.Note((step + 1) / 10.0, (long)(step < stepsLate ? 0 : dones[step - stepsLate]), (long)end);
            perSecond = rate.Next(look, [new((long)asked, (long)admitted)], seconds: 1);
            (asked, admitted) = (0, 0);
        }

        Assert.InRange(idle, 0, Late / 10);
        // Once what came before it was noticed is done.
        Assert.InRange(waits.Skip(300).Max(), 0, 4);
        Assert.Null(perSecond);
    }

    private double? Next(double wait, double keeps, params (long Asked, long Admitted)[] counts) => _rate.Next(
        new(TimeSpan.FromSeconds(wait), keeps, IsBusy: true), [.. counts.Select(c => new PostCount(c.Asked, c.Admitted))], seconds: 1);
}
