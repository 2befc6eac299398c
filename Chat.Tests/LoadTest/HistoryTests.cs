using Chat.Core.Statuses;
using Chat.LoadTest;
using Chat.LoadTest.Pipeline.History;

namespace Chat.Tests.LoadTest;

/// <summary>Messages that are stored before the pipeline is measured.</summary>
public sealed class HistoryTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    private static readonly RunIds Ids = RunIds.Create(60);

    [Fact]
    public void First_conversation_has_a_tenth_and_the_others_as_many_as_each_other()
    {
        var messages = new HistoryPlan(Ids, 118_000, Now).Parts(0, 118_000).SelectMany(p => p.Messages).ToList();
        var counts = messages.GroupBy(m => m.ConversationId).ToDictionary(c => c.Key, c => c.Count());

        Assert.Equal(11_800, counts[Ids.Conversations[0]]);
        Assert.All(Ids.Conversations.Skip(1), id => Assert.Equal(1_800, counts[id]));
        Assert.Equal(118_000, messages.DistinctBy(m => m.MessageId).Count());
    }

    [Fact]
    public void One_conversation_has_all() =>
        Assert.All(
            new HistoryPlan(RunIds.Create(1), 1_000, Now).Parts(0, 1_000).SelectMany(p => p.Messages),
            (message, i) => Assert.Equal(i + 1, message.Position));

    [Fact]
    public void Parts_go_on_where_those_before_ended_and_later_in_time()
    {
        var plan = new HistoryPlan(Ids, 1_000, Now);
        HistoryPart[] parts = [.. plan.Parts(0, 150), .. plan.Parts(150, 1_000)];

        Assert.Equal([0, 100, 150, 200], parts.Select(p => p.Number).Take(4));
        Assert.Equal(parts[1].Messages[0].ConversationId, parts[2].Messages[0].ConversationId);
        var messages = parts.SelectMany(p => p.Messages).ToList();
        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => (long)i), messages.Select(m => m.Position));
        Assert.Equal(messages.OrderBy(m => m.CreatedAt), messages);
        Assert.Equal(Now - TimeSpan.FromHours(1) - TimeSpan.FromDays(6), messages[0].CreatedAt);
        Assert.InRange(messages[^1].CreatedAt, Now - TimeSpan.FromHours(2), Now - TimeSpan.FromHours(1));
    }

    [Fact]
    public void Rows_of_a_message_are_those_that_the_services_make_of_it_until_it_is_READ()
    {
        var parts = new HistoryPlan(Ids, 200, Now).Parts(0, 200).ToList();
        var (records, changes) = (parts.SelectMany(p => p.Records()).ToList(), parts.SelectMany(p => p.Changes()).ToList());
        var message = parts[1].Messages[7];

        Assert.Equal(Enumerable.Range(1, 800).Select(i => (long)i), records.Select(r => r.Seq));
        Assert.Equal(records.Select(r => (r.Key, r.Seq, r.AppendedAt)), changes.Select(c => (c.Key, c.Seq, c.AppendedAt)));
        Assert.Equal(
            [null, StatusKind.Sent, StatusKind.Delivered, StatusKind.Read],
            records.Where(r => r.Key.MessageId == message.MessageId).Select(r => r.Kind));
        Assert.Equal(
            [MessageStatus.Accepted, MessageStatus.Sent, MessageStatus.Delivered, MessageStatus.Read],
            changes.Where(c => c.MessageId == message.MessageId).Select(c => c.Status));
        Assert.Equal(parts[1].Messages.Select(m => (m.MessageId, m.Channel)), parts[1].HandOvers().Select(h => (h.MessageId, h.Channel)));
    }
}
