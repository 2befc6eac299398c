using System.Collections.Concurrent;
using System.Reflection;
using Chat.Core.Log;
using Chat.Engines.Kafka;
using Chat.Engines.Kafka.Clients;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Chat.Tests.Kafka;

/// <summary>
/// Nothing uses a client of librdkafka's that was disposed of, or an admin client that broke: their memory is freed, and what uses it then
/// ends the process.
/// </summary>
public sealed class SharedProducerTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly ConcurrentQueue<string> _disposals = new();
    private readonly ManualResetEventSlim _begun = new();
    private readonly ManualResetEventSlim _finish = new();
    private readonly SharedProducer _shared;
    private Metadata _metadata = Of();
    private int _admins;
    private int _reminders;

    public SharedProducerTests()
    {
        _shared = new(
            Fake<IProducer<string, byte[]>>.Create("producer", OnCall),
            _ => Fake<IAdminClient>.Create($"admin {++_admins}", OnCall));
    }

    public void Dispose()
    {
        _begun.Dispose();
        _finish.Dispose();
    }

    [Fact]
    public async Task The_producer_is_disposed_of_once_no_call_is_under_way()
    {
        using var deadline = new Deadline();
        var producing = Task.Run(Produce, Cancellation);
        _begun.Wait(deadline.Token);

        var disposing = Task.Run(_shared.Dispose, Cancellation);
        await Until.TrueAsync(IsClosed, "the producer lets no more calls in");
        Assert.Empty(_disposals);
        _finish.Set();

        await Task.WhenAll(producing, disposing).WaitAsync(deadline.Token);
        Assert.Equal(["producer"], _disposals);
    }

    [Fact]
    public async Task An_admin_client_goes_after_its_answer_and_before_the_producer()
    {
        using var deadline = new Deadline();
        _begun.Set();
        var answer = new TaskCompletionSource();
        var asking = _shared.Ask(_ => answer.Task);

        var disposing = Task.Run(_shared.Dispose, Cancellation);
        await Until.TrueAsync(IsClosed, "the producer lets no more calls in");
        Assert.Empty(_disposals);
        answer.SetResult();

        await Task.WhenAll(asking, disposing).WaitAsync(deadline.Token);
        Assert.Equal(["admin 1", "producer"], _disposals);
    }

    [Fact]
    public async Task An_admin_client_without_an_answer_is_neither_used_again_nor_disposed_of()
    {
        using var deadline = new Deadline();
        _ = _shared.Ask(_ => new TaskCompletionSource().Task);
        await _shared.Ask(_ => Task.CompletedTask);
        await Until.TrueAsync(() => _disposals.Contains("admin 2"), "the one with an answer goes");

        await Task.Run(_shared.Dispose, Cancellation).WaitAsync(deadline.Token);

        Assert.Equal(["admin 2"], _disposals);
    }

    [Fact]
    public async Task A_request_that_cannot_be_sent_leaves_nothing_open()
    {
        using var deadline = new Deadline();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _shared.Ask<Task>(_ => throw new InvalidOperationException()));

        await Task.Run(_shared.Dispose, Cancellation).WaitAsync(deadline.Token);

        Assert.Equal(["admin 1", "producer"], _disposals);
    }

    [Fact]
    public void The_producer_is_told_of_brokers_until_it_is_closed()
    {
        _shared.AddBrokers("broker");
        _shared.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _shared.AddBrokers("broker"));
        Assert.Equal(1, _reminders);
    }

    [Theory]
    [InlineData(new int[0], new[] { 1 })]
    [InlineData(new[] { 1 }, new int[0])]
    public async Task A_topic_whose_partition_has_no_replica_in_sync_is_not_described(int[] inSync, int[] replicas)
    {
        _metadata = Of(new PartitionMetadata(0, 1, [1], [1], ErrorCode.NoError), new(1, -1, replicas, inSync, ErrorCode.NoError));
        using var host = Build();

        var error = await Assert.ThrowsAsync<KafkaException>(
            async () => await host.Services.GetRequiredService<IEventLog>().DescribeAsync("topic", Cancellation));

        Assert.Equal(ErrorCode.LeaderNotAvailable, error.Error.Code);
        Assert.Contains("Partition 1 of topic", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_container_has_no_producer_to_dispose_of()
    {
        using var host = Build();

        Assert.Null(host.Services.GetService<IProducer<string, byte[]>>());
    }

    private static Metadata Of(params PartitionMetadata[] partitions) =>
        new([], [new TopicMetadata("topic", [.. partitions], ErrorCode.NoError)], 1, "broker");

    private IHost Build()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:kafka"] = $"127.0.0.1:{ServerProcess.FreePorts()}";
        builder.AddKafkaEventLog();
        builder.Services.Replace(ServiceDescriptor.Singleton(services => ActivatorUtilities.CreateInstance<KafkaClients>(
            services, new ProducerConfig(), new ConsumerConfig(), () => _shared)));
        return builder.Build();
    }

    private void Produce() => _shared.Produce("topic", new(), _ => { });

    private bool IsClosed()
    {
        try
        {
            Produce();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private object? OnCall(string name, string method)
    {
        switch (method)
        {
            case nameof(IDisposable.Dispose):
                _disposals.Enqueue(name);
                break;
            // The first call only: later ones ask whether the producer is closed.
            case nameof(IProducer<,>.Produce) when !_begun.IsSet:
                _begun.Set();
                _finish.Wait();
                break;
            case nameof(IClient.AddBrokers):
                return ++_reminders;
            case nameof(IAdminClient.GetMetadata):
                return _metadata;
        }
        return null;
    }

#pragma warning disable CA1852 // The proxy's own type derives from it.
    private class Fake<T> : DispatchProxy
#pragma warning restore CA1852
        where T : class
    {
        private Func<string, string, object?> _onCall = (_, _) => null;
        private string _name = "";

        public static T Create(string name, Func<string, string, object?> onCall)
        {
            var proxy = Create<T, Fake<T>>();
            ((Fake<T>)(object)proxy)._onCall = onCall;
            ((Fake<T>)(object)proxy)._name = name;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _onCall(_name, targetMethod!.Name);
    }
}
