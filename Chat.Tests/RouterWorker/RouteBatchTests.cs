using System.Text;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.RouterWorker.Batches;

namespace Chat.Tests.RouterWorker;

public sealed class RouteBatchTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly DateTimeOffset Now = new(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Stranger = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly TopicPartition Partition = new(Topics.Messages, 0);

    private static readonly Message Hello = new(
        Guid.Parse("01938a5e-0000-7000-8000-000000000001"), Conversation, Organization, Guid.NewGuid(), "instagram", "outbound", "text", """{"texto":"Olá"}""", "@ana", Now);

    private static LogEvent Event(long offset, Message message, params EventHeader[] headers) =>
        new(offset, message.ConversationId.ToString(), MessageEventJson.Write(message), Now, headers);

    private static RouteBatch Run(Guid owner, IReadOnlyList<ParkedStatus> parked, params LogEvent[] events)
    {
        var batch = new RouteBatch(Partition, events);
        batch.Admit(batch.Claims.ToDictionary(c => c.ConversationId, c => c with { OrganizationId = owner }));
        batch.Join(parked);
        return batch;
    }

    [Fact]
    public void A_message_goes_into_the_store_and_on_to_its_channel_with_its_trace()
    {
        var batch = Run(Organization, [], Event(1, Hello, new EventHeader(HeaderNames.TraceParent, Trace)));
        var stored = Assert.Single(batch.Messages);
        Assert.Equal(Hello with { CreatedAt = stored.CreatedAt }, stored);
        var sent = Assert.Single(batch.Appends);
        Assert.Equal(("msg.out.instagram", Conversation.ToString()), (sent.Topic, sent.Key));
        Assert.Equal(stored, MessageEventJson.TryRead(sent.Value.Span, out _));
        Assert.Equal([new EventHeader(HeaderNames.TraceParent, Trace)], sent.Headers!);
    }

    [Fact]
    public void A_message_in_another_organizations_conversation_is_a_dead_letter_and_stored_nowhere()
    {
        var batch = Run(Stranger, [], Event(1, Hello));
        Assert.Empty(batch.Messages);
        Assert.Equal("messages.dlq", Assert.Single(batch.Appends).Topic);
    }

    [Fact]
    public void Two_organizations_that_claim_one_conversation_in_one_batch_are_told_apart()
    {
        var other = Hello with { MessageId = Guid.Parse("01938a5e-0000-7000-8000-000000000002"), OrganizationId = Stranger };
        var batch = Run(Organization, [], Event(1, Hello), Event(2, other));
        Assert.Equal([Hello.MessageId], batch.Messages.Select(m => m.MessageId));
        Assert.Equal(1, batch.DeadLetters);
    }

    [Theory]
    [InlineData("{", "not a message")]
    [InlineData("{}", "message_id")]
    public void What_can_not_be_read_is_a_dead_letter_and_the_rest_goes_on(string json, string reason)
    {
        var batch = Run(Organization, [], new LogEvent(1, null, Encoding.UTF8.GetBytes(json), Now, []), Event(2, Hello));
        Assert.Single(batch.Messages);
        var dead = batch.Appends.Single(a => a.Topic == "messages.dlq");
        Assert.StartsWith(reason, dead.Headers!.Single(h => h.Name == HeaderNames.DeadLetterReason).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_does_not_exist_is_named() =>
        Assert.StartsWith(
            "channel",
            Assert.Single(Run(Organization, [], Event(1, Hello with { Channel = "pigeon" })).Appends).Headers![0].Value,
            StringComparison.Ordinal);

    [Fact]
    public void Statuses_that_waited_for_the_message_go_back_into_the_log_before_it_goes_on()
    {
        var status = new StatusEvent(Hello.MessageId, Conversation, Organization, "instagram", StatusKind.Sent, null);
        var parked = new ParkedStatus(Hello.MessageId.ToString(), 7, StatusEventJson.Write(status), Now.AddMinutes(-1));
        var batch = Run(Organization, [parked], Event(1, Hello));
        Assert.Contains(Hello.MessageId.ToString(), batch.Subjects);
        Assert.Equal([Topics.Status, "msg.out.instagram"], batch.Appends.Select(a => a.Topic));
        var joined = StatusEventJson.TryRead(batch.Appends[0].Value.Span, out _)!;
        Assert.Equal((7L, Now.AddMinutes(-1)), (joined.Joins!.Value, joined.Timestamp!.Value));
        Assert.Equal([parked], batch.Joined);
    }
}
