using Chat.Core.Parking;
using Chat.StatusWorker.Parking;
using Chat.Tests.Audit;

namespace Chat.Tests.StatusWorker;

/// <summary>How many statuses wait for their message, as the gauge shows it.</summary>
public sealed class ParkedCounterTests : IDisposable
{
    private const string Gauge = "chat.status.parked.waiting";

    private readonly AuditFixture _chat = new();

    public void Dispose() => _chat.Dispose();

    [Fact]
    public async Task What_waits_is_counted_and_what_has_come_back_is_not()
    {
        // More than a page; the last ones by a clock that is ahead.
        var all = Enumerable.Range(0, 1_200)
            .Select(i => new ParkedStatus($"subject {i % 700}", i, "{}"u8.ToArray(), AuditFixture.Now.AddSeconds(i)))
            .ToList();
        await _chat.Store.Parked.ParkAsync(all, AuditFixture.Cancellation);
        await _chat.CountParkedAsync();
        Assert.Equal(1_200, _chat.Meters[Gauge]);

        _chat.Meters.Clear();
        await _chat.Store.Parked.UnparkAsync([.. all.Skip(5)], AuditFixture.Cancellation);
        await _chat.CountParkedAsync();
        Assert.Equal(5, _chat.Meters[Gauge]);
    }

    [Fact]
    public async Task Counting_ends_where_there_are_very_many()
    {
        var parked = new EndlessParked(stillWait: true);
        await _chat.CountParkedAsync(parked);

        Assert.Equal(ParkedCounter.MostCounted, _chat.Meters[Gauge]);
        Assert.Equal(ParkedCounter.MostCounted, parked.Read);
    }

    [Fact]
    public async Task Counting_ends_where_very_many_have_come_back_and_were_not_swept()
    {
        var parked = new EndlessParked(stillWait: false);
        await _chat.CountParkedAsync(parked);

        Assert.Equal(0, _chat.Meters[Gauge]);
        Assert.Equal(ParkedCounter.MostCounted, parked.Read);
    }

    [Fact]
    public async Task Only_the_worker_that_has_the_first_partition_counts_and_one_that_lost_it_tells_no_figure()
    {
        await _chat.Store.Parked.ParkAsync([new("subject", 1, "{}"u8.ToArray(), AuditFixture.Now)], AuditFixture.Cancellation);
        await _chat.CountParkedAsync();
        Assert.Equal(1, _chat.Meters[Gauge]);

        _chat.Meters.Clear();
        _chat.Owned.Remove(0);
        _chat.Owned.Add(1);
        var parked = new EndlessParked(stillWait: true);
        await _chat.CountParkedAsync(parked);
        Assert.Equal((0, 0), (_chat.Meters[Gauge], parked.Read));
    }

    /// <summary>Each page is full, as the store reads it, and none is the last.</summary>
    /// <param name="stillWait">Whether a page has what was read for it, or all of that has come back.</param>
    private sealed class EndlessParked(bool stillWait) : IParkedStore
    {
        public int Read { get; private set; }

        public ValueTask<ParkedPage> ListParkedBeforeAsync(
            DateTimeOffset before, ParkedPlace? after, int limit, CancellationToken cancellationToken)
        {
            var page = Enumerable.Range(Read, limit)
                .Select(i => new ParkedStatus("subject", i, "{}"u8.ToArray(), AuditFixture.Now))
                .ToList();
            Read += limit;
            var read = ParkedPage.Of(page, before, limit);
            return new(stillWait ? read : read with { Statuses = [] });
        }

        public ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
            IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask TidyParkedAsync(ParkedPlace through, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
