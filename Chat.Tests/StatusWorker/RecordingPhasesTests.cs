using System.Text;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Frames;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.StatusWorker.Recording;

namespace Chat.Tests.StatusWorker;

public sealed class RecordingPhasesTests
{
    private const string TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static readonly EventHeader Trace = new(HeaderNames.TraceParent, TraceParent);
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Stranger = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    private static readonly MessageKey Key = new(Conversation, Guid.Parse("01938a5e-0000-7000-8000-000000000001"));
    private static readonly TopicDescription Topic = new(Topics.Status, 4, "made once");
    private static readonly TopicPartition Home = new(Topics.Status, Topic.PartitionOf(Conversation.ToString()));
    private static readonly TopicPartition Elsewhere = new(Topics.Status, (Home.Partition + 1) % Topic.Partitions);

    private static readonly Dictionary<Guid, ConversationOwner> Owners = new() { [Conversation] = new(Conversation, Organization, Now) };

    private readonly Dictionary<MessageKey, StatusFacts> _store = [];
    private readonly Dictionary<MessageKey, Fact?> _announced = [];
    private readonly Sequencer _sequencer = new();

    private static LogEvent Event(long offset, StatusEvent status, params EventHeader[] headers) =>
        new(offset, Conversation.ToString(), StatusEventJson.Write(status), Now, headers);

    private static StatusEvent Status(StatusKind kind, int seconds = 0, Guid? organization = null) => new(
        Key.MessageId,
        Conversation,
        organization ?? Organization,
        "whatsapp",
        kind,
        Now.AddSeconds(seconds),
        kind == StatusKind.Failed ? "why" : null);

    private static long Seq(long offset) => SequenceNumber.Create(1, offset);

    private static long ParkedSeq(long offset) => SequenceNumber.InPartition(Home.Partition, Seq(offset));

    /// <summary>Carries a batch out against a store that merges.</summary>
    private AppliedStatuses Run(TopicPartition partition, bool known, params LogEvent[] events) => RunIn(1, partition, known, events);

    private AppliedStatuses RunIn(int epoch, TopicPartition partition, bool known, params LogEvent[] events) =>
        Record(Admit(Read(partition, epoch, events).Resolve(_ => null), known), known);

    private static AdmittedStatuses Admit(TopicPartition partition, int epoch, params LogEvent[] events) =>
        Admit(Read(partition, epoch, events).Resolve(_ => null));

    private static AdmittedStatuses Admit(ResolvedStatuses resolved, bool known = true) =>
        resolved.Admit(Owners, [.. resolved.Keys.Select(k => new MessageState(k, known ? MessageOf(k) : null, default))]);

    private static IncomingStatuses Read(TopicPartition partition, int epoch, params LogEvent[] events) =>
        IncomingStatuses.Read(partition, new(Topic, epoch), events);

    private AppliedStatuses Record(AdmittedStatuses admitted, bool known)
    {
        foreach (var record in admitted.Records)
        {
            if (record.Kind is { } kind) _store[record.Key] = _store.GetValueOrDefault(record.Key).With(kind, record.Fact);
            else _announced[record.Key] = Fact.Merge(_announced.GetValueOrDefault(record.Key), record.Fact);
        }
        return admitted.Apply([.. admitted.Records.Select(r => r.Key).Distinct().Select(StateOf)], _sequencer, new());

        MessageState StateOf(MessageKey key) => new(
            key, known ? MessageOf(key) : null, _store.GetValueOrDefault(key), _announced.GetValueOrDefault(key));
    }

    private static Message MessageOf(MessageKey key) => new(
        key.MessageId, key.ConversationId, Organization, Guid.Empty, "whatsapp", "outbound", "text", "{}", null, Now);

    private static string Reason(NewEvent deadLetter) => deadLetter.Headers!.Single(h => h.Name == HeaderNames.DeadLetterReason).Value;

    [Fact]
    public void Each_event_that_adds_a_fact_makes_a_numbered_change_and_a_frame_that_names_the_one_before()
    {
        var batch = Run(Home, known: true, Event(5, Status(StatusKind.Sent)), Event(8, Status(StatusKind.Delivered, 1)));
        Assert.Equal([Seq(5), Seq(8)], batch.Changes.Select(c => c.Seq));
        var frames = batch.Frames.Select(f => BusPayload.TryRead(f.Payload)!).ToList();
        Assert.Equal([null, Seq(5)], frames.Select(f => f.Prev));
        Assert.All(frames, f => Assert.Equal(Organization, f.Organization));
        Assert.Empty(batch.Appends);
    }

    private static StatusEvent Announcement(Guid? organization = null) =>
        Status(StatusKind.Sent, organization: organization) with { Status = null };

    [Fact]
    public void An_announcement_makes_a_change_and_a_frame_of_its_own_and_no_fact()
    {
        Run(Home, known: true, Event(4, Status(StatusKind.Read)));
        var batch = Run(Home, known: true, Event(5, Announcement()), Event(6, Status(StatusKind.Failed, 1)));

        Assert.Equal([(Seq(5), MessageStatus.Accepted), (Seq(6), MessageStatus.Read)], batch.Changes.Select(c => (c.Seq, c.Status)));
        var frames = batch.Frames.Select(f => BusPayload.TryRead(f.Payload)!).ToList();
        Assert.Equal([Seq(4), Seq(5)], frames.Select(f => f.Prev));
        Assert.Equal([true, false], frames.Select(f => f.IsAnnouncement));
        Assert.Equal([Organization, Organization], frames.Select(f => f.Organization));
        Assert.Contains($"\"messageId\":\"{Key.MessageId}\"", Encoding.UTF8.GetString(frames[0].Frame.Span), StringComparison.Ordinal);
        Assert.Equal([StatusKind.Read, StatusKind.Failed], StatusKinds.All.Where(k => _store[Key][k] is not null));
    }

    [Fact]
    public void A_second_announcement_is_no_second_change_and_the_first_is_one_each_time_that_it_is_delivered()
    {
        var (first, second) = (Event(5, Announcement()), Event(8, Announcement()));
        Assert.Equal([Seq(5)], Run(Home, known: true, first, second).Changes.Select(c => c.Seq));
        var again = Run(Home, known: true, first, second);
        Assert.Equal(Seq(5), Assert.Single(again.Changes).Seq);
        Assert.Equal(1, again.Repeated);
        Assert.Null(BusPayload.TryRead(Assert.Single(again.Frames).Payload)!.Prev);
        // The worker that had it in the epoch before may have died before it wrote the change.
        Assert.Equal(SequenceNumber.Create(2, 5), Assert.Single(RunIn(2, Home, known: true, first).Changes).Seq);
    }

    [Fact]
    public void An_announcement_of_a_message_that_is_not_there_is_parked_and_one_of_another_organization_is_a_dead_letter()
    {
        var parked = Assert.Single(Run(Home, known: false, Event(5, Announcement())).Parked);
        Assert.Equal((Key.MessageId.ToString(), ParkedSeq(5)), (parked.Subject, parked.Seq));
        Assert.Empty(_announced);
        var released = StatusEventJson.TryRead(ParkedStatuses.Release(parked, Key).Value.Span, out _)!;
        Assert.Equal((true, Seq(5)), (released.IsAnnouncement, released.Joins));

        var foreign = Run(Home, known: true, Event(6, Announcement(Stranger)));
        Assert.StartsWith("organizacao_id", Reason(Assert.Single(foreign.Appends)), StringComparison.Ordinal);
        Assert.Empty(foreign.Changes);
    }

    [Fact]
    public void A_change_carries_the_derived_status_so_that_the_last_frame_is_the_truth()
    {
        Run(Home, known: true, Event(5, Status(StatusKind.Read, 2)));
        var late = Run(Home, known: true, Event(6, Status(StatusKind.Delivered, 1)));
        var change = Assert.Single(late.Changes);
        Assert.Equal((MessageStatus.Read, Now.AddSeconds(2)), (change.Status, change.At));
    }

    [Fact]
    public void A_failure_that_brings_the_reason_alone_makes_a_change_and_a_frame_and_makes_them_again_when_redelivered()
    {
        var bare = Event(5, Status(StatusKind.Failed) with { Reason = null });
        var explained = Event(8, Status(StatusKind.Failed, 1));
        Assert.Null(Assert.Single(Run(Home, known: true, bare).Changes).Reason);

        var batch = Run(Home, known: true, explained);
        var again = Run(Home, known: true, bare, explained);

        var change = Assert.Single(batch.Changes);
        Assert.Equal((Seq(8), MessageStatus.Failed, Now, "why"), (change.Seq, change.Status, change.At, change.Reason));
        Assert.Contains("\"reason\":\"why\"", Encoding.UTF8.GetString(Assert.Single(batch.Frames).Payload.Span), StringComparison.Ordinal);
        Assert.Equal([Seq(5), Seq(8)], again.Changes.Select(c => c.Seq));
        Assert.Equal(change, again.Changes[1]);
        // A copy of it, and one with another reason, add nothing.
        Assert.Equal(2, Run(Home, known: true, Event(9, Status(StatusKind.Failed, 1)), Event(10, Status(StatusKind.Failed, 2))).Repeated);
        // In a new epoch its number is another, as every event's is.
        Assert.Equal(SequenceNumber.Create(2, 8), Assert.Single(RunIn(2, Home, known: true, explained).Changes).Seq);
    }

    [Fact]
    public void An_event_whose_fact_stands_under_an_earlier_number_is_in_the_timeline_alone()
    {
        Run(Home, known: true, Event(5, Status(StatusKind.Sent)));
        var admitted = Admit(Home, 1, Event(6, Status(StatusKind.Sent)));
        Assert.Single(admitted.Records);
        var second = Record(admitted, known: true);
        Assert.Empty(second.Changes);
        Assert.Empty(second.Frames);
        Assert.Equal(1, second.Repeated);
    }

    [Fact]
    public void A_redelivery_is_written_and_published_again_in_full_under_the_same_number()
    {
        var first = Run(Home, known: true, Event(5, Status(StatusKind.Sent)));
        var again = Run(Home, known: true, Event(5, Status(StatusKind.Sent)));
        Assert.Equal(first.Changes, again.Changes);
        Assert.Null(BusPayload.TryRead(again.Frames[0].Payload)!.Prev);
    }

    [Fact]
    public void What_is_merged_only_now_below_a_number_that_clients_may_have_passed_goes_into_the_log_once_more()
    {
        var heads = new EarlierHeads();
        heads.Read([Conversation], new Dictionary<Guid, long> { [Conversation] = Seq(8) });
        var events = Admit(
            Home, 1, Event(5, Status(StatusKind.Sent)), Event(8, Status(StatusKind.Read, 2)), Event(9, Status(StatusKind.Delivered, 1)));
        var before = StatusFacts.None.With(StatusKind.Read, new(Now.AddSeconds(2), null, Seq(8)));

        var applied = events.Apply([new(Key, MessageOf(Key), before)], _sequencer, heads);

        Assert.Equal([Seq(5), Seq(8), Seq(9)], applied.Changes.Select(c => c.Seq));
        Assert.Empty(applied.Appends);
        var again = StatusEventJson.TryRead(Assert.Single(applied.Again).Value.Span, out _)!;
        Assert.Equal((StatusKind.Sent, Key.MessageId, Conversation, Now, Seq(5)),
            (again.Status, again.MessageId, again.ConversationId, again.Timestamp, again.Joins));
        // It tells those who have passed the first.
        Record(events, known: true);
        Assert.Equal(Seq(12), Assert.Single(Run(Home, known: true, Event(12, again)).Changes).Seq);
    }

    [Fact]
    public void Heads_are_asked_for_once_until_there_are_too_many()
    {
        Guid[] all = [Conversation, Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        var heads = new EarlierHeads(capacity: 2);
        Assert.Equal(all[..2], heads.Unknown(all[..2]));
        heads.Read(all[..2], new Dictionary<Guid, long> { [Conversation] = 8 });
        Assert.Equal([true, true, false], new[] { 5L, 8, 9 }.Select(seq => heads.Cover(Conversation, seq)));
        Assert.False(heads.Cover(all[1], 1));
        Assert.False(heads.Cover(all[2], 1));

        // What is known when a batch is looked at is known for as long as it is worked on.
        Assert.Equal(all[2..4], heads.Unknown(all[..4]));
        heads.Read(all[2..4], new Dictionary<Guid, long>());
        Assert.True(heads.Cover(Conversation, 5));

        Assert.Equal([Conversation, all[1], all[4]], heads.Unknown(all));
        heads.Read([Conversation, all[1], all[4]], new Dictionary<Guid, long> { [Conversation] = 8 });
        Assert.True(heads.Cover(Conversation, 5));
    }

    [Fact]
    public void An_event_that_comes_again_in_a_new_epoch_makes_its_change_under_the_new_number()
    {
        // The worker dies once the fact is recorded: nobody has its change.
        Run(Home, known: true, Event(5, Status(StatusKind.Sent)));
        var again = RunIn(2, Home, known: true, Event(5, Status(StatusKind.Sent)));
        var change = Assert.Single(again.Changes);
        Assert.Equal((SequenceNumber.Create(2, 5), MessageStatus.Sent, Now), (change.Seq, change.Status, change.At));
        Assert.Equal(Seq(5), _store[Key][StatusKind.Sent]!.Value.Seq);
        Assert.Single(again.Frames);
    }

    [Fact]
    public void A_later_status_of_the_same_kind_adds_nothing_in_a_new_epoch_either()
    {
        Run(Home, known: true, Event(5, Status(StatusKind.Sent)));
        var later = RunIn(2, Home, known: true, Event(6, Status(StatusKind.Sent, 1)));
        Assert.Empty(later.Changes);
        Assert.Equal(1, later.Repeated);
    }

    [Fact]
    public void A_status_without_a_known_message_is_parked_and_neither_recorded_nor_pushed()
    {
        var admitted = Admit(Read(Home, 1, Event(5, Status(StatusKind.Sent))).Resolve(_ => null), known: false);
        Assert.Empty(admitted.Records);
        var batch = Record(admitted, known: false);
        Assert.Empty(batch.Changes);
        Assert.Empty(batch.Frames);
        Assert.Equal((Key.MessageId.ToString(), ParkedSeq(5)), (batch.Parked[0].Subject, batch.Parked[0].Seq));
    }

    [Fact]
    public void Statuses_of_one_message_that_name_two_conversations_and_have_one_offset_wait_under_two_numbers()
    {
        var other = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()).First(id => Topic.PartitionOf($"{id}") == Elsewhere.Partition);
        var first = Run(Home, known: false, Event(5, Status(StatusKind.Sent))).Parked.Single();
        var second = Run(Elsewhere, known: false, Event(5, Status(StatusKind.Sent) with { ConversationId = other })).Parked.Single();
        Assert.Equal(first.Subject, second.Subject);
        Assert.NotEqual(first.Seq, second.Seq);
    }

    [Fact]
    public void A_parked_status_that_comes_back_makes_its_change_under_its_new_number()
    {
        var parked = Run(Home, known: false, Event(5, Status(StatusKind.Delivered))).Parked[0];
        var joined = ParkedStatuses.Release(parked, Key);
        var batch = Run(Home, known: true, new LogEvent(9, joined.Key, joined.Value, Now.AddHours(1), []));
        var change = Assert.Single(batch.Changes);
        Assert.Equal((Seq(9), MessageStatus.Delivered, Now), (change.Seq, change.Status, change.At));
        Assert.Equal(Seq(9), _store[Key][StatusKind.Delivered]!.Value.Seq);
        Assert.Equal(Seq(5), StatusEventJson.TryRead(joined.Value.Span, out _)!.Joins);
    }

    // Seed 6740: the worker that parked it died before its commit, after changes of other messages that came after it.
    [Fact]
    public void A_parked_status_that_comes_back_after_it_was_delivered_again_makes_a_change_that_clients_have_not_passed()
    {
        var early = Event(5, Status(StatusKind.Delivered));
        var joined = ParkedStatuses.Release(Run(Home, known: false, early).Parked[0], Key);
        Assert.Equal(Seq(5), Assert.Single(Run(Home, known: true, early).Changes).Seq);

        var batch = Run(Home, known: true, new LogEvent(9, joined.Key, joined.Value, Now.AddHours(1), []));

        Assert.Equal(Seq(9), Assert.Single(batch.Changes).Seq);
        Assert.Equal(0, batch.Repeated);
    }

    [Fact]
    public void A_parked_status_that_the_version_before_recorded_too_makes_its_change_under_its_new_number()
    {
        _store[Key] = default(StatusFacts).With(StatusKind.Delivered, new(Now, null, Seq(5)));
        var joined = ParkedStatuses.Release(
            new($"{Key.MessageId}", Seq(5), StatusEventJson.Write(Status(StatusKind.Delivered)), Now), Key);
        var batch = Run(Home, known: true, new LogEvent(9, joined.Key, joined.Value, Now.AddHours(1), []));
        Assert.Equal(Seq(9), Assert.Single(batch.Changes).Seq);
        Assert.Equal(Seq(5), _store[Key][StatusKind.Delivered]!.Value.Seq);
    }

    [Fact]
    public void A_parked_status_that_names_another_conversation_than_its_messages_is_a_dead_letter()
    {
        var parked = Run(Home, known: false, Event(5, Status(StatusKind.Sent))).Parked[0];
        var released = ParkedStatuses.Release(parked, Key with { ConversationId = Stranger });
        Assert.Equal("msg.status.dlq", released.Topic);
        Assert.StartsWith("conversation_id", Reason(released), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_of_another_organization_is_a_dead_letter_and_the_rest_of_its_batch_goes_on()
    {
        var batch = Run(Home, known: true, Event(5, Status(StatusKind.Sent, organization: Stranger)), Event(6, Status(StatusKind.Sent)));
        Assert.Equal([Seq(6)], batch.Changes.Select(c => c.Seq));
        var dead = Assert.Single(batch.Appends);
        Assert.Equal("msg.status.dlq", dead.Topic);
        Assert.StartsWith("organizacao_id", Reason(dead), StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_not_be_read_is_a_dead_letter_with_its_value_unchanged()
    {
        var junk = new LogEvent(5, null, Encoding.UTF8.GetBytes("{\"status\":\"SENT\"}"), Now, []);
        var batch = Run(Home, known: true, junk, Event(6, Status(StatusKind.Sent)));
        Assert.Single(batch.Changes);
        var dead = Assert.Single(batch.Appends);
        Assert.Equal(junk.Value.ToArray(), dead.Value.ToArray());
        Assert.StartsWith("message_id", Reason(dead), StringComparison.Ordinal);
        Assert.Equal("5", dead.Headers!.Single(h => h.Name == HeaderNames.DeadLetterOffset).Value);
    }

    [Fact]
    public void An_event_in_another_partition_than_its_conversations_goes_back_under_the_right_key_with_its_time()
    {
        var status = Status(StatusKind.Sent) with { Timestamp = null };
        var admitted = Admit(Elsewhere, 1, Event(5, status, Trace));
        Assert.Empty(admitted.Records);
        var batch = Record(admitted, known: true);
        var again = Assert.Single(batch.Appends);
        Assert.Equal((Topics.Status, Conversation.ToString()), (again.Topic, again.Key));
        Assert.Equal(Now, StatusEventJson.TryRead(again.Value.Span, out _)!.Timestamp);
        Assert.Contains(Trace, again.Headers!);
    }

    [Fact]
    public void Event_when_it_is_elsewhere_after_it_was_rekeyed_gets_no_number_and_counts_as_misrouted()
    {
        var first = Read(Elsewhere, 1, Event(5, Status(StatusKind.Sent))).Resolve(_ => null);
        Assert.Equal(0, first.MisroutedAgain);
        var again = Assert.Single(Record(Admit(first), known: true).Appends);
        var second = Read(Elsewhere, 1, new LogEvent(6, again.Key, again.Value, Now, again.Headers!)).Resolve(_ => null);
        Assert.Equal(1, second.MisroutedAgain);
        var admitted = Admit(second);
        Assert.Empty(admitted.Records);
        var batch = Record(admitted, known: true);
        Assert.Empty(batch.Changes);
        Assert.Single(batch.Appends);
    }

    [Fact]
    public void An_event_without_a_conversation_goes_back_with_its_messages_one_or_waits()
    {
        var bare = Event(5, Status(StatusKind.Sent) with { ConversationId = null });
        var incoming = Read(Home, 1, bare);
        Assert.Single(incoming.Unresolved);
        var known = Record(Admit(incoming.Resolve(_ => Key)), known: true);
        var again = StatusEventJson.TryRead(Assert.Single(known.Appends).Value.Span, out _)!;
        Assert.Equal(Conversation, again.ConversationId);

        var unknown = Record(Admit(incoming.Resolve(_ => null)), known: true);
        Assert.Single(unknown.Parked);
        Assert.Empty(unknown.Appends);
    }

    [Fact]
    public void The_reason_of_a_failure_is_in_the_fact_the_change_and_the_frame()
    {
        var admitted = Admit(Home, 1, Event(5, Status(StatusKind.Failed)));
        Assert.Equal("why", admitted.Records[0].Fact.Reason);
        var batch = Record(admitted, known: true);
        Assert.Equal("why", batch.Changes[0].Reason);
        Assert.Contains("\"reason\":\"why\"", Encoding.UTF8.GetString(batch.Frames[0].Payload.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TraceParent, true)]
    [InlineData("no trace, and as long as its producer likes", false)]
    public void Event_when_it_was_rekeyed_for_another_number_of_partitions_is_rekeyed_again_for_this_one(string trace, bool isPassedOn)
    {
        EventHeader[] headers = [new(HeaderNames.Rekeyed, "3"), new(HeaderNames.TraceParent, trace), new("theirs", "é")];
        var moved = Event(5, Status(StatusKind.Sent), headers);
        var again = Assert.Single(Run(Elsewhere, known: true, moved).Appends);
        EventHeader[] passedOn = isPassedOn ? [new(HeaderNames.TraceParent, trace)] : [];
        Assert.Equal([.. passedOn, new("theirs", "é"), new(HeaderNames.Rekeyed, "4")], again.Headers!);
    }

    [Fact]
    public void Only_what_says_no_conversation_is_looked_up_and_goes_back_even_where_it_lies_at_home()
    {
        var bare = Event(6, Status(StatusKind.Delivered, 1) with { ConversationId = null });
        var incoming = Read(Home, 1, Event(5, Status(StatusKind.Sent)), bare);
        Assert.Equal([StatusKind.Delivered], incoming.Unresolved.Select(s => s.Status));
        var resolved = incoming.Resolve(_ => Key);
        Assert.Equal([Conversation], resolved.Conversations);
        var admitted = Admit(resolved);
        Assert.Equal([Seq(5)], admitted.Records.Select(r => r.Seq));
        Assert.Equal(1, Record(admitted, known: true).Rekeyed);
    }

    [Fact]
    public void An_event_that_names_no_organization_is_its_conversations()
    {
        var batch = Run(Home, known: true, Event(5, Status(StatusKind.Sent) with { OrganizationId = null }));
        Assert.Equal([Seq(5)], batch.Changes.Select(c => c.Seq));
        Assert.Empty(batch.Appends);
    }

    [Fact]
    public void What_became_of_each_event_is_counted()
    {
        var junk = new LogEvent(4, null, Encoding.UTF8.GetBytes("{}"), Now, []);
        var incoming = Read(
            Home,
            1,
            junk,
            Event(5, Status(StatusKind.Sent, organization: Stranger)),
            Event(6, Status(StatusKind.Sent)),
            Event(7, Status(StatusKind.Sent)));
        Assert.Equal(3, incoming.Statuses.Count);
        var admitted = Admit(incoming.Resolve(_ => null));
        Assert.Equal([Key], admitted.Records.Select(r => r.Key).Distinct());
        var batch = Record(admitted, known: true);
        Assert.Equal((2, 0, 1), (batch.DeadLetters, batch.Rekeyed, batch.Repeated));
    }

    [Fact]
    public void Event_when_its_key_is_another_channels_is_a_dead_letter_and_recorded_nowhere()
    {
        var foreign = Status(StatusKind.Read) with { Channel = "instagram", Authenticated = true };
        var resolved = Read(Home, 1, Event(5, foreign), Event(6, Status(StatusKind.Sent) with { Authenticated = true }))
            .Resolve(_ => null);
        Assert.Equal([Key], resolved.Keys);
        var admitted = Admit(resolved);
        Assert.Equal([Seq(6)], admitted.Records.Select(r => r.Seq));
        Assert.Equal(1, Record(admitted, known: true).DeadLetters);
    }

    [Fact]
    public void Event_when_a_provider_reported_it_to_another_account_is_a_dead_letter_and_recorded_nowhere()
    {
        var resolved = Read(
                Home,
                1,
                Event(5, Status(StatusKind.Read) with { AccountId = "P2" }),
                Event(6, Status(StatusKind.Sent) with { AccountId = "P1" }),
                Event(7, Status(StatusKind.Delivered)))
            .Resolve(_ => null);

        var ofAccount = resolved.Admit(Owners, [new(Key, MessageOf(Key) with { AccountId = "P1" }, default)]);
        Assert.Equal([Seq(6), Seq(7)], ofAccount.Records.Select(r => r.Seq));
        Assert.Equal(1, Record(ofAccount, known: true).DeadLetters);

        // A simulated channel's message is no account's.
        var simulated = resolved.Admit(Owners, [new(Key, MessageOf(Key), default)]);
        Assert.Equal([Seq(7)], simulated.Records.Select(r => r.Seq));
    }

    [Fact]
    public void Event_when_its_key_is_a_channels_and_its_message_unknown_is_parked_and_recorded_nowhere()
    {
        var admitted = Read(Home, 1, Event(5, Status(StatusKind.Read) with { Authenticated = true }))
            .Resolve(_ => null)
            .Admit(Owners, [new(Key, null, default)]);
        Assert.Empty(admitted.Records);
        var parked = Assert.Single(Record(admitted, known: true).Parked);
        var released = Core.Parking.ParkedStatuses.Release(parked, Key);
        Assert.True(StatusEventJson.TryRead(released.Value.Span, out _)!.Authenticated);
    }

    [Fact]
    public void Only_a_failure_has_a_reason()
    {
        var admitted = Admit(Home, 1, Event(5, Status(StatusKind.Sent) with { Reason = "why" }));
        Assert.Null(admitted.Records[0].Fact.Reason);
        var batch = Record(admitted, known: true);
        Assert.Null(batch.Changes[0].Reason);
    }

    [Fact]
    public void Event_when_nobody_owns_its_conversation_is_parked_and_recorded_nowhere()
    {
        var admitted = Read(Home, 1, Event(5, Status(StatusKind.Sent))).Resolve(_ => null)
            .Admit(new Dictionary<Guid, ConversationOwner>(), [new(Key, MessageOf(Key), default)]);
        Assert.Empty(admitted.Records);
        Assert.Equal([ParkedSeq(5)], Record(admitted, known: true).Parked.Select(p => p.Seq));
    }

    [Fact]
    public void Phase_when_it_is_taken_twice_gives_the_same_and_counts_nothing_twice()
    {
        var junk = new LogEvent(4, null, Encoding.UTF8.GetBytes("{}"), Now, []);
        var unknown = Event(6, Status(StatusKind.Sent) with { ConversationId = null });
        var incoming = Read(Home, 1, junk, Event(5, Status(StatusKind.Sent, organization: Stranger)), unknown);
        Admit(incoming.Resolve(_ => null));
        var batch = Record(Admit(incoming.Resolve(_ => null)), known: true);
        Assert.Equal((2, 2, 1), (batch.DeadLetters, batch.Appends.Count, batch.Parked.Count));
    }
}
