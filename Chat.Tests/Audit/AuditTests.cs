using System.Text;
using Chat.Core.Audit;
using Chat.Core.Engines;
using Chat.Core.Erasure;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Audit;

public sealed class AuditTests : IDisposable
{
    private readonly AuditFixture _bench = new();

    private static CancellationToken Cancellation => AuditFixture.Cancellation;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Where_all_is_well_every_event_has_its_fact_and_its_change_and_nothing_is_missing()
    {
        for (var i = 0; i < 3; i++) await ReportAllAsync(await _bench.PostAsync());
        await _bench.WorkAsync();

        var (tally, missing) = await _bench.AuditAsync();

        Assert.Empty(missing);
        Assert.Equal("Changed 9", AuditFixture.Counts(tally));
        Assert.Equal((9, 9, 9), (tally.Events, tally.FactsAcknowledged, tally.FactsInStore));
    }

    [Fact]
    public async Task A_fact_that_the_store_lost_is_named_and_no_other()
    {
        var (key, other) = (await _bench.PostAsync(), await _bench.PostAsync());
        await ReportAllAsync(key);
        await ReportAllAsync(other);
        await _bench.WorkAsync();

        var (tally, missing) = await _bench.AuditAsync(_bench.Tampered(
            state: s => s.Key == key ? s with { Facts = s.Facts.Without(StatusKind.Delivered) } : s));

        var finding = Assert.Single(missing);
        Assert.Equal(
            (AuditOutcome.MissingFact, StatusKind.Delivered, key.MessageId, key.ConversationId),
            (finding.Outcome, finding.Status!.Status, finding.MessageId, finding.ConversationId));
        Assert.Equal((await TimelineAsync(key)).Single(r => r.Kind == StatusKind.Delivered).Seq, finding.Seq);
        Assert.Equal("Changed 5, MissingFact 1", AuditFixture.Counts(tally));
        Assert.Equal((6, 5), (tally.FactsAcknowledged, tally.FactsInStore));
    }

    [Fact]
    public async Task A_fact_that_stands_later_than_was_acknowledged_is_missing()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();

        var (_, missing) = await _bench.AuditAsync(_bench.Tampered(
            state: s => s with
            {
                Facts = s.Facts.Without(StatusKind.Sent).With(StatusKind.Sent, new(AuditFixture.Now.AddSeconds(1), null, 999)),
            }));

        Assert.Equal(AuditOutcome.MissingFact, Assert.Single(missing).Outcome);
    }

    [Fact]
    public async Task A_change_that_the_store_lost_is_named_and_no_other()
    {
        var key = await _bench.PostAsync();
        await ReportAllAsync(key);
        await _bench.WorkAsync();
        var lost = (await TimelineAsync(key))[1];

        var (tally, missing) = await _bench.AuditAsync(_bench.Tampered(keeps: c => c.Seq != lost.Seq));

        var finding = Assert.Single(missing);
        Assert.Equal((AuditOutcome.MissingChange, lost.Seq, lost.Kind), (finding.Outcome, finding.Seq, finding.Status!.Status));
        Assert.Equal(
            $"missing change: DELIVERED of message {key.MessageId}, conversation {key.ConversationId}, seq {lost.Seq}, "
            + $"msg.status[{finding.Partition.Partition}]:{finding.Event.Offset}",
            finding.ToString());
        Assert.Equal("Changed 2, MissingChange 1", AuditFixture.Counts(tally));
        Assert.Equal((3, 3), (tally.FactsAcknowledged, tally.FactsInStore));
    }

    [Fact]
    public async Task A_change_past_its_retention_is_not_missing()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        _bench.Time.Advance(TimeSpan.FromDays(8));
        await _bench.ReportAsync(key, StatusKind.Read);
        await _bench.WorkAsync();
        Assert.Equal(1, await _bench.TrimAsync());

        var (tally, _) = await _bench.AuditAsync();

        Assert.Equal("Changed 1, Expired 1", AuditFixture.Counts(tally));
    }

    [Fact]
    public async Task Copies_and_what_another_time_outdid_are_explained()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent, seconds: 10);
        await _bench.WorkAsync();
        await _bench.ReportAsync(key, StatusKind.Sent, seconds: 20);
        await _bench.WorkAsync();
        await _bench.ReportAsync(key, StatusKind.Sent, seconds: 5);
        await _bench.WorkAsync();
        await _bench.ReportAsync(key, StatusKind.Sent, seconds: 5);
        await _bench.WorkAsync();

        var (tally, _) = await _bench.AuditAsync();

        Assert.Equal("Changed 1, Repeated 3", AuditFixture.Counts(tally));
        Assert.Equal((4, 4), (tally.FactsAcknowledged, tally.FactsInStore));
    }

    [Fact]
    public async Task A_reason_that_came_after_its_failure_is_audited_as_the_fact_and_the_change_that_it_is()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Failed);
        await _bench.ReportAsync(key, StatusKind.Failed, seconds: 5, reason: "131026: undeliverable");
        await _bench.WorkAsync();
        Assert.Equal("Changed 2", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        var (_, missing) = await _bench.AuditAsync(_bench.Tampered(
            state: s => s with
            {
                Facts = s.Facts.Without(StatusKind.Failed)
                    .With(StatusKind.Failed, s.Facts[StatusKind.Failed]!.Value with { Why = null }),
            }));
        Assert.Equal((AuditOutcome.MissingFact, "131026: undeliverable"), (Assert.Single(missing).Outcome, missing[0].Status!.Reason));

        var reason = (await TimelineAsync(key)).Single(r => r.Fact.Why is not null);
        var (_, unsaid) = await _bench.AuditAsync(_bench.Tampered(keeps: c => c.Seq != reason.Seq));
        Assert.Equal((AuditOutcome.MissingChange, reason.Seq), (Assert.Single(unsaid).Outcome, unsaid[0].Seq));
    }

    [Fact]
    public async Task A_pointer_explains_what_was_refused()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        var refused = await _bench.ReportAsync(key, StatusKind.Read, seconds: 1);
        await _bench.WorkAsync();
        var stores = _bench.Tampered(state: s => s with { Facts = s.Facts.Without(StatusKind.Read) });
        Assert.Equal("Changed 1, MissingFact 1", AuditFixture.Counts((await _bench.AuditAsync(stores)).Tally));

        await PointAtAsync(refused);

        Assert.Equal("Changed 1, DeadLetter 1", AuditFixture.Counts((await _bench.AuditAsync(stores)).Tally));
    }

    [Fact]
    public async Task What_the_store_refuses_to_be_asked_about_hides_nothing_of_the_others()
    {
        var (key, other) = (await _bench.PostAsync(), await _bench.PostAsync());
        await ReportAllAsync(other);
        var refused = await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        var stores = _bench.Tampered(state: s => s.Key == key ? throw new EngineRefusedException("key too long") : s);
        Assert.Equal("Changed 3, MissingDeadLetter 1", AuditFixture.Counts((await _bench.AuditAsync(stores)).Tally));

        await PointAtAsync(refused);

        Assert.Equal("Changed 3, DeadLetter 1", AuditFixture.Counts((await _bench.AuditAsync(stores)).Tally));
    }

    private async Task PointAtAsync(EventPosition place) => await _bench.Log.AppendAsync(
        DeadLetters.PointerTo(new(Topics.Status, place.Partition), place.Offset, "refused: too large"), Cancellation);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_status_that_waits_for_its_message_is_parked_then_given_up_and_lost_only_where_neither_says_so(bool owned)
    {
        var key = owned ? await _bench.ClaimAsync() : new(Guid.NewGuid(), Guid.CreateVersion7(AuditFixture.Now));
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        Assert.Equal("Parked 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        await _bench.SweepAsync();
        Assert.Equal("GivenUp 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        var (_, missing) = await _bench.AuditAsync(reader: new NoDeadLetters(_bench.Reader));
        Assert.Equal(AuditOutcome.MissingFact, Assert.Single(missing).Outcome);
    }

    [Fact]
    public async Task A_status_of_another_systems_message_is_parked_and_then_nobodys_and_of_ours_it_is_missing()
    {
        var key = await _bench.PostAsync();
        var id = new ProviderId("whatsapp", "wamid.1", "700800900");
        var status = new StatusEvent(
            null, null, AuditFixture.Organization, id.Channel, StatusKind.Read, AuditFixture.Now, null, id.Id, AccountId: id.AccountId);
        await _bench.Log.AppendAsync(new NewEvent(Topics.Status, id.Id, StatusEventJson.Write(status)), AuditFixture.Cancellation);
        await _bench.WorkAsync();
        Assert.Equal("Parked 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        await _bench.SweepAsync();
        var tally = (await _bench.AuditAsync()).Tally;
        Assert.Equal(("NotOurs 1", 0), (AuditFixture.Counts(tally), tally.FactsAcknowledged));

        await _bench.Store.ProviderIds.AddProviderIdAsync(id, key, AuditFixture.Cancellation);
        Assert.Equal("MissingFact 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_status_that_came_back_is_explained_by_the_one_that_joins_it(bool owned)
    {
        var key = owned ? await _bench.ClaimAsync() : new(Guid.NewGuid(), Guid.CreateVersion7(AuditFixture.Now));
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        await _bench.Store.Conversations.ClaimConversationAsync(
            new(key.ConversationId, AuditFixture.Organization, AuditFixture.Now), Cancellation);
        await _bench.StoreMessageAsync(key);
        _bench.Time.Advance(TimeSpan.FromHours(1));
        await _bench.ReleaseAsync(key);
        Assert.Equal("InFlight 2", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        await _bench.WorkAsync();
        Assert.Equal("Changed 1, Joined 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        var joining = (await TimelineAsync(key)).Single(r => r.Joins is not null);
        var (_, missing) = await _bench.AuditAsync(_bench.Tampered(keeps: c => c.Seq != joining.Seq));
        Assert.Equal((AuditOutcome.MissingChange, joining.Seq), (Assert.Single(missing).Outcome, missing[0].Seq));
    }

    [Fact]
    public async Task What_was_erased_is_explained_and_what_comes_afterwards_is_not()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        var scope = new ErasureScope(AuditFixture.Organization, [key.ConversationId]);
        await _bench.Store.Erasure.CollectAsync(scope, Cancellation);

        await _bench.Store.Erasure.EraseAsync(scope, dryRun: false, Cancellation);
        Assert.Equal("Erased 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        _bench.Time.Advance(TimeSpan.FromHours(1));
        var later = new MessageKey(key.ConversationId, Guid.CreateVersion7(AuditFixture.Now));
        await _bench.StoreMessageAsync(later);
        await _bench.ReportAsync(later, StatusKind.Sent);
        await _bench.WorkAsync();
        var (tally, missing) = await _bench.AuditAsync(_bench.Tampered(state: s => s with { Facts = StatusFacts.None }));
        Assert.Equal(1, tally[AuditOutcome.Erased]);
        Assert.Equal(later.MessageId, Assert.Single(missing).MessageId);
    }

    // The event that it repeats is delivered again after it was joined twice.
    [Fact]
    public async Task An_event_that_repeats_one_that_was_delivered_again_later_is_explained_by_that_ones_change()
    {
        var key = await _bench.ClaimAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        var parked = Assert.Single(await _bench.Store.Parked.ListParkedAsync([$"{key.MessageId}"], Cancellation));
        await _bench.StoreMessageAsync(key);
        await _bench.ReleaseAsync(key);
        await _bench.Log.AppendAsync(ParkedStatuses.Release(parked, key), Cancellation);
        await _bench.WorkAsync();

        var seq = SequenceNumber.WithoutPartition(parked.Seq);
        var now = AuditFixture.Now;
        await _bench.Store.Statuses.RecordStatusesAsync(
            [new(key, StatusKind.Sent, new(now, null, seq), "whatsapp", now, now, null)], Cancellation);
        await _bench.Store.Statuses.AddChangesAsync(
            [new(key.ConversationId, seq, key.MessageId, MessageStatus.Sent, "whatsapp", now, null, now)], Cancellation);

        Assert.Empty((await _bench.AuditAsync()).Missing);
    }

    [Fact]
    public async Task What_cannot_be_used_is_explained_by_its_dead_letter_and_missing_without()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent, organization: Guid.NewGuid());
        await _bench.Log.AppendAsync(new NewEvent(Topics.Status, "any", "not json"u8.ToArray()), Cancellation);
        await _bench.WorkAsync();

        var (tally, _) = await _bench.AuditAsync();
        Assert.Equal("DeadLetter 2", AuditFixture.Counts(tally));
        Assert.Equal((2, 0, 0), (tally.Events, tally.FactsAcknowledged, tally.FactsInStore));

        var (_, missing) = await _bench.AuditAsync(reader: new NoDeadLetters(_bench.Reader));
        Assert.Equal(["MissingDeadLetter", "MissingDeadLetter"], missing.Select(f => f.Outcome.ToString()));
        Assert.Contains(missing, f => f.ToString().StartsWith("missing dead_letter: unreadable", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_in_a_foreign_partition_is_in_flight_with_its_copy_then_explained_by_it_and_missing_with_it(bool sameOffset)
    {
        var key = await _bench.PostAsync();
        var topic = await _bench.Log.DescribeAsync(Topics.Status, Cancellation);
        var home = topic.PartitionOf(key.ConversationId.ToString());
        var elsewhere = Enumerable.Range(0, 100).Select(i => $"{i}").First(k => topic.PartitionOf(k) != home);
        var position = await _bench.ReportAsync(key, StatusKind.Sent, under: elsewhere);
        if (!sameOffset) await _bench.ReportAsync(key, StatusKind.Read);
        await _bench.WorkAsync(position.Partition);
        Assert.Equal($"InFlight {(sameOffset ? 2 : 3)}", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        await _bench.WorkAsync();
        Assert.Equal($"Changed {(sameOffset ? 1 : 2)}, Rekeyed 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        var (_, missing) = await _bench.AuditAsync(_bench.Tampered(state: s => s with { Facts = s.Facts.Without(StatusKind.Sent) }));
        Assert.Equal([key.MessageId, key.MessageId], missing.Select(f => f.MessageId!.Value));
        Assert.All(missing, f => Assert.Equal(AuditOutcome.MissingFact, f.Outcome));
    }

    [Fact]
    public async Task An_event_that_came_again_in_a_new_epoch_stands_by_the_change_under_its_new_number()
    {
        var key = await _bench.PostAsync();
        var before = await _bench.Store.Epochs.ClaimEpochAsync(Topics.Status, "before", Cancellation);
        var position = await _bench.ReportAsync(key, StatusKind.Sent);
        // The worker died once the fact was recorded, and the topic was created again.
        var fact = new Fact(AuditFixture.Now, null, SequenceNumber.Create(before, position.Offset));
        await _bench.Store.Statuses.RecordStatusesAsync(
            [new(key, StatusKind.Sent, fact, "whatsapp", AuditFixture.Now, AuditFixture.Now, null)], Cancellation);
        await _bench.WorkAsync();
        Assert.Equal("Changed 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));
    }

    [Fact]
    public async Task Looking_claims_no_epoch()
    {
        await _bench.ReportAsync(await _bench.PostAsync(), StatusKind.Sent);
        Assert.Equal("InFlight 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));
        Assert.Null(await _bench.Store.Epochs.GetLatestEpochAsync(Topics.Status, Cancellation));
    }

    [Fact]
    public async Task What_is_not_committed_or_younger_than_the_grace_is_in_flight()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        await _bench.ReportAsync(key, StatusKind.Read);
        Assert.Equal("Changed 1, InFlight 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        _bench.Window = _bench.Window with { SettledBefore = AuditFixture.Now };
        var (tally, missing) = await _bench.AuditAsync(_bench.Tampered(state: s => s with { Facts = StatusFacts.None }));
        Assert.Equal("InFlight 2", AuditFixture.Counts(tally));
        Assert.Empty(missing);
    }

    [Fact]
    public async Task Only_the_window_is_looked_at_however_much_lies_before_it()
    {
        var key = await _bench.PostAsync();
        await AppendManyAsync(key, 3_000);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        await _bench.ReportAsync(key, StatusKind.Delivered);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        await _bench.ReportAsync(key, StatusKind.Read);
        await _bench.WorkAsync();

        _bench.Window = _bench.Window with { From = AuditFixture.Now.AddHours(1), To = AuditFixture.Now.AddHours(3) };
        Assert.Equal("Changed 1", AuditFixture.Counts((await _bench.AuditAsync()).Tally));

        _bench.Window = _bench.Window with { From = AuditFixture.Now.AddHours(-1), To = AuditFixture.Now.AddHours(5) };
        Assert.Equal("Changed 3, Repeated 2999", AuditFixture.Counts((await _bench.AuditAsync()).Tally));
    }

    private async Task AppendManyAsync(MessageKey key, int count)
    {
        var value = Encoding.UTF8.GetBytes(
            $$"""{"message_id":"{{key.MessageId}}","conversation_id":"{{key.ConversationId}}","status":"SENT","channel":"whatsapp"}""");
        await _bench.Log.AppendAsync(
            [.. Enumerable.Range(0, count).Select(_ => new NewEvent(Topics.Status, key.ConversationId.ToString(), value))], Cancellation);
    }

    private async Task ReportAllAsync(MessageKey key)
    {
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.ReportAsync(key, StatusKind.Delivered, 1);
        await _bench.ReportAsync(key, StatusKind.Read, 2);
    }

    private ValueTask<IReadOnlyList<StatusRecord>> TimelineAsync(MessageKey key) =>
        _bench.Store.Statuses.ListTimelineAsync(key, Cancellation);

    /// <summary>A log whose dead letters are lost.</summary>
    private sealed class NoDeadLetters(ILogReader inner) : ILogReader
    {
        public async ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken) =>
            topic == Topics.Status ? await inner.GetRangesAsync(topic, cancellationToken) : [];

        public IAsyncEnumerable<LogEvent> ReadAsync(TopicPartition partition, long from, long end, CancellationToken cancellationToken) =>
            inner.ReadAsync(partition, from, end, cancellationToken);

        public ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken) =>
            inner.GetCommittedAsync(group, cancellationToken);
    }
}
