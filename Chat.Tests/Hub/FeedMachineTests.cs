using Chat.Api.Hub.Feeds;
using Chat.Core.Frames;
using Chat.Core.Statuses;
using FsCheck;
using FsCheck.Fluent;

namespace Chat.Tests.Hub;

public sealed class FeedMachineTests
{
    private const int Limit = 3;

    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");

    private static BusPayload Payload(long? seq, long? prev) => new(default, Guid.Empty, seq, Guid.Empty, prev, null, null);

    private static StatusChange Change(long seq) =>
        new(Conversation, seq, Guid.Empty, MessageStatus.Sent, "whatsapp", default, null, default);

    private static ChangePage Page(long head, params long[] seqs) => new(head, true, [.. seqs.Select(Change)]);

    private static FeedMachine Started(long head)
    {
        var machine = new FeedMachine(maxHeld: 8);
        machine.Started(head);
        return machine;
    }

    // A star marks what is delivered as it was published.
    private static string Show(RepairStep step) =>
        string.Join(' ', step.Items.Select(i => i.Payload is null ? $"{i.Seq}" : $"{i.Seq}*"))
        + (step.Lost ? "; lost" : "") + (step.ReadAgain ? "; again" : "") + (step.ReadLater > 0 ? "; later" : "");

    [Fact]
    public void What_follows_the_last_is_delivered()
    {
        var machine = Started(5);
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(7, 5)));
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(9, 7)));
        Assert.Equal(9, machine.Last);
    }

    [Theory]
    [InlineData(5L, 3L)]
    [InlineData(4L, null)]
    public void What_is_not_above_the_last_is_dropped(long seq, long? prev) =>
        Assert.Equal(FeedVerdict.None, Started(5).Published(Payload(seq, prev)));

    [Theory]
    [InlineData(null)]
    [InlineData(6L)]
    [InlineData(4L)]
    public void A_previous_number_that_is_unknown_or_not_the_last_starts_a_repair(long? prev)
    {
        var machine = Started(5);
        Assert.Equal(FeedVerdict.Repair, machine.Published(Payload(7, prev)));
        Assert.Equal(5, machine.Last);
    }

    [Fact]
    public void A_repair_brings_what_the_store_has_and_no_payload_twice()
    {
        var machine = Started(5);
        machine.Published(Payload(9, 8));
        Assert.Equal("6 8 9*", Show(machine.Repaired(new(9, true, [Change(6), Change(8), Change(9)]), 500)));
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(10, 9)));
    }

    [Fact]
    public void A_full_page_is_read_on()
    {
        var machine = Started(0);
        machine.Published(Payload(9, null));
        Assert.Equal("1 2 3; again", Show(machine.Repaired(Page(9, 1, 2, 3), Limit)));
        Assert.Equal(3, machine.Last);
        Assert.Equal("9*", Show(machine.Repaired(Page(9, 9), Limit)));
    }

    [Fact]
    public void What_comes_during_a_repair_is_delivered_after_it_where_it_follows()
    {
        var machine = Started(5);
        machine.Published(Payload(7, null));
        Assert.Equal(FeedVerdict.None, machine.Published(Payload(8, 7)));
        Assert.Equal(FeedVerdict.None, machine.Published(Payload(9, 8)));
        Assert.Equal("7* 8* 9*", Show(machine.Repaired(Page(7, 7), Limit)));
        Assert.Equal(9, machine.Last);
    }

    [Fact]
    public void What_comes_during_a_repair_and_does_not_follow_is_looked_for_again()
    {
        var machine = Started(5);
        machine.Published(Payload(7, null));
        machine.Published(Payload(10, 9));
        Assert.Equal("7*; again", Show(machine.Repaired(Page(7, 7), Limit)));
        Assert.Equal("9 10*", Show(machine.Repaired(Page(10, 9, 10), Limit)));
    }

    [Fact]
    public void A_number_that_the_store_does_not_lead_up_to_moves_nothing_is_looked_for_a_few_times_and_forgotten()
    {
        var machine = Started(5);
        machine.Published(Payload(1L << 50, (1L << 50) - 1));
        var reads = 0;
        for (var step = machine.Repaired(Page(5), Limit); step.ReadLater > 0; step = machine.Repaired(Page(5), Limit))
        {
            Assert.Empty(step.Items);
            // What follows is delivered meanwhile.
            Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(machine.Last + 1, machine.Last)));
            Assert.True(machine.TryReadLater());
            reads++;
        }
        Assert.Equal(FeedMachine.MostLooks, reads);
        Assert.Equal(5 + reads, machine.Last);
        Assert.False(machine.TryReadLater());
        Assert.True(machine.HeadSeen(20));
    }

    [Fact]
    public void A_stream_of_numbers_that_are_none_of_ours_makes_no_stream_of_reads()
    {
        var machine = Started(5);
        var atOnce = 0;
        for (var lie = 0; lie < 1000; lie++)
        {
            var step = default(RepairStep);
            if (machine.Published(Payload((1L << 50) + lie, null)) != FeedVerdict.Repair) continue;
            do
            {
                atOnce++;
                // More come while it reads.
                machine.Published(Payload((1L << 51) + lie, null));
                step = machine.Repaired(Page(5), Limit);
            }
            while (step.ReadAgain);
        }
        Assert.InRange(atOnce, 1, 5);
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(6, 5)));
        // What was lost among them is found by the next read, whose pause doubles.
        Assert.Equal(FeedVerdict.None, machine.Published(Payload(8, 7)));
        Assert.True(machine.TryReadLater());
        Assert.StartsWith("7 8", Show(machine.Repaired(Page(8, 7, 8), Limit)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_is_delivered_while_the_store_is_read_too_and_with_it_what_was_held_behind_it()
    {
        var machine = Started(5);
        Assert.Equal(FeedVerdict.Repair, machine.Published(Payload(8, 7)));
        Assert.Null(machine.TakeFollowing());
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(6, 5)));
        Assert.Null(machine.TakeFollowing());
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(7, 6)));
        Assert.Equal(8, machine.TakeFollowing()?.Seq);
        Assert.Null(machine.TakeFollowing());
        Assert.Equal("", Show(machine.Repaired(Page(8, 6, 7, 8), 10)));
        Assert.Equal(8, machine.Last);
    }

    [Fact]
    public void A_read_that_is_behind_leaves_what_it_does_not_lead_up_to_for_later_and_in_order()
    {
        var machine = Started(10);
        // 11 and 12 were lost on the bus.
        Assert.Equal(FeedVerdict.Repair, machine.Published(Payload(13, 12)));
        Assert.Equal("; later", Show(machine.Repaired(Page(10), Limit)));
        Assert.Equal(FeedVerdict.None, machine.Published(Payload(13, 12)));
        Assert.True(machine.TryReadLater());
        Assert.Equal("11; later", Show(machine.Repaired(Page(11, 11), Limit)));
        Assert.True(machine.TryReadLater());
        Assert.Equal("12 13*", Show(machine.Repaired(Page(12, 12), Limit)));
        Assert.Equal(13, machine.Last);
        Assert.False(machine.TryReadLater());
    }

    [Fact]
    public void Too_many_payloads_during_a_repair_are_forgotten_and_read()
    {
        var machine = new FeedMachine(maxHeld: 2);
        machine.Started(0);
        for (var seq = 1; seq <= 6; seq++) machine.Published(Payload(seq, seq == 1 ? null : seq - 1));
        var step = machine.Repaired(Page(1, 1), Limit);
        Assert.True(step.ReadAgain);
        Assert.Equal("2 3 4; again", Show(machine.Repaired(Page(6, 2, 3, 4), Limit)));
        Assert.Equal("5 6", Show(machine.Repaired(Page(6, 5, 6), Limit)));
    }

    [Fact]
    public void A_store_that_no_longer_has_everything_is_told_and_counting_goes_on_from_its_head()
    {
        var machine = Started(5);
        machine.HeadSeen(20);
        Assert.Equal("18; lost", Show(machine.Repaired(new(20, false, [Change(18)]), Limit)));
        Assert.Equal(20, machine.Last);
    }

    [Fact]
    public void A_head_above_the_last_starts_a_repair_and_none_while_one_is_under_way()
    {
        var machine = Started(5);
        Assert.False(machine.HeadSeen(5));
        Assert.True(machine.HeadSeen(6));
        Assert.False(machine.HeadSeen(7));
    }

    [Fact]
    public void What_was_published_before_the_head_was_read_waits_for_it()
    {
        var machine = new FeedMachine(maxHeld: 8);
        Assert.Equal(FeedVerdict.None, machine.Published(Payload(5, 4)));
        Assert.Equal(FeedVerdict.None, machine.Published(Payload(6, 5)));
        Assert.False(machine.IsStarted);
        Assert.Equal("6*", Show(machine.Started(5)));
    }

    [Fact]
    public void What_has_no_number_is_passed_on_at_any_time_and_repairs_nothing()
    {
        Assert.Equal(FeedVerdict.Deliver, new FeedMachine(8).Published(Payload(null, null)));
        var machine = Started(5);
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(null, 3)));
        Assert.Equal(5, machine.Last);
    }

    [Fact]
    public void What_was_held_is_delivered_by_number_in_whichever_order_it_came()
    {
        var machine = Started(5);
        machine.Published(Payload(7, null));
        // Two owners of a partition publish beside each other.
        machine.Published(Payload(9, 8));
        machine.Published(Payload(8, 7));
        Assert.Equal("7* 8* 9*", Show(machine.Repaired(Page(7, 7), Limit)));
    }

    [Fact]
    public void What_lies_behind_a_hole_waits_until_the_hole_is_read()
    {
        var machine = Started(5);
        machine.Published(Payload(7, null));
        machine.Published(Payload(9, null));
        // Whoever published this one did not know of 9.
        machine.Published(Payload(10, 7));
        Assert.Equal("7*; again", Show(machine.Repaired(Page(7, 7), Limit)));
        Assert.Equal("9* 10*", Show(machine.Repaired(Page(10, 9, 10), Limit)));
    }

    [Fact]
    public void As_many_payloads_as_may_be_held_are_held_and_one_more_makes_it_read()
    {
        var machine = new FeedMachine(maxHeld: 2);
        machine.Started(0);
        machine.Published(Payload(1, null));
        machine.Published(Payload(2, 1));
        Assert.Equal("1* 2*", Show(machine.Repaired(Page(1, 1), Limit)));

        machine.Published(Payload(4, null));
        machine.Published(Payload(5, 4));
        machine.Published(Payload(6, 5));
        Assert.Equal("4; again", Show(machine.Repaired(Page(4, 4), Limit)));
    }

    [Fact]
    public void What_came_after_too_many_were_forgotten_was_not_covered_by_the_read_that_began_before()
    {
        var machine = new FeedMachine(maxHeld: 2);
        machine.Started(5);
        machine.Published(Payload(7, 6));
        machine.Published(Payload(8, 7));
        machine.Published(Payload(9, 8));
        machine.Published(Payload(11, 10));
        Assert.Equal("7; again", Show(machine.Repaired(Page(7, 7), Limit)));
        Assert.Equal("8 9 10; again", Show(machine.Repaired(Page(11, 8, 9, 10), Limit)));
        Assert.Equal("11*", Show(machine.Repaired(Page(11, 11), Limit)));
    }

    [Fact]
    public void What_a_repair_brought_is_held_no_longer()
    {
        var machine = new FeedMachine(maxHeld: 1);
        machine.Started(5);
        machine.Published(Payload(7, null));
        Assert.Equal("7*", Show(machine.Repaired(Page(7, 7), Limit)));
        machine.Published(Payload(9, null));
        Assert.Equal("9*", Show(machine.Repaired(Page(9, 9), Limit)));
    }

    [Fact]
    public void A_head_that_was_seen_during_a_read_which_brought_it_makes_no_other()
    {
        var machine = Started(5);
        machine.HeadSeen(6);
        machine.HeadSeen(8);
        machine.HeadSeen(7);
        Assert.Equal("6 7 8", Show(machine.Repaired(Page(8, 6, 7, 8), 10)));
    }

    [Fact]
    public void The_highest_head_that_was_seen_during_a_read_is_read_for_and_not_for_ever()
    {
        var machine = Started(5);
        machine.HeadSeen(6);
        machine.HeadSeen(8);
        machine.HeadSeen(7);
        Assert.Equal("6 7; again", Show(machine.Repaired(Page(7, 6, 7), 10)));
        Assert.Equal("", Show(machine.Repaired(Page(7), 10)));
        Assert.Equal(FeedVerdict.Deliver, machine.Published(Payload(8, 7)));
    }

    [Fact]
    public void What_a_page_has_that_was_delivered_is_not_delivered_again()
    {
        var machine = Started(5);
        machine.HeadSeen(6);
        Assert.Equal("6", Show(machine.Repaired(Page(6, 4, 5, 6), 10)));
    }

    [Fact]
    public void A_head_below_the_last_takes_nothing_back()
    {
        var machine = Started(5);
        machine.HeadSeen(8);
        Assert.Equal("6 7 8; lost", Show(machine.Repaired(new(7, false, [Change(6), Change(7), Change(8)]), 10)));
        Assert.Equal(8, machine.Last);
    }

    /// <summary>What happens to one change, and around it.</summary>
    public enum Step
    {
        Publish,
        Lose,
        PublishTwice,
        PublishWithoutPrev,
        PublishLate,
        PersistOnly,
        Lie,
        FinishRead,
        CatchUp,
        CheckHead,
        WaitAndRead,
    }

    [Fact]
    public void Whatever_the_bus_does_and_however_far_reads_are_behind_every_change_is_delivered_once_and_in_order()
    {
        var histories = Gen.Elements(Enum.GetValues<Step>()).ListOf().Select(l => l.ToList()).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000).WithEndSize(80), Prop.ForAll(histories, steps =>
        {
            var machine = new FeedMachine(maxHeld: 3);
            var store = new List<long>();
            var delivered = new List<long>();
            var late = new Queue<(long Seq, long? Prev)>();
            var (visible, lies) = (0, 0);
            List<long>? snapshot = null;
            machine.Started(0);
            foreach (var step in steps)
            {
                Do(step);
                if (!delivered.SequenceEqual(store.Take(delivered.Count))) return false;
            }
            // Quiet: reads finish and show everything, and the slow check looks once more.
            Do(Step.CatchUp);
            while (snapshot is not null) Do(Step.FinishRead);
            Do(Step.CheckHead);
            while (snapshot is not null) Do(Step.FinishRead);
            // What is looked for in vain has an end.
            for (var reads = 0; machine.TryReadLater(); reads++)
            {
                snapshot = Visible();
                if (reads > FeedMachine.MostLooks + 1) return false;
                while (snapshot is not null) Do(Step.FinishRead);
            }
            return delivered.SequenceEqual(store);

            // What a read sees: it may be behind what was published.
            List<long> Visible() => [.. store.Take(visible)];

            void Do(Step step)
            {
                switch (step)
                {
                    case Step.FinishRead:
                        if (snapshot is null) return;
                        var rows = snapshot.Where(s => s > machine.Last).Take(Limit).ToArray();
                        var result = machine.Repaired(Page(snapshot.LastOrDefault(), rows), Limit);
                        delivered.AddRange(result.Items.Select(i => i.Seq));
                        snapshot = result.ReadAgain ? Visible() : null;
                        return;
                    case Step.CatchUp:
                        visible = store.Count;
                        return;
                    case Step.CheckHead:
                        if (machine.HeadSeen(Visible().LastOrDefault())) snapshot = Visible();
                        return;
                    case Step.WaitAndRead:
                        if (machine.TryReadLater()) snapshot = Visible();
                        return;
                    case Step.Lie:
                        // Another system on the same bus, whose numbers are no numbers of ours.
                        Publish((1L << 50) + ++lies, lies % 2 == 0 ? null : (1L << 49) + lies);
                        return;
                    case Step.PublishLate:
                        if (late.TryDequeue(out var earlier)) Publish(earlier.Seq, earlier.Prev);
                        return;
                    default:
                        // Numbers have holes.
                        var seq = store.LastOrDefault() + 1 + (store.Count % 2);
                        var prev = store.Count > 0 ? store[^1] : (long?)null;
                        store.Add(seq);
                        if (step == Step.PersistOnly) return;
                        if (step == Step.Lose) late.Enqueue((seq, prev));
                        else Publish(seq, step == Step.PublishWithoutPrev ? null : prev);
                        if (step == Step.PublishTwice) Publish(seq, null);
                        return;
                }
            }

            void Publish(long seq, long? prev)
            {
                var verdict = machine.Published(Payload(seq, prev));
                if (verdict == FeedVerdict.Deliver) delivered.Add(seq);
                while (verdict == FeedVerdict.Deliver && machine.TakeFollowing() is { } next) delivered.Add(next.Seq!.Value);
                if (verdict == FeedVerdict.Repair) snapshot = Visible();
            }
        }));
    }
}
