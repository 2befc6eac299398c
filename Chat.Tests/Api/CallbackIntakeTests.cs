using Chat.Api.Callbacks;
using Chat.Api.Problems;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Connectors;
using Chat.Tests.Stores;

namespace Chat.Tests.Api;

/// <summary>Under which key a status that came over HTTP goes into the log.</summary>
public sealed class CallbackIntakeTests
{
    private static readonly Guid Message = Guid.NewGuid();
    private static readonly Guid Conversation = Guid.NewGuid();

    private readonly FakeLog _log = new();
    private readonly Lookups _lookups = new();

    [Fact]
    public async Task A_status_when_it_names_its_conversation_is_keyed_by_it_and_nothing_is_looked_up()
    {
        var logged = Assert.Single(await AppendAsync(Status(Message) with { ConversationId = Conversation }));

        Assert.Equal(Conversation.ToString("D"), logged.Key);
        Assert.Equal(0, _lookups.Count);
    }

    [Fact]
    public async Task A_status_when_the_log_refuses_it_is_named_and_the_others_are_appended()
    {
        _log.Refuses = e => StatusEventJson.TryRead(e.Value.Span, out _)!.Status == StatusKind.Read;
        StatusEvent[] events = [Status(Message), Status(Message) with { Status = StatusKind.Read }, Status(Message)];

        var refused = await new CallbackIntake(_log, new(_lookups, _lookups)).AppendAsync(events, TestContext.Current.CancellationToken);

        Assert.Equal([1], refused);
        Assert.Equal(2, _log.Events(Topics.Status).Count);
    }

    [Fact]
    public async Task A_status_when_its_message_is_known_gets_its_conversation()
    {
        _lookups.ByMessage[Message] = new(Conversation, Message);

        var logged = Assert.Single(await AppendAsync(Status(Message)));

        Assert.Equal(Conversation.ToString("D"), logged.Key);
        Assert.Equal(Conversation, Read(logged).ConversationId);
    }

    [Fact]
    public async Task A_status_when_nobody_knows_its_message_is_keyed_by_that()
    {
        var logged = Assert.Single(await AppendAsync(Status(Message)));

        Assert.Equal(Message.ToString("D"), logged.Key);
        Assert.Null(Read(logged).ConversationId);
    }

    [Fact]
    public async Task A_status_when_only_the_providers_id_is_there_gets_the_message_and_its_conversation()
    {
        _lookups.ByProvider[new("whatsapp", "wamid.1")] = new(Conversation, Message);

        var logged = Assert.Single(await AppendAsync(Status(null) with { Channel = "whatsapp", ProviderMessageId = "wamid.1" }));

        Assert.Equal(Conversation.ToString("D"), logged.Key);
        Assert.Equal((Conversation, Message), (Read(logged).ConversationId, Read(logged).MessageId));
    }

    [Theory]
    [InlineData("whatsapp", 1)]
    [InlineData(null, 0)]
    public async Task A_status_when_the_providers_id_is_unknown_is_keyed_by_that(string? channel, int lookups)
    {
        var logged = Assert.Single(await AppendAsync(Status(null) with { Channel = channel, ProviderMessageId = "wamid.1" }));

        Assert.Equal("wamid.1", logged.Key);
        Assert.Equal(lookups, _lookups.Count);
    }

    [Fact]
    public async Task Statuses_when_of_one_message_look_it_up_once_and_go_into_the_log_together_and_in_order()
    {
        _lookups.ByMessage[Message] = new(Conversation, Message);

        var logged = await AppendAsync(Status(Message), Status(Message) with { Status = StatusKind.Delivered }, Status(Guid.NewGuid()));

        Assert.Equal([StatusKind.Sent, StatusKind.Delivered, StatusKind.Sent], logged.Select(e => Read(e).Status));
        Assert.Equal(2, _lookups.Count);
        Assert.Equal([3], _log.Appends);
    }

    [Fact]
    public async Task A_thousand_statuses_when_none_names_its_conversation_are_looked_up_in_two_calls()
    {
        await AppendAsync(
        [
            .. Enumerable.Range(0, 500).Select(_ => Status(Guid.NewGuid())),
            .. Enumerable.Range(0, 500).Select(i => Status(null) with { Channel = "whatsapp", ProviderMessageId = $"wamid.{i}" }),
        ]);

        Assert.Equal((1000, 2), (_lookups.Count, _lookups.Calls));
    }

    [Fact]
    public async Task A_log_or_a_store_when_it_fails_is_unavailable_and_nothing_is_logged()
    {
        _log.FailAppends = 1;
        await Assert.ThrowsAsync<UnavailableException>(() => AppendAsync(Status(Message)));

        _lookups.Fails = true;
        await Assert.ThrowsAsync<UnavailableException>(() => AppendAsync(Status(Message)));

        Assert.Empty(_log.Events(Topics.Status));
    }

    private static StatusEvent Status(Guid? message) => new(message, null, null, null, StatusKind.Sent, null);

    private static StatusEvent Read(LogEvent logged) => StatusEventJson.TryRead(logged.Value.Span, out _)!;

    private async Task<IReadOnlyList<LogEvent>> AppendAsync(params StatusEvent[] events)
    {
        await new CallbackIntake(_log, new(_lookups, _lookups)).AppendAsync(events, TestContext.Current.CancellationToken);
        return _log.Events(Topics.Status);
    }

    private sealed class Lookups : UnusedStore
    {
        public Dictionary<Guid, MessageKey> ByMessage { get; } = [];

        public Dictionary<ProviderId, MessageKey> ByProvider { get; } = [];

        public bool Fails { get; set; }

        /// <summary>How many ids were looked up.</summary>
        public int Count { get; private set; }

        public int Calls { get; private set; }

        public override ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
            IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        {
            Calls++;
            Count += messageIds.Count;
            if (Fails) throw new IOException("down");
            return new(messageIds.Where(ByMessage.ContainsKey).ToDictionary(id => id, id => ByMessage[id]));
        }

        public override ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
            IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken)
        {
            Calls++;
            Count += ids.Count;
            return new(ids.Where(ByProvider.ContainsKey).ToDictionary(id => id, id => ByProvider[id]));
        }
    }
}
