using System.Text;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.RouterWorker.Routing;

namespace Chat.Tests.RouterWorker;

public sealed class RoutingPhasesTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly DateTimeOffset Now = new(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Stranger = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly TopicPartition Partition = new(Topics.Messages, 0);

    private static readonly NumberedTopic Topic = new(new(Topics.Messages, 1, "a"), 2);

    private static readonly Message Hello = new(
        Guid.Parse("01938a5e-0000-7000-8000-000000000001"),
        Conversation,
        Organization,
        Guid.NewGuid(),
        "instagram",
        MessageDirection.Outbound,
        "text",
        """{"texto":"Olá"}""",
        "@ana",
        Now);

    private static LogEvent Event(long offset, Message message, params EventHeader[] headers) =>
        new(offset, message.ConversationId.ToString(), MessageEventJson.Write(message), Now, headers);

    private static AdmittedMessages Admit(Guid owner, params LogEvent[] events)
    {
        var incoming = IncomingMessages.Read(Partition, Topic, events);
        return incoming.Admit(incoming.Claims.ToDictionary(c => c.ConversationId, c => c with { OrganizationId = owner }));
    }

    [Fact]
    public void A_message_goes_into_the_store_and_on_to_its_channel_with_its_trace()
    {
        var admitted = Admit(Organization, Event(1, Hello, new EventHeader(HeaderNames.TraceParent, Trace)));
        var stored = Assert.Single(admitted.Messages);
        Assert.Equal(Hello with { CreatedAt = stored.CreatedAt, Position = SequenceNumber.Create(2, 1) }, stored);
        var sent = Assert.Single(admitted.Route().Outbound);
        Assert.Equal(("msg.out.instagram", Conversation.ToString()), (sent.Topic, sent.Key));
        Assert.Equal(stored with { Position = 0 }, MessageEventJson.TryRead(sent.Value.Span, out _));
        Assert.Equal([new EventHeader(HeaderNames.TraceParent, Trace)], sent.Headers!);
    }

    [Theory]
    [InlineData(MessageDirection.Inbound, "wamid.1")]
    // A person of the desk sent it in the provider's own app.
    [InlineData(MessageDirection.Outbound, "wamid.1")]
    public void A_message_that_the_provider_has_already_goes_into_the_store_and_to_no_channel(string direction, string id)
    {
        var there = Hello with { Direction = direction, AccountId = "178", ProviderMessageId = id };

        var admitted = Admit(Organization, Event(1, there));

        Assert.Equal((id, "178"), (Assert.Single(admitted.Messages).ProviderMessageId, admitted.Messages[0].AccountId));
        Assert.DoesNotContain(admitted.Route().Appends, a => a.Topic == "msg.out.instagram");
    }

    [Theory]
    [InlineData(MessageDirection.Outbound)]
    [InlineData(MessageDirection.Inbound)]
    public void A_message_is_announced_with_its_trace_before_anything_else_of_it(string direction)
    {
        var message = Hello with { Direction = direction };
        var routed = Admit(Organization, Event(1, message, new EventHeader(HeaderNames.TraceParent, Trace))).Route();

        var announced = Assert.Single(routed.Announcements);
        Assert.Same(announced, routed.Appends[0]);
        Assert.Equal((Topics.Status, Conversation.ToString()), (announced.Topic, announced.Key));
        Assert.Equal([new EventHeader(HeaderNames.TraceParent, Trace)], announced.Headers!);
        var createdAt = MessageIds.CreatedAt(Hello.MessageId);
        Assert.Equal(
            new StatusEvent(Hello.MessageId, Conversation, Organization, "instagram", null, createdAt),
            StatusEventJson.TryRead(announced.Value.Span, out _));
    }

    [Fact]
    public void A_messages_position_is_its_place_in_the_log_whatever_its_id_and_comes_before_all_in_its_partition_of_now()
    {
        var grown = new NumberedTopic(new(Topics.Messages, 4, "a"), 2);
        var home = grown.Description.PartitionOf(Conversation.ToString());
        var earlier = Hello with { MessageId = Guid.Parse("01938a5d-0000-7000-8000-000000000001") };

        long[] PositionsIn(int partition) =>
            [.. IncomingMessages.Read(new(Topics.Messages, partition), grown, [Event(7, Hello), Event(8, earlier)])
                .Messages.Select(m => m.Message.Position)];

        Assert.Equal([SequenceNumber.Create(2, 7), SequenceNumber.Create(2, 8)], PositionsIn(home));
        // Appended when the topic had fewer partitions, and its conversation another one.
        Assert.Equal([SequenceNumber.Create(1, 7), SequenceNumber.Create(1, 8)], PositionsIn((home + 1) % 4));
    }

    [Fact]
    public void A_message_in_another_organizations_conversation_is_a_dead_letter_and_stored_nowhere()
    {
        var admitted = Admit(Stranger, Event(1, Hello));
        Assert.Empty(admitted.Messages);
        Assert.Equal("messages.dlq", Assert.Single(admitted.Route().Appends).Topic);
    }

    [Fact]
    public void Two_organizations_that_claim_one_conversation_in_one_batch_are_told_apart()
    {
        var other = Hello with { MessageId = Guid.Parse("01938a5e-0000-7000-8000-000000000002"), OrganizationId = Stranger };
        var admitted = Admit(Organization, Event(1, Hello), Event(2, other));
        Assert.Equal([Hello.MessageId], admitted.Messages.Select(m => m.MessageId));
        var routed = admitted.Route();
        Assert.Equal((1, 1), (routed.Count, routed.DeadLetters.Count));
    }

    [Theory]
    [InlineData("{", "not a message")]
    [InlineData("{}", "message_id")]
    public void What_can_not_be_read_is_a_dead_letter_and_the_rest_goes_on(string json, string reason)
    {
        var admitted = Admit(Organization, new LogEvent(1, null, Encoding.UTF8.GetBytes(json), Now, []), Event(2, Hello));
        Assert.Single(admitted.Messages);
        var dead = admitted.Route().Appends.Single(a => a.Topic == "messages.dlq");
        Assert.StartsWith(reason, dead.Headers!.Single(h => h.Name == HeaderNames.DeadLetterReason).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_does_not_exist_is_named() =>
        Assert.StartsWith(
            "channel",
            Assert.Single(Admit(Organization, Event(1, Hello with { Channel = "pigeon" })).Route().Appends).Headers![0].Value,
            StringComparison.Ordinal);

    [Fact]
    public void Statuses_that_waited_for_the_message_go_back_into_the_log_with_the_number_and_the_time_that_they_had()
    {
        var status = new StatusEvent(Hello.MessageId, Conversation, Organization, "instagram", StatusKind.Sent, null);
        var parked = new ParkedStatus(Hello.MessageId.ToString(), 7, StatusEventJson.Write(status), Now.AddMinutes(-1));
        var admitted = Admit(Organization, Event(1, Hello));
        Assert.Contains(Hello.MessageId.ToString(), admitted.Subjects);

        var released = Assert.Single(admitted.Join([parked]));

        Assert.Same(parked, released.Parked);
        Assert.Equal((Topics.Status, Conversation.ToString()), (released.Event.Topic, released.Event.Key));
        var joined = StatusEventJson.TryRead(released.Event.Value.Span, out _)!;
        Assert.Equal((7L, Now.AddMinutes(-1)), (joined.Joins!.Value, joined.Timestamp!.Value));
        Assert.Equal([Topics.Status, "msg.out.instagram"], admitted.Route().Appends.Select(a => a.Topic));
    }

    [Fact]
    public void Inbound_message_is_stored_and_goes_to_no_connector()
    {
        var admitted = Admit(Organization, Event(1, Hello with { Direction = MessageDirection.Inbound }));
        Assert.Single(admitted.Messages);
        Assert.Empty(admitted.Route().Outbound);
    }

    [Fact]
    public void Message_when_it_comes_twice_is_looked_up_and_announced_once_and_goes_out_twice()
    {
        var admitted = Admit(Organization, Event(1, Hello), Event(2, Hello));
        Assert.Single(admitted.Subjects);
        Assert.Equal(2, admitted.Route().Outbound.Count);
        Assert.Single(admitted.Route().Announcements);
    }

    [Fact]
    public void Phase_when_it_is_taken_twice_adds_no_dead_letter_twice()
    {
        var incoming = IncomingMessages.Read(Partition, Topic, [Event(1, Hello)]);
        var owners = new Dictionary<Guid, ConversationOwner> { [Conversation] = new(Conversation, Stranger, Now) };
        incoming.Admit(owners).Route();
        Assert.Single(incoming.Admit(owners).Route().DeadLetters);
    }

    [Fact]
    public void Trace_when_the_router_has_a_span_goes_on_from_it()
    {
        var incoming = IncomingMessages.Read(Partition, Topic, [Event(1, Hello, new EventHeader(HeaderNames.TraceParent, Trace))]);
        incoming.Messages[0].TraceParent = "router";
        var routed = incoming.Admit(incoming.Claims.ToDictionary(c => c.ConversationId)).Route();
        Assert.Equal([new EventHeader(HeaderNames.TraceParent, "router")], Assert.Single(routed.Outbound).Headers!);
    }
}
