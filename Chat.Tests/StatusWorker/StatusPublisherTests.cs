using Chat.Core.Bus;
using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.StatusWorker;
using Chat.StatusWorker.Recording;
using Chat.Tests.Compliance;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.StatusWorker;

public sealed class StatusPublisherTests : IDisposable
{
    private static readonly TopicPartition Partition = new(Topics.Status, 0);
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");

    private readonly FakeTimeProvider _time = new();
    private readonly TestMeters _meters = new();
    private readonly ScriptedBus _bus = new();
    private readonly Sequencer _sequencer = new();
    private readonly StatusPublisher _publisher;

    public StatusPublisherTests() => _publisher = new(
        _bus,
        new StatusMetrics(_meters, new(_meters)),
        _time,
        Options.Create(new StatusWorkerOptions { PublishPatience = TimeSpan.FromSeconds(2) }),
        NullLogger<StatusPublisher>.Instance);

    public void Dispose() => _meters.Dispose();

    private Task<bool> PublishAsync() => _publisher.PublishAsync(
        Partition, [new(Conversation, "{}"u8.ToArray())], _sequencer, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Publish_when_the_bus_fails_once_is_tried_again_and_keeps_the_number_before()
    {
        _sequencer.Advance(Conversation, 5);
        _bus.Answers.Enqueue(() => Task.FromException(new IOException("down")));
        var publishing = PublishAsync();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(await publishing);
        Assert.Equal(5, _sequencer.Advance(Conversation, 6));
    }

    [Fact]
    public async Task Publish_when_the_bus_is_down_ends_after_the_patience_and_forgets_the_number_before()
    {
        _sequencer.Advance(Conversation, 5);
        _bus.Otherwise = () => Task.FromException(new IOException("down"));
        var publishing = PublishAsync();
        for (var passed = 0; passed < 20; passed++)
        {
            Assert.False(publishing.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }
        Assert.False(await publishing);
        Assert.Null(_sequencer.Advance(Conversation, 6));
        Assert.Equal(1, _meters["chat.status.publish.given_up"]);
    }

    [Fact]
    public async Task Publish_when_the_bus_never_answers_ends_after_the_patience()
    {
        _bus.Otherwise = () => new TaskCompletionSource().Task;
        var publishing = PublishAsync();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await publishing);
    }

    [Fact]
    public async Task Publish_while_the_bus_is_known_to_hang_waits_a_moment_only()
    {
        _bus.Otherwise = () => new TaskCompletionSource().Task;
        var first = PublishAsync();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await first);

        var second = PublishAsync();
        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.False(await second.WaitAsync(Deadline.Length, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Publish_while_the_bus_is_known_to_be_down_makes_one_try()
    {
        _bus.Otherwise = () => Task.FromException(new IOException("down"));
        var first = PublishAsync();
        for (var passed = 0; passed < 20; passed++) _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(await first);
        var tries = _bus.Tries;
        Assert.False(await PublishAsync());
        Assert.Equal(tries + 1, _bus.Tries);
        _bus.Otherwise = () => Task.CompletedTask;
        Assert.True(await PublishAsync());
        Assert.Equal(1, _meters["chat.status.published"]);
    }

    [Fact]
    public async Task Publish_when_the_bus_refuses_a_frame_publishes_the_others_and_forgets_that_conversations_number()
    {
        var (large, other) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var conversation in new[] { large, other }) _sequencer.Advance(conversation, 5);
        _bus.Refuses = m => m.ConversationId == large;

        var published = await _publisher.PublishAsync(
            Partition,
            [new(Conversation, "{}"u8.ToArray()), new(large, "{}"u8.ToArray()), new(other, "{}"u8.ToArray())],
            _sequencer,
            TestContext.Current.CancellationToken);

        Assert.True(published);
        Assert.Equal([Conversation, other], _bus.Published);
        Assert.Equal((null, 5), (_sequencer.Advance(large, 6), _sequencer.Advance(other, 6)));
        Assert.Equal(1, _meters["chat.status.publish.given_up"]);
    }

    private sealed class ScriptedBus : IStatusBus
    {
        public event Action? Restored
        {
            add { }
            remove { }
        }

        public Queue<Func<Task>> Answers { get; } = new();

        public Func<Task> Otherwise { get; set; } = () => Task.CompletedTask;

        public int Tries { get; private set; }

        public Func<BusMessage, bool> Refuses { get; set; } = _ => false;

        public List<Guid> Published { get; } = [];

        public async ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken)
        {
            Tries++;
            if (messages.Any(Refuses)) throw new EngineRefusedException("too large");
            await (Answers.TryDequeue(out var answer) ? answer : Otherwise)().WaitAsync(cancellationToken);
            Published.AddRange(messages.Select(m => m.ConversationId));
        }

        public ValueTask<IAsyncDisposable> SubscribeAsync(
            Guid conversationId, IBusListener listener, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
