using System.Collections.Concurrent;
using Chat.Core.Bus;
using Chat.Core.Log;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Described;

/// <summary>
/// Holds what a host's services append to the log and publish on the bus against the document. It throws nothing, since they would try
/// again without end: <see cref="AssertDescribed"/> says what was wrong.
/// </summary>
internal sealed class DescribedTraffic
{
    private readonly ConcurrentQueue<string> _wrong = [];

    /// <summary>The engine itself, for what a test writes.</summary>
    public IEventLog? Log { get; private set; }

    /// <inheritdoc cref="Log"/>
    public IStatusBus? Bus { get; private set; }

    public void Watch(IServiceCollection services)
    {
        Wrap<IEventLog>(services, log => new DescribedLog(this, Log = log));
        Wrap<IStatusBus>(services, bus => new DescribedBus(this, Bus = bus));
    }

    public void AssertDescribed() => Assert.True(_wrong.IsEmpty, string.Join("\n\n", _wrong.Take(3)));

    /// <summary>Puts something of ours around an engine.</summary>
    public static void Wrap<T>(IServiceCollection services, Func<T, T> wrap)
        where T : class
    {
        var engine = services.LastOrDefault(s => s.ServiceType == typeof(T));
        if (engine is null) return;
        services.AddSingleton(provider => wrap((T)(engine.ImplementationInstance
            ?? engine.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, engine.ImplementationType!))));
    }

    private void Note(string? wrong)
    {
        if (wrong is not null) _wrong.Enqueue(wrong);
    }

    private sealed class DescribedLog(DescribedTraffic traffic, IEventLog log) : IEventLog
    {
        public string MessagingSystem => log.MessagingSystem;

        public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
            log.DescribeAsync(topic, cancellationToken);

        public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
        {
            foreach (var e in events) traffic.Note(AsyncApiDescription.Current.FindWrong(e));
            return log.AppendAsync(events, cancellationToken);
        }

        public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken) =>
            log.ConsumeAsync(group, process, cancellationToken);
    }

    private sealed class DescribedBus(DescribedTraffic traffic, IStatusBus bus) : IStatusBus
    {
        public string MessagingSystem => bus.MessagingSystem;

        public event Action? Restored
        {
            add => bus.Restored += value;
            remove => bus.Restored -= value;
        }

        public ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken)
        {
            foreach (var message in messages) traffic.Note(AsyncApiDescription.Current.FindWrong(message));
            return bus.PublishAsync(messages, cancellationToken);
        }

        public ValueTask<IAsyncDisposable> SubscribeAsync(
            Guid conversationId, IBusListener listener, CancellationToken cancellationToken) =>
            bus.SubscribeAsync(conversationId, listener, cancellationToken);
    }
}
