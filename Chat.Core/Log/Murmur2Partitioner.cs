using System.Text;

namespace Chat.Core.Log;

/// <summary>
/// The partition of a key, by the partitioner of Kafka's Java client (<c>murmur2</c> of the key's UTF-8 bytes, made positive, modulo the
/// partition count), which librdkafka calls <c>murmur2_random</c>. Every engine and every foreign producer that uses it agree.
/// </summary>
public static class Murmur2Partitioner
{
    public static int PartitionOf(string key, int partitions) =>
        (int)(Hash(Encoding.UTF8.GetBytes(key)) & 0x7fffffff) % partitions;

    /// <summary>MurmurHash2, 32 bits, with the seed 0x9747b28c, as in <c>org.apache.kafka.common.utils.Utils.murmur2</c>.</summary>
    public static uint Hash(ReadOnlySpan<byte> data)
    {
        const uint m = 0x5bd1e995;
        const int r = 24;
        var h = 0x9747b28c ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var k = (uint)(data[0] | (data[1] << 8) | (data[2] << 16) | (data[3] << 24));
            k *= m;
            k ^= k >> r;
            k *= m;
            h *= m;
            h ^= k;
            data = data[4..];
        }
        if (data.Length > 2) h ^= (uint)data[2] << 16;
        if (data.Length > 1) h ^= (uint)data[1] << 8;
        if (data.Length > 0)
        {
            h ^= data[0];
            h *= m;
        }
        h ^= h >> 13;
        h *= m;
        h ^= h >> 15;
        return h;
    }
}
