using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using TopicDescription = Chat.Core.Log.TopicDescription;

namespace Chat.Engines.Kafka.Clients;

/// <summary>Requests to the brokers by an admin client, each of which ends in bounded time.</summary>
internal sealed class AdminRequests(KafkaClients clients, IOptions<KafkaOptions> options, TimeProvider time)
{
    // Beyond the client's own timeout. A client that is replaced answers none of its requests any more.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _timeout = options.Value.RequestTimeout;

    /// <summary>Sends one request, and answers with what the brokers say.</summary>
    /// <param name="request">Is given the client and the time-out to send with it.</param>
    /// <exception cref="KafkaException">They refused it, or did not answer in time.</exception>
    public async Task<T> SendAsync<T>(Func<IAdminClient, TimeSpan, Task<T>> request, CancellationToken cancellationToken)
    {
        var answer = clients.Producer.Ask(admin => request(admin, _timeout));
        await WaitAsync(answer, cancellationToken).ConfigureAwait(false);
        return await answer.ConfigureAwait(false);
    }

    /// <inheritdoc cref="SendAsync{T}"/>
    public Task SendAsync(Func<IAdminClient, TimeSpan, Task> request, CancellationToken cancellationToken) =>
        WaitAsync(clients.Producer.Ask(admin => request(admin, _timeout)), cancellationToken);

    /// <summary>An offset of each partition, in the order of their numbers.</summary>
    /// <exception cref="ListOffsetsException">One of them is not to be had.</exception>
    public async Task<IReadOnlyList<long>> ListOffsetsAsync(
        TopicDescription topic, OffsetSpec offset, CancellationToken cancellationToken)
    {
        var asked = Enumerable.Range(0, topic.Partitions)
            .Select(p => new TopicPartitionOffsetSpec { TopicPartition = new(topic.Topic, p), OffsetSpec = offset })
            .ToList();
        var answer = await SendAsync(
            (admin, timeout) => admin.ListOffsetsAsync(asked, new() { RequestTimeout = timeout }), cancellationToken)
            .ConfigureAwait(false);
        var offsets = answer.ResultInfos.Select(r => r.TopicPartitionOffsetError).OrderBy(o => o.Partition.Value);
        return [.. offsets.Select(o => o.Offset.Value)];
    }

    private async Task WaitAsync(Task answer, CancellationToken cancellationToken)
    {
        try
        {
            await answer.WaitAsync(_timeout + Slack, time, cancellationToken).ConfigureAwait(false);
            clients.Reminder.Answered();
        }
        catch (KafkaException exception)
        {
            // Refused in part is an answer.
            if (exception.Error is { IsLocalError: true, Code: not ErrorCode.Local_Partial }) clients.Reminder.Unanswered();
            throw;
        }
        catch (TimeoutException)
        {
            clients.Reminder.Unanswered();
            throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "The brokers did not answer in time"));
        }
    }
}
