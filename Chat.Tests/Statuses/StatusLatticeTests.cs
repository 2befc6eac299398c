using Chat.Core.Statuses;
using FsCheck;
using FsCheck.Fluent;

namespace Chat.Tests.Statuses;

public sealed class StatusLatticeTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000);

    private static void ForAllHistories(Func<List<(StatusKind Kind, Fact Fact)>, bool> holds) =>
        Check.One(Many, Prop.ForAll(Generators.Histories, holds));

    [Fact]
    public void Whatever_the_order_the_merged_facts_are_the_same() =>
        Check.One(Many, Prop.ForAll(
            (from history in Generators.Histories.Generator
             from shuffled in Gen.Shuffle(history.ToArray())
             select (history, shuffled)).ToArbitrary(),
            h => Generators.Merge(h.history) == Generators.Merge(h.shuffled)));

    [Fact]
    public void Repeating_any_part_of_a_history_changes_nothing() =>
        ForAllHistories(h => Generators.Merge(h) == Generators.Merge(h.Concat(h.Where((_, i) => i % 2 == 0))));

    [Fact]
    public void Merging_two_halves_is_merging_the_whole() => ForAllHistories(h =>
        StatusFacts.Merge(Generators.Merge(h.Take(h.Count / 2)), Generators.Merge(h.Skip(h.Count / 2))) == Generators.Merge(h));

    [Fact]
    public void Merging_is_associative_and_commutative() => ForAllHistories(h =>
    {
        var (a, b, c) = (Third(0), Third(1), Third(2));
        StatusFacts Third(int part) => Generators.Merge(h.Where((_, i) => i % 3 == part));
        return StatusFacts.Merge(a, StatusFacts.Merge(b, c)) == StatusFacts.Merge(StatusFacts.Merge(a, b), c)
            && StatusFacts.Merge(a, b) == StatusFacts.Merge(b, a);
    });

    [Fact]
    public void What_is_shown_never_goes_backwards() => ForAllHistories(h =>
    {
        var facts = StatusFacts.None;
        var shown = Generators.Rank(facts.Status);
        foreach (var (kind, fact) in h)
        {
            facts = facts.With(kind, fact);
            if (Generators.Rank(facts.Status) < shown) return false;
            shown = Generators.Rank(facts.Status);
        }
        return true;
    });

    [Fact]
    public void Of_two_values_the_earlier_stays_and_at_a_tie_the_lower_number() => ForAllHistories(h =>
    {
        var merged = Generators.Merge(h);
        return Enum.GetValues<StatusKind>().All(kind =>
        {
            var all = h.Where(e => e.Kind == kind).Select(e => e.Fact).OrderBy(f => f.At).ThenBy(f => f.Seq).ToList();
            return all.Count == 0 ? merged[kind] is null : merged[kind] is { } stays && (stays.At, stays.Seq) == (all[0].At, all[0].Seq);
        });
    });

    [Fact]
    public void The_reason_is_that_of_the_earliest_value_that_has_one() => ForAllHistories(h =>
    {
        var merged = Generators.Merge(h);
        return Enum.GetValues<StatusKind>().All(kind =>
        {
            var first = h.Where(e => e.Kind == kind && e.Fact.Why is not null).Select(e => e.Fact)
                .OrderBy(f => f.At).ThenBy(f => f.Seq).FirstOrDefault();
            return merged[kind]?.Why == first.Why;
        });
    });

    [Fact]
    public void Three_values_merge_to_one_in_every_order_and_grouping() => Check.One(Many, Prop.ForAll(
        Gen.ArrayOf(Generators.Events.Select(e => e.Fact), 3).ToArbitrary(),
        f =>
        {
            (int, int, int)[] orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)];
            var merged = orders.SelectMany(o => new[]
            {
                Fact.Merge(f[o.Item1], Fact.Merge(f[o.Item2], f[o.Item3])),
                Fact.Merge(Fact.Merge(f[o.Item1], f[o.Item2]), f[o.Item3]),
            }).ToList();
            return merged.Distinct().Count() == 1 && f.All(one => merged[0]!.Value.Covers(one))
                && Fact.Merge(merged[0], merged[0]) == merged[0];
        }));

    [Fact]
    public void A_failure_without_a_reason_and_a_later_one_with_it_shows_the_reason_beside_the_earlier_time()
    {
        var bare = new Fact(Generators.Start, null, 1);
        var explained = new Fact(Generators.Start.AddSeconds(1), "131026: undeliverable", 2);

        var merged = Fact.Merge(bare, explained)!.Value;

        Assert.Equal((bare.At, bare.Seq, explained.Reason), (merged.At, merged.Seq, merged.Reason));
        Assert.Equal((FactVerdict.Stands, FactVerdict.Explains), (Verdict(bare), Verdict(explained)));
        Assert.Equal(FactVerdict.Unmerged, FactVerdicts.Compare(explained, null, bare));
        Assert.Equal(FactVerdict.Joins, Verdict(new(explained.At, explained.Reason, 7), joins: 2));
        Assert.Equal(FactVerdict.Copy, Verdict(new(explained.At, explained.Reason, 8)));
        Assert.Equal(FactVerdict.Later, Verdict(new(explained.At, "another reason", 9)));

        FactVerdict Verdict(Fact fact, long? joins = null) => FactVerdicts.Compare(fact, joins, merged);
    }

    [Theory]
    [InlineData(new StatusKind[0], MessageStatus.Accepted)]
    [InlineData(new[] { StatusKind.Sent }, MessageStatus.Sent)]
    [InlineData(new[] { StatusKind.Sent, StatusKind.Failed }, MessageStatus.Failed)]
    [InlineData(new[] { StatusKind.Failed, StatusKind.Delivered }, MessageStatus.Delivered)]
    [InlineData(new[] { StatusKind.Read }, MessageStatus.Read)]
    [InlineData(new[] { StatusKind.Read, StatusKind.Delivered, StatusKind.Failed, StatusKind.Sent }, MessageStatus.Read)]
    public void Read_over_delivered_over_failed_over_sent(StatusKind[] known, MessageStatus shown)
    {
        var facts = Generators.Merge(known.Select((k, i) => (k, new Fact(Generators.Start, null, i + 1))));
        Assert.Equal(shown, facts.Status);
    }

    [Fact]
    public void A_failure_keeps_its_reason_and_shows_it_only_while_failed_is_shown()
    {
        var failed = StatusFacts.None.With(StatusKind.Failed, new(Generators.Start, "131026: undeliverable", 1));
        Assert.Equal("131026: undeliverable", failed.Reason);

        var delivered = failed.With(StatusKind.Delivered, new(Generators.Start.AddSeconds(1), null, 2));
        Assert.Null(delivered.Reason);
        Assert.Equal("131026: undeliverable", delivered[StatusKind.Failed]!.Value.Reason);
        Assert.Equal(delivered[StatusKind.Delivered], delivered.Decisive);
    }

    [Fact]
    public void A_claimed_time_counts_within_reason_and_the_append_time_otherwise()
    {
        var append = Generators.Start.AddTicks(12_345);
        var cut = DateTimeOffset.FromUnixTimeMilliseconds(append.ToUnixTimeMilliseconds());
        Assert.Equal(cut, FactTime.Effective(null, append, null));
        Assert.Equal(cut, FactTime.Effective(DateTimeOffset.UnixEpoch, append, null));
        Assert.Equal(cut, FactTime.Effective(append + FactTime.LatestAfterAppend + TimeSpan.FromTicks(1), append, null));
        Assert.Equal(cut, FactTime.Effective(append - FactTime.OldestBeforeAppend - TimeSpan.FromTicks(1), append, null));
        Assert.Equal(cut.AddDays(-7), FactTime.Effective(cut.AddDays(-7), append, null));
        Assert.Equal(cut + FactTime.LatestAfterAppend, FactTime.Effective(append + FactTime.LatestAfterAppend, append, null));
        Assert.Equal(cut - FactTime.OldestBeforeAppend, FactTime.Effective(append - FactTime.OldestBeforeAppend, append, null));
    }

    [Fact]
    public void FactTime_before_its_message_was_created_is_the_append_time()
    {
        var append = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        var created = append.AddHours(-1);
        var message = Guid.CreateVersion7(created);
        Assert.Equal(created.AddMinutes(-5), FactTime.Effective(created.AddMinutes(-5), append, message));
        Assert.Equal(append, FactTime.Effective(created.AddMinutes(-5).AddMilliseconds(-1), append, message));
        Assert.Equal(append, FactTime.Effective(append.AddDays(-29), append, message));
        // An id of another version says nothing about its message's age.
        Assert.Equal(append.AddDays(-29), FactTime.Effective(append.AddDays(-29), append, Guid.NewGuid()));
    }

    [Fact]
    public void A_claimed_time_is_absurd_from_thirty_days_before_and_five_minutes_after_the_append() =>
        Assert.Equal((TimeSpan.FromDays(30), TimeSpan.FromMinutes(5)), (FactTime.OldestBeforeAppend, FactTime.LatestAfterAppend));

    [Theory]
    [InlineData(StatusKind.Sent, "SENT")]
    [InlineData(StatusKind.Delivered, "DELIVERED")]
    [InlineData(StatusKind.Read, "READ")]
    [InlineData(StatusKind.Failed, "FAILED")]
    public void Each_status_has_one_name_on_every_wire_and_is_read_in_any_case(StatusKind kind, string name)
    {
        Assert.Equal(name, StatusNames.Format(kind));
        Assert.Equal(kind, StatusNames.ParseKind(name));
        Assert.Equal(kind, StatusNames.ParseKind(name.ToLowerInvariant()));
        var facts = StatusFacts.None.With(kind, new(Generators.Start, null, 1));
        Assert.Equal(name, StatusNames.Format(facts.Status));
        Assert.Equal(facts[kind], facts.Decisive);
    }

    [Fact]
    public void Accepted_is_a_name_that_nobody_reports()
    {
        Assert.Equal("ACCEPTED", StatusNames.Format(StatusFacts.None.Status));
        Assert.Null(StatusNames.ParseKind("ACCEPTED"));
        Assert.Null(StatusNames.ParseKind(null));
        Assert.Null(StatusFacts.None.Decisive);
    }

    [Fact]
    public void No_fact_precedes_itself_and_of_two_one_does()
    {
        var fact = new Fact(Generators.Start, null, 2);
        Assert.False(fact.Precedes(fact));
        foreach (var later in (Fact[])[fact with { Seq = 3 }, fact with { At = Generators.Start.AddMilliseconds(1), Seq = 1 }])
            Assert.Equal((true, false), (fact.Precedes(later), later.Precedes(fact)));
    }

    [Fact]
    public void Kinds_count_on_from_one_and_each_has_its_slot_its_rank_and_its_status()
    {
        Assert.Equal(Enumerable.Range(1, StatusKinds.Count), StatusKinds.All.Select(k => (int)k));
        Assert.Equal(Enumerable.Range(0, StatusKinds.Count), StatusKinds.All.Select(StatusKinds.Slot));
        Assert.Equal(StatusKinds.All, StatusKinds.Rank.Order());
        Assert.Equal(
            StatusKinds.All.Select(k => k.ToString()), Enum.GetNames<MessageStatus>().Where(n => n != nameof(MessageStatus.Accepted)));
        Assert.All(StatusKinds.All, k => Assert.Equal(k.ToString(), ((MessageStatus)k).ToString()));
        Assert.Equal("SENT, DELIVERED, READ, FAILED", StatusNames.Kinds);
    }

    [Fact]
    public void Facts_are_equal_when_each_of_them_is()
    {
        var one = StatusFacts.None
            .With(StatusKind.Sent, new(Generators.Start, null, 1))
            .With(StatusKind.Failed, new(Generators.Start, "why", 2));
        var same = StatusFacts.None
            .With(StatusKind.Failed, new(Generators.Start, "why", 2))
            .With(StatusKind.Sent, new(Generators.Start, null, 1));

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.True(one == same && one != one.Without(StatusKind.Failed));
        Assert.Equal(StatusFacts.None.With(StatusKind.Sent, new(Generators.Start, null, 1)), one.Without(StatusKind.Failed));
    }
}
