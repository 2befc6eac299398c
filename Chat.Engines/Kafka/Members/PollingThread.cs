using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Chat.Engines.Kafka.Members;

/// <summary>Work that others ask of the polling thread, which alone may touch the consumer and the partitions.</summary>
internal sealed class PollingThread
{
    private readonly ConcurrentQueue<Action> _requests = new();

    /// <summary>Runs an action on the polling thread, soon; the task fails where it throws a <see cref="KafkaException"/>.</summary>
    public Task InvokeAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Enqueue(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (KafkaException exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    /// <summary>Runs what was asked for. On the polling thread.</summary>
    public void RunRequests()
    {
        while (_requests.TryDequeue(out var request)) request();
    }
}
