using System.Runtime.CompilerServices;
using Chat.Core.Log;

namespace Chat.Tests.Log;

public sealed class NewestEventsTests
{
    [Theory]
    [InlineData(0, 0, 5, 0)]
    [InlineData(3, 0, 5, 3)]
    [InlineData(50, 0, 5, 5)]
    [InlineData(50, 1000, 5, 5)]
    [InlineData(3, 100_000, 5, 3)]
    public async Task The_last_events_are_found_behind_whatever_hole_and_little_else_is_read(int events, int hole, int most, int expected)
    {
        var reader = new Reader(events);

        var newest = await reader.ReadNewestAsync("t", new(0, 0, events + hole), most, TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(events - expected, expected).Select(o => (long)o), newest.Select(e => e.Offset));
        Assert.InRange(reader.Reads, events + hole == 0 ? 0 : 1, 10);
    }

    /// <summary>A partition whose last offsets are gone.</summary>
    private sealed class Reader(int events) : ILogReader
    {
        public int Reads { get; private set; }

        public ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public async IAsyncEnumerable<LogEvent> ReadAsync(
            TopicPartition partition, long from, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Reads++;
            await Task.CompletedTask;
            for (var offset = from; offset < Math.Min(end, events); offset++)
                yield return new(offset, null, default, DateTimeOffset.UnixEpoch, []);
        }
    }
}
