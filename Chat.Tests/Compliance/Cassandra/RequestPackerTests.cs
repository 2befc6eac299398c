using Chat.Engines.Cassandra.Connection;

namespace Chat.Tests.Compliance.Cassandra;

public sealed class RequestPackerTests
{
    [Fact]
    public void No_request_to_a_partition_is_above_the_limit_unless_its_single_row_is()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var largest = random.Next(1, 2 * RequestPacker.MaxPartitionBytes);
            var rows = Enumerable.Range(0, random.Next(200)).Select(i => (Row: i, Bytes: random.Next(1, largest))).ToList();
            var maxRows = random.Next(1, 120);

            var chunks = RequestPacker.Chunk(rows, maxRows, r => r.Bytes).ToList();

            Assert.Equal(rows, chunks.SelectMany(c => c));
            Assert.All(chunks, c => Assert.InRange(c.Length, 1, maxRows));
            Assert.All(chunks, c => Assert.True(c.Length == 1 || c.Sum(r => r.Bytes) <= RequestPacker.MaxPartitionBytes, $"seed {seed}"));
        }
    }

    [Fact]
    public void No_request_to_several_partitions_is_above_the_limit_unless_its_single_row_is()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var largest = random.Next(1, 2 * RequestPacker.MaxBytes);
            var items = Enumerable.Range(0, random.Next(200)).Select(i => (Item: i, Bytes: random.Next(1, largest))).ToList();

            var requests = RequestPacker.Pack(items, i => i.Item % 3, i => i.Bytes);

            Assert.Equal(items, requests.SelectMany(r => r).OrderBy(i => i.Item));
            Assert.All(
                requests, r => Assert.True(r.Count == 1 || r.Sum(i => i.Bytes) <= RequestPacker.MaxBytes, $"seed {seed}"));
        }
    }
}
