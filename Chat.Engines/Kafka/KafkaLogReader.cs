using System.Runtime.CompilerServices;
using Chat.Core.Log;
using Chat.Engines.Kafka.Clients;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using TopicPartition = Chat.Core.Log.TopicPartition;

namespace Chat.Engines.Kafka;

/// <summary>
/// Looks at Kafka's topics: their offsets by an admin client, one request for all partitions; what groups have committed, and events, by
/// consumers, whose calls block, so that they run on the thread pool.
/// </summary>
internal sealed class KafkaLogReader(
    KafkaClients clients, AdminRequests requests, KafkaTopics topics, IOptions<KafkaOptions> options, TimeProvider time) : ILogReader
{
    private const string Group = "log-reader";
    private const int PageSize = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TimeSpan _timeout = options.Value.RequestTimeout;

    public async ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken)
    {
        var description = await topics.DescribeAsync(topic, cancellationToken).ConfigureAwait(false);
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                var found = await Task.WhenAll(
                    requests.ListOffsetsAsync(description, OffsetSpec.Earliest(), cancellationToken),
                    requests.ListOffsetsAsync(description, OffsetSpec.Latest(), cancellationToken)).ConfigureAwait(false);
                return [.. Enumerable.Range(0, description.Partitions).Select(p => new PartitionRange(p, found[0][p], found[1][p]))];
            }
            catch (ListOffsetsException exception) when (
                exception.Result.ResultInfos.Any(r => IsSoonOver(r.TopicPartitionOffsetError.Error))
                && time.GetElapsedTime(started) < _timeout)
            {
                // A topic that was made a moment ago, or a broker that has just gone: the next leader is soon there.
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
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
        // Not by an admin client: librdkafka ends the process where its request to a group's coordinator is answered too late (issue 4605).
        return await Task.Run(
            () =>
            {
                using var consumer = clients.CreateReader(group.Group);
                var partitions = Enumerable.Range(0, description.Partitions)
                    .Select(p => new Confluent.Kafka.TopicPartition(group.Topic, p));
                // Where nothing was committed, the offset is one of the special ones, which are below 0.
                return consumer.Committed(partitions, _timeout)
                    .OrderBy(c => c.Partition.Value)
                    .Select(c => Math.Max(0, c.Offset.Value))
                    .ToList();
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static bool IsSoonOver(Error error) => error.Code is ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable;

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
