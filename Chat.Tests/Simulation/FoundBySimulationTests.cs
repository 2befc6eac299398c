using System.Text;
using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Simulation;
using Chat.StatusWorker.Recording;

namespace Chat.Tests.Simulation;

/// <summary>
/// What the simulation found, said once more by itself: a seed's run changes with the simulation and with the code, and these stay.
/// </summary>
public sealed class FoundBySimulationTests
{
    private static readonly DateTimeOffset Now = new(2025, 1, 15, 10, 30, 0, TimeSpan.Zero);
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly Guid Stranger = Guid.Parse("0f000000-0000-4000-8000-000000000000");
    private static readonly Guid MessageId = Guid.Parse("01946983-55a8-7b03-828e-1ddde5981a4d");
    private static readonly TopicDescription Topic = new(Topics.Status, 3, "a");

    /// <summary>The seeds at which each was found first, beyond the thousand that <see cref="SimulationTests"/> runs.</summary>
    [Theory]
    [InlineData(1715)]
    [InlineData(1998)]
    [InlineData(2446)]
    [InlineData(2451)]
    [InlineData(2760)]
    [InlineData(3522)]
    [InlineData(3805)]
    [InlineData(4169)]
    [InlineData(4294)]
    [InlineData(4762)]
    [InlineData(5128)]
    [InlineData(5158)]
    [InlineData(8219)]
    [InlineData(8439)]
    public void A_seed_that_failed_once_keeps_every_promise(ulong seed) => Assert.Empty(SimulationRun.Execute(seed).Violations);

    [Fact]
    public void Two_statuses_that_wait_for_one_message_under_one_offset_of_two_partitions_both_wait()
    {
        var first = Batch(0, Status(StatusKind.Sent, conversation: null)).Parked;
        var second = Batch(1, Status(StatusKind.Delivered, conversation: null)).Parked;
        var third = Batch(Topic.PartitionOf(Conversation.ToString()), Status(StatusKind.Read, Conversation)).Parked;

        ParkedStatus[] parked = [.. first, .. second, .. third];
        Assert.Single(parked.Select(p => p.Subject).Distinct());
        Assert.Equal(3, parked.Select(p => p.Seq).Distinct().Count());
        Assert.All(parked, p => Assert.Equal((1, 5L), (SequenceNumber.Epoch(p.Seq), SequenceNumber.Offset(p.Seq))));
    }

    [Fact]
    public void A_status_of_a_conversation_that_nobody_owns_waits_and_makes_no_fact()
    {
        var admitted = Admit(
            Topic.PartitionOf(Conversation.ToString()), Status(StatusKind.Read, Conversation) with { OrganizationId = Stranger });

        Assert.Empty(admitted.Records);
        Assert.Single(admitted.Apply([], new(), new()).Parked);
    }

    [Fact]
    public void A_subscriber_whose_replay_was_ahead_of_its_feed_gets_nothing_twice()
    {
        var sink = new Frames();
        var subscription = new Subscription(sink, Guid.Empty, new(1));
        subscription.Push(Frame(7), 10);
        subscription.GoLive(9);
        foreach (var seq in new long[] { 8, 9, 10, 0 }) subscription.Push(Frame(seq), 10);

        Assert.Equal([10, 0], sink.Sent);
    }

    [Fact]
    public void A_head_that_was_seen_during_a_read_is_read_for_where_the_read_did_not_bring_it()
    {
        var machine = new FeedMachine(maxHeld: 8);
        machine.Started(5);
        Assert.True(machine.HeadSeen(6));
        // The read began before 7 and 8 were there, and what told of them was lost with the connection.
        Assert.False(machine.HeadSeen(8));

        Assert.True(machine.Repaired(Page(6, 6), limit: 10).ReadAgain);
        Assert.False(machine.Repaired(Page(8, 7, 8), limit: 10).ReadAgain);
        Assert.Equal(8, machine.Last);
    }

    [Fact]
    public void A_head_that_was_seen_before_the_feed_stood_is_read_for()
    {
        var machine = new FeedMachine(maxHeld: 8);
        Assert.False(machine.HeadSeen(8));

        Assert.True(machine.Started(6).ReadAgain);
    }

    private static AppliedStatuses Batch(int partition, StatusEvent status) => Admit(partition, status).Apply([], new(), new());

    private static AdmittedStatuses Admit(int partition, StatusEvent status)
    {
        var source = new LogEvent(5, null, StatusEventJson.Write(status), Now, []);
        return IncomingStatuses.Read(new(Topics.Status, partition), new(Topic, 1), [source])
            .Resolve(_ => null)
            .Admit(new Dictionary<Guid, ConversationOwner>(), []);
    }

    private static StatusEvent Status(StatusKind kind, Guid? conversation) => new(MessageId, conversation, null, "whatsapp", kind, Now);

    private static ChangePage Page(long head, params long[] seqs) => new(
        head, true, [.. seqs.Select(s => new StatusChange(Conversation, s, MessageId, MessageStatus.Sent, "whatsapp", Now, null, Now))]);

    private static OutgoingFrame Frame(long seq) => OutgoingFrame.Text(Encoding.UTF8.GetBytes("{}"), MessageId, seq);

    private sealed class Frames : IFrameSink
    {
        public List<long> Sent { get; } = [];

        public void Send(OutgoingFrame frame) => Sent.Add(frame.Seq);

        public void Close(CloseCode code, string reason)
        {
        }

        public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
