using System.Runtime.CompilerServices;
using Chat.Core.Log;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using TopicPartition = Chat.Core.Log.TopicPartition;

namespace Chat.Engines.Kafka;

/// <summary>
/// Reads Kafka's topics with consumers that are assigned by hand. librdkafka's calls block, so they run on the thread pool.
/// </summary>
internal sealed class KafkaLogReader(
    KafkaClients clients, KafkaTopics topics, IOptions<KafkaOptions> options, TimeProvider time) : ILogReader
{
    private const string Group = "log-reader";
    private const int PageSize = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TimeSpan _timeout = options.Value.RequestTimeout;

    public async ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken)
    {
        var description = await topics.DescribeAsync(topic, cancellationToken).ConfigureAwait(false);
        using var consumer = clients.CreateReader(Group);
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await Task.Run(Read, cancellationToken).ConfigureAwait(false);
            }
            catch (KafkaException exception) when (
                exception.Error.Code is ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable
                && time.GetElapsedTime(started) < _timeout)
            {
                // A topic that was made a moment ago, or a broker that has just gone: the next leader is soon there.
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }

        List<PartitionRange> Read()
        {
            var ranges = new List<PartitionRange>();
            for (var partition = 0; partition < description.Partitions; partition++)
            {
                var marks = consumer.QueryWatermarkOffsets(new(topic, partition), _timeout);
                ranges.Add(new(partition, marks.Low.Value, marks.High.Value));
            }
            return ranges;
        }
    }

    public async IAsyncEnumerable<LogEvent> ReadAsync(
        TopicPartition partition, long from, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (from >= end) yield break;
        using var consumer = clients.CreateReader(Group);
        consumer.Assign(new TopicPartitionOffset(partition.Topic, partition.Partition, from));
        var more = true;
        while (more)
        {
            (var page, more) = await Task.Run(() => ReadPage(consumer, end), cancellationToken).ConfigureAwait(false);
            foreach (var e in page) yield return e;
        }
    }

    public async ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken)
    {
        var description = await topics.DescribeAsync(group.Topic, cancellationToken).ConfigureAwait(false);
        return await Task.Run(
            () =>
            {
                using var consumer = clients.CreateReader(group.Group);
                var partitions = Enumerable.Range(0, description.Partitions)
                    .Select(p => new Confluent.Kafka.TopicPartition(group.Topic, p));
                return consumer.Committed(partitions, _timeout)
                    .OrderBy(c => c.Partition.Value)
                    .Select(c => Math.Max(0, c.Offset.Value))
                    .ToList();
            },
            cancellationToken).ConfigureAwait(false);
    }

    private (List<LogEvent> Page, bool More) ReadPage(IConsumer<string?, byte[]> consumer, long end)
    {
        var page = new List<LogEvent>();
        while (page.Count < PageSize)
        {
            var result = consumer.Consume(_timeout)
                ?? throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"Nothing was read within {_timeout}"));
            if (result.IsPartitionEOF || result.Offset.Value >= end) return (page, false);
            page.Add(result.ToLogEvent());
            if (result.Offset.Value + 1 >= end) return (page, false);
        }
        return (page, true);
    }
}
