using Chat.Core.Ids;
using Chat.Core.Log;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Log;

public sealed class NumberTests
{
    [Theory]
    [InlineData(0, 0L, 0L)]
    [InlineData(1, 0L, 1L << 40)]
    [InlineData(1, 5L, (1L << 40) + 5)]
    [InlineData(8191, (1L << 40) - 1, (1L << 53) - 1)]
    public void A_number_is_epoch_and_offset(int epoch, long offset, long seq)
    {
        Assert.Equal(seq, SequenceNumber.Create(epoch, offset));
        Assert.Equal(epoch, SequenceNumber.Epoch(seq));
        Assert.Equal(offset, SequenceNumber.Offset(seq));
    }

    [Theory]
    [InlineData(-1, 0L)]
    [InlineData(8192, 0L)]
    [InlineData(0, -1L)]
    [InlineData(0, 1L << 40)]
    public void What_does_not_fit_a_number_is_refused(int epoch, long offset) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SequenceNumber.Create(epoch, offset));

    [Fact]
    public void Numbers_in_partitions_are_no_changes_numbers_differ_by_partition_and_read_as_what_they_are_made_of()
    {
        var highest = SequenceNumber.Create(SequenceNumber.MaxEpoch, (1L << SequenceNumber.OffsetBits) - 1);
        Assert.Equal((1L << 53) - 1, highest);
        Assert.Equal(SequenceNumber.Max, highest);
        foreach (var seq in (long[])[0, SequenceNumber.Create(2, 5), highest])
        {
            var numbers = Enumerable.Range(0, 1023).Select(p => SequenceNumber.InPartition(p, seq)).ToList();
            Assert.Equal(1023, numbers.Distinct().Count());
            Assert.All(numbers, n => Assert.True(n > SequenceNumber.Max));
            Assert.All(numbers, n => Assert.Equal(
                (SequenceNumber.Epoch(seq), SequenceNumber.Offset(seq)), (SequenceNumber.Epoch(n), SequenceNumber.Offset(n))));
            Assert.Equal(numbers[0], SequenceNumber.InPartition(1023, seq));
        }
    }

    // From the test of Kafka's own client, UtilsTest.testMurmur2.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Keys_hash_as_in_Kafkas_client(string key, int hash) =>
        Assert.Equal(hash, (int)Murmur2Partitioner.Hash(System.Text.Encoding.UTF8.GetBytes(key)));

    /// <summary>
    /// The hash without its sign, as <c>Utils.toPositive</c>: of a negative one the remainder alone would be another partition.
    /// </summary>
    [Theory]
    [InlineData("21", 3, 0)]
    [InlineData("21", 12, 0)]
    [InlineData("foobar", 3, 0)]
    [InlineData("foobar", 12, 6)]
    [InlineData("a-little-bit-long-string", 3, 2)]
    [InlineData("a-little-bit-long-string", 12, 8)]
    [InlineData("abc", 12, 3)]
    public void Keys_have_the_partition_that_Kafkas_client_gives_them(string key, int partitions, int partition) =>
        Assert.Equal(partition, Murmur2Partitioner.PartitionOf(key, partitions));

    [Fact]
    public void Every_partition_of_a_key_is_one_that_exists()
    {
        foreach (var partitions in (int[])[1, 3, 4, 12])
        {
            var hit = Enumerable.Range(0, 1000).Select(i => Murmur2Partitioner.PartitionOf($"key {i}", partitions)).ToHashSet();
            Assert.Equal(Enumerable.Range(0, partitions), hit.Order());
        }
    }

    [Fact]
    public void A_message_id_carries_its_creation_time_and_rises_with_it()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 7, 0, 0, 123, TimeSpan.Zero));
        var ids = new IdSource(time);
        var first = ids.Next();
        Assert.Equal(7, first.Version);
        Assert.Equal(0x8, first.Variant & 0xC);
        Assert.Equal(time.GetUtcNow(), MessageIds.CreatedAt(first));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(string.CompareOrdinal(first.ToString(), ids.Next().ToString()) < 0);
        Assert.Null(MessageIds.CreatedAt(Guid.Parse("123e4567-e89b-12d3-a456-426614174000")));
    }
}
