using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Time;
using Chat.RouterWorker;
using Chat.RouterWorker.Routing;
using Chat.Tests.Connectors;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.RouterWorker;

/// <summary>What came from a channel goes into the log that numbers a conversation's messages.</summary>
public sealed class InboundConsumerTests : IDisposable
{
    private static readonly ConsumerGroup Group = ConsumerGroup.OfInbound("whatsapp");
    private static readonly TopicPartition Partition = new(Topics.Inbound("whatsapp"), 0);
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");

    private readonly FakeLog _log = new();
    private readonly FakeTimeProvider _time = new(Samples.Start);
    private readonly TestMeters _meters = new();
    private readonly InboundConsumer _consumer;

    public InboundConsumerTests()
    {
        var retry = new RetryForever(_time);
        _consumer = new(
            _log,
            new(_log, retry, new(_meters), _time, NullLogger<RefusedEvents>.Instance),
            retry,
            new(_meters, new(_meters)),
            Options.Create(new RouterWorkerOptions()),
            NullLogger<InboundConsumer>.Instance);
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Messages_when_they_came_in_are_appended_in_order_under_their_conversation()
    {
        LogEvent[] came = [Event(1, NewMessage(), key: "of another producer"), Event(2, NewMessage())];

        await ProcessAsync(came);

        Assert.Equal(came.Select(e => e.Value.ToArray()), _log.Events(Topics.Messages).Select(e => e.Value.ToArray()));
        Assert.All(_log.Events(Topics.Messages), e => Assert.Equal(Conversation.ToString(), e.Key));
    }

    [Fact]
    public async Task Event_when_it_is_no_message_is_a_dead_letter_and_the_others_go_on()
    {
        await ProcessAsync([new(1, "key", "{"u8.ToArray(), Samples.Start, []), Event(2, NewMessage())]);

        Assert.Single(_log.Events(Topics.Messages));
        Assert.Single(_log.Events("msg.in.whatsapp.dlq"));
        Assert.Equal(1, _meters["chat.dead_letters msg.in.whatsapp"]);
    }

    [Fact]
    public async Task Log_when_it_fails_is_tried_until_it_works()
    {
        _log.FailAppends = 1;
        var processing = ProcessAsync([Event(1, NewMessage())]);
        Assert.False(processing.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        await processing;

        Assert.Single(_log.Events(Topics.Messages));
    }

    [Fact]
    public async Task Log_when_it_refuses_a_message_says_so()
    {
        _log.Refuses = e => e.Topic == Topics.Messages;

        await Assert.ThrowsAsync<EngineRefusedException>(() => ProcessAsync([Event(1, NewMessage())]));
    }

    private static Message NewMessage() => new(
        Guid.CreateVersion7(Samples.Start),
        Conversation,
        Guid.NewGuid(),
        Guid.NewGuid(),
        "whatsapp",
        MessageDirection.Inbound,
        "text",
        "{}",
        null,
        Samples.Start,
        AccountId: "P1",
        ProviderMessageId: "wamid.1");

    private static LogEvent Event(long offset, Message message, string? key = null) =>
        new(offset, key ?? Conversation.ToString(), MessageEventJson.Write(message), Samples.Start, []);

    private Task ProcessAsync(IReadOnlyList<LogEvent> events) =>
        _consumer.ProcessAsync(Group, Partition, events, TestContext.Current.CancellationToken);
}
