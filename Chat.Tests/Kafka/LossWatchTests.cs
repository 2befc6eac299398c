using Chat.Core.Log;
using Chat.Engines.Kafka.Members;
using Chat.Tests.Compliance;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Kafka;

public sealed class LossWatchTests : IDisposable
{
    private readonly ConsumerGroup _group = new($"group.{Guid.NewGuid():N}", "topic");
    private readonly Offsets _offsets = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LostEvents _lost;
    private readonly LossWatch _watch;

    public LossWatchTests()
    {
        _lost = new(_group);
        _watch = new(_group, _offsets, _time, NullLogger.Instance);
    }

    public void Dispose() => _lost.Dispose();

    [Fact]
    public void What_went_before_the_assignment_counts_once()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (10, 25);

        _watch.Assigned([0]);
        _watch.Fetched(0, 25);

        Assert.Equal(15, _lost.Count);
    }

    [Fact]
    public void What_went_before_the_assignment_is_not_counted_again_by_the_next_member()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (10, 25);
        _watch.Assigned([0]);

        new LossWatch(_group, _offsets, _time, NullLogger.Instance).Assigned([0]);

        Assert.Equal(15, _lost.Count);
        Assert.Equal(25, _offsets.CommittedOffset);
    }

    [Fact]
    public void What_goes_while_the_member_lags_counts_once()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (10, 0);
        _watch.Assigned([0]);
        _watch.Fetched(0, 10);

        _offsets.StartOffset = 40;
        _watch.Fetched(0, 40);
        _watch.Fetched(0, 41);

        Assert.Equal(29, _lost.Count);
    }

    [Fact]
    public void Two_partitions_that_lose_something_in_one_second_are_both_counted()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (10, 0);
        _watch.Assigned([0, 1]);
        _offsets.StartOffset = 40;

        _watch.Fetched(0, 40);
        _watch.Fetched(1, 20);

        Assert.Equal(40, _lost.Count);
    }

    [Fact]
    public void A_jump_soon_after_another_one_is_asked_about_later_or_when_the_partition_goes()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (10, 0);
        _watch.Assigned([0, 1]);
        foreach (var partition in (int[])[0, 1]) _watch.Fetched(partition, 12);
        _offsets.StartOffset = 40;
        foreach (var partition in (int[])[0, 1]) _watch.Fetched(partition, 40);
        _watch.Look();
        Assert.Equal(0, _lost.Count);

        _watch.Revoked([1]);
        Assert.Equal(27, _lost.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        _watch.Look();
        _watch.Look();

        Assert.Equal(54, _lost.Count);
    }

    [Fact]
    public void What_comes_again_after_a_loss_is_not_counted_twice()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (10, 25);
        _watch.Assigned([0]);
        _watch.Fetched(0, 25);
        _watch.Rewound(0, 10);
        _watch.Fetched(0, 25);
        _watch.Assigned([0]);
        _time.Advance(TimeSpan.FromSeconds(1));
        _watch.Look();

        Assert.Equal(15, _lost.Count);
    }

    [Fact]
    public void A_hole_in_the_offsets_is_no_loss()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (10, 5);
        _watch.Assigned([0]);

        _watch.Fetched(0, 12);
        _time.Advance(TimeSpan.FromMinutes(1));
        _watch.Fetched(0, 20);
        _watch.Rewound(0, 12);
        _watch.Fetched(0, 12);

        Assert.Equal(0, _lost.Count);
    }

    [Fact]
    public void A_group_that_committed_nothing_has_lost_nothing_of_what_went_before_it()
    {
        (_offsets.CommittedOffset, _offsets.StartOffset) = (-1001, 25);
        _watch.Assigned([0]);
        _watch.Fetched(0, 25);
        Assert.Equal(0, _lost.Count);

        _offsets.StartOffset = 30;
        _watch.Fetched(0, 30);

        Assert.Equal(4, _lost.Count);
    }

    [Fact]
    public void Brokers_that_do_not_answer_end_nothing()
    {
        _offsets.Error = new KafkaException(ErrorCode.Local_TimedOut);

        _watch.Assigned([0]);
        _watch.Fetched(0, 5);
        _watch.Fetched(0, 9);

        Assert.Equal(0, _lost.Count);
    }

    private sealed class Offsets : ILossOffsets
    {
        public long CommittedOffset { get; set; }

        public long StartOffset { get; set; }

        public KafkaException? Error { get; set; }

        public IReadOnlyList<(int Partition, long Offset)> Committed(IReadOnlyList<int> partitions) =>
            Error is null ? [.. partitions.Select(p => (p, CommittedOffset))] : throw Error;

        public void Commit(IEnumerable<(int Partition, long NextOffset)> offsets) => CommittedOffset = offsets.Single().NextOffset;

        public long Start(int partition) => Error is null ? StartOffset : throw Error;
    }
}
