using System.Net;
using Cassandra;
using Chat.Engines.Cassandra.Connection;
using Chat.Engines.Cassandra.Tables;

namespace Chat.Tests.Compliance.Cassandra;

/// <summary>Reading what the server does not read in one piece.</summary>
public sealed class HalvesTests
{
    private readonly List<(long First, long Last)> _reads = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_can_be_read_at_once_is_one_read()
    {
        Assert.Equal([3, 4, 5], await ReadAsync(3, 5, most: 3));
        Assert.Equal([(3, 5)], _reads);
    }

    [Theory]
    [InlineData(0, 99, 1)]
    [InlineData(0, 99, 7)]
    [InlineData(-50, 50, 3)]
    [InlineData(long.MaxValue - 9, long.MaxValue, 2)]
    [InlineData(long.MinValue, long.MinValue + 9, 2)]
    public async Task What_can_not_is_read_in_halves_that_have_each_row_once_and_in_order(long first, long last, int most)
    {
        var numbers = await ReadAsync(first, last, most);

        Assert.Equal(Enumerable.Range(0, (int)(last - first) + 1).Select(i => first + i), numbers);
        Assert.InRange(_reads.Count, 2, 2 * (last - first + 1));
    }

    [Fact]
    public async Task The_largest_range_comes_down_to_a_single_number()
    {
        var numbers = await Halves.ReadAsync(long.MinValue, long.MaxValue, ReadAsync).ToListAsync(Cancellation);

        Assert.Equal([42], numbers);
        Assert.InRange(_reads.Count, 64, 200);

        Task<List<long>> ReadAsync(long first, long last)
        {
            _reads.Add((first, last));
            var isThere = first <= 42 && last >= 42;
            return isThere && first < last ? throw Failure() : Task.FromResult<List<long>>(isThere ? [42] : []);
        }
    }

    [Fact]
    public async Task A_single_number_that_fails_throws()
    {
        await Assert.ThrowsAsync<ReadFailureException>(() => ReadAsync(0, 7, most: 0));

        Assert.Equal([(0, 7), (0, 3), (0, 1), (0, 0)], _reads);
    }

    [Fact]
    public async Task Halves_are_for_tombstones_alone()
    {
        await Assert.ThrowsAsync<ReadFailureException>(() => ReadAsync(0, 7, most: 1, Failure(reason: 4)));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(0, 7, most: 1, new IOException()));
        Assert.Equal([(0, 7), (0, 7)], _reads);

        Assert.Equal(8, (await ReadAsync(0, 7, most: 1, Failure(reason: 1))).Count);
    }

    [Fact]
    public async Task Who_has_enough_reads_no_further()
    {
        await foreach (var number in Halves.ReadAsync(0, 7, Read(2, Failure())))
        {
            if (number == 1) break;
        }

        Assert.Equal([(0, 7), (0, 3), (0, 1)], _reads);
    }

    [Fact]
    public async Task Ids_are_cut_between_milliseconds_and_none_is_left_out()
    {
        var pieces = new List<(Guid Above, Guid Through)>();
        await Bucket.ReadAsync(1000, 1003, (above, through) =>
        {
            pieces.Add((above, through));
            return pieces.Count is 1 or 2 ? throw Failure() : Task.FromResult<List<int>>([]);
        }).ToListAsync(Cancellation);

        var ends = pieces.Skip(2).ToList();
        Assert.Equal(Guid.Empty, ends[0].Above);
        Assert.Equal(ends.Skip(1).Select(p => p.Above), ends.SkipLast(1).Select(p => p.Through));
        Assert.Equal([1000, 1001, Bucket.LastMillisecond], ends.Select(p => Bucket.MillisecondsOf(p.Through)));
        Assert.Equal(Guid.AllBitsSet, ends[^1].Through);
        // Above every id of its millisecond, and below those of the next.
        Assert.Equal("0000000003e8-7fff-ffff-ffffffffffff", ends[0].Through.ToString().Remove(8, 1));
    }

    private Task<List<long>> ReadAsync(long first, long last, int most, Exception? failure = null) =>
        Halves.ReadAsync(first, last, Read(most, failure ?? Failure())).ToListAsync(Cancellation).AsTask();

    private Func<long, long, Task<List<long>>> Read(int most, Exception failure) => (first, last) =>
    {
        _reads.Add((first, last));
        return last - first + 1 > most
            ? Task.FromException<List<long>>(failure)
            : Task.FromResult(Enumerable.Range(0, (int)(last - first) + 1).Select(i => first + i).ToList());
    };

    private static ReadFailureException Failure(int? reason = null) => new(
        ConsistencyLevel.LocalQuorum,
        received: 0,
        required: 1,
        dataPresent: false,
        reason is { } code ? new Dictionary<IPAddress, int> { [IPAddress.Loopback] = code } : new Dictionary<IPAddress, int>());
}
