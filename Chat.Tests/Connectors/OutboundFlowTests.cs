using Chat.Connectors.Outbound;
using Chat.Core.Statuses;
using static Chat.Tests.Connectors.Samples;

namespace Chat.Tests.Connectors;

public sealed class OutboundFlowTests
{
    private static readonly PlannedStatus[] SentThenRead =
        [new(StatusKind.Sent, TimeSpan.Zero), new(StatusKind.Read, TimeSpan.FromSeconds(1))];

    // Of a clock that knows no days.
    private static readonly TimeSpan Now = TimeSpan.FromHours(5);
    private static readonly TimeSpan Later = Now + TimeSpan.FromSeconds(1);

    private readonly OutboundFlow _flow = new(capacity: 3);

    [Fact]
    public void A_message_is_committed_when_its_last_status_stands_and_not_before()
    {
        _flow.Plan(_flow.Take(7), Message(), null, Start, Now, SentThenRead);

        _flow.MarkAppended(_flow.TakeDue(Now, 10));
        Assert.Null(_flow.TakeCommit());

        _flow.MarkAppended(_flow.TakeDue(Later, 10));
        Assert.Equal(8, _flow.TakeCommit());
        Assert.Null(_flow.TakeCommit());
    }

    [Fact]
    public void A_status_that_was_taken_but_does_not_stand_yet_holds_up_the_commit()
    {
        _flow.Plan(_flow.Take(0), Message(), null, Start, Now, [SentThenRead[0]]);
        var due = _flow.TakeDue(Now, 10);

        Assert.Null(_flow.TakeCommit());
        _flow.MarkAppended(due);
        Assert.Equal(1, _flow.TakeCommit());
    }

    [Fact]
    public void A_message_that_is_done_waits_for_the_one_before_it()
    {
        var (first, second) = (_flow.Take(0), _flow.Take(4));
        _flow.Plan(second, Message(), null, Start, Now, [SentThenRead[0]]);
        _flow.MarkAppended(_flow.TakeDue(Now, 10));
        Assert.Null(_flow.TakeCommit());

        _flow.Drop(first);
        Assert.Equal(5, _flow.TakeCommit());
    }

    [Fact]
    public void A_status_is_due_at_its_time_and_not_a_tick_before()
    {
        _flow.Plan(_flow.Take(0), Message(), null, Start, Now, [SentThenRead[1]]);

        Assert.Equal(Later, _flow.NextDue);
        Assert.Empty(_flow.TakeDue(Later - TimeSpan.FromTicks(1), 10));
        Assert.Single(_flow.TakeDue(Later, 10));
        Assert.Null(_flow.NextDue);
    }

    [Fact]
    public void Statuses_of_one_time_come_in_the_order_they_were_planned()
    {
        PlannedStatus[] atOnce = [new(StatusKind.Sent, default), new(StatusKind.Delivered, default), new(StatusKind.Read, default)];
        _flow.Plan(_flow.Take(0), Message(), null, Start, Now, atOnce);

        Assert.Equal(atOnce, _flow.TakeDue(Now, 10).Select(d => d.Status));
    }

    [Fact]
    public void More_than_a_batch_of_due_statuses_comes_in_the_next_one()
    {
        _flow.Plan(_flow.Take(0), Message(), null, Start, Now, SentThenRead);
        var later = Now + TimeSpan.FromMinutes(1);

        Assert.Equal(StatusKind.Sent, Assert.Single(_flow.TakeDue(later, 1)).Status.Kind);
        Assert.Equal(StatusKind.Read, Assert.Single(_flow.TakeDue(later, 1)).Status.Kind);
    }

    [Fact]
    public void What_is_done_but_not_committable_takes_room()
    {
        _flow.Take(0);
        _flow.Drop(_flow.Take(1));
        Assert.Equal(1, _flow.Room);
    }

    [Fact]
    public void More_messages_than_there_is_room_for_are_refused()
    {
        for (var i = 0; i < 3; i++) _flow.Take(i);
        Assert.Throws<InvalidOperationException>(() => _flow.Take(3));
    }

    [Fact]
    public void Offsets_that_do_not_rise_are_refused()
    {
        _flow.Take(5);
        Assert.Throws<ArgumentOutOfRangeException>(() => _flow.Take(5));
    }
}
