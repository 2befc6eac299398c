using Chat.Api.Messages;
using Chat.Core.Ids;
using Chat.Core.Statuses;

namespace Chat.Tests.Api;

public sealed class TimelineViewTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);
    private static readonly MessageKey Key = new(Bodies.Conversation, Bodies.User);

    [Fact]
    public void Each_event_shows_what_it_changed()
    {
        var items = Timeline(Record(1, StatusKind.Sent, 0), Record(2, StatusKind.Read, 20), Record(3, StatusKind.Delivered, 10));

        Assert.Equal(["SENT", "READ", "DELIVERED"], items.Select(i => i.Status));
        Assert.All(items, i => Assert.True(i.Applied));
        Assert.Equal(["SENT", "READ", "READ"], items.Select(i => i.Shown));
    }

    [Fact]
    public void A_copy_is_not_applied_and_says_of_which()
    {
        var items = Timeline(Record(7, StatusKind.Sent, 0), Record(9, StatusKind.Sent, 0));

        Assert.Equal([true, false], items.Select(i => i.Applied));
        Assert.Null(items[0].NotApplied);
        Assert.Contains("copy", items[1].NotApplied, StringComparison.Ordinal);
        Assert.Contains("7", items[1].NotApplied, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_time_is_not_applied_and_an_earlier_one_is()
    {
        var items = Timeline(Record(1, StatusKind.Sent, 10), Record(2, StatusKind.Sent, 20), Record(3, StatusKind.Sent, 0));

        Assert.Equal([true, false, true], items.Select(i => i.Applied));
        Assert.Contains("earlier", items[1].NotApplied, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_joins_an_early_one_says_so()
    {
        var items = Timeline(Record(1, StatusKind.Sent, 0), Record(2, StatusKind.Sent, 0) with { Joins = 1 });

        Assert.False(items[1].Applied);
        Assert.Equal(1, items[1].Joins);
        Assert.Contains("before the message was known", items[1].NotApplied, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_was_absurd_stands_beside_the_one_that_counts()
    {
        var record = Record(1, StatusKind.Sent, 0) with { ReportedAt = Start.AddYears(-5) };

        var item = Assert.Single(Timeline(record));

        Assert.Equal("2021-01-15T10:30:00.000Z", item.ReportedAt);
        Assert.Equal("2026-01-15T10:30:00.000Z", item.At);
        Assert.Equal("2026-01-15T10:30:00.500Z", item.ReceivedAt);
    }

    [Fact]
    public void A_failure_that_a_delivery_overtook_is_applied_and_not_shown()
    {
        var items = Timeline(Record(1, StatusKind.Delivered, 0), Record(2, StatusKind.Failed, 5, "no such number"));

        Assert.True(items[1].Applied);
        Assert.Equal("no such number", items[1].Reason);
        Assert.Equal("DELIVERED", items[1].Shown);
    }

    [Fact]
    public void A_failure_that_brings_the_reason_alone_is_applied()
    {
        var items = Timeline(
            Record(1, StatusKind.Failed, 0),
            Record(2, StatusKind.Failed, 5, "no such number"),
            Record(3, StatusKind.Failed, 5, "no such number"));

        Assert.Equal([true, true, false], items.Select(i => i.Applied));
        Assert.Contains("since 2", items[2].NotApplied, StringComparison.Ordinal);
    }

    private static IReadOnlyList<TimelineEntry> Timeline(params StatusRecord[] records)
    {
        // Whatever the order of the rows.
        var view = TimelineView.From(Key, [.. records.Reverse()]);
        Assert.Equal(records.Select(r => r.Seq), view.Items.Select(i => i.Seq));
        return view.Items;
    }

    private static StatusRecord Record(long seq, StatusKind kind, int second, string? reason = null) => new(
        Key,
        kind,
        new Fact(Start.AddSeconds(second), reason, seq),
        "whatsapp",
        Start.AddSeconds(second),
        Start.AddMilliseconds(500),
        Joins: null);
}
