using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.StatusWorker.Recording;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.StatusWorker;

public sealed class KnownMessagesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);

    private static MessageState New(StatusFacts facts = default)
    {
        var key = new MessageKey(Guid.NewGuid(), Guid.CreateVersion7(Now));
        return new(
            key,
            new(key.MessageId, key.ConversationId, Guid.NewGuid(), Guid.NewGuid(), "whatsapp", "outbound", "text", "{}", null, Now),
            facts);
    }

    [Fact]
    public void A_message_is_known_with_what_was_recorded_since_it_was_read_and_without_its_text()
    {
        var known = new KnownMessages(_time);
        var read = New();
        known.Read([read]);
        var fact = new Fact(Now, null, 5);
        known.Update([read with { Facts = read.Facts.With(StatusKind.Sent, fact) }]);
        var state = known.Find(read.Key)!;
        Assert.Equal(fact, state.Facts[StatusKind.Sent]);
        Assert.Equal(read.Message! with { Content = "" }, state.Message);
    }

    [Fact]
    public void A_message_that_nobody_knows_is_looked_for_each_time()
    {
        var known = new KnownMessages(_time);
        var read = New() with { Message = null };
        known.Read([read]);
        Assert.Null(known.Find(read.Key));
    }

    [Fact]
    public void A_message_is_read_again_ten_seconds_after_it_was_read_whatever_was_recorded_since()
    {
        var known = new KnownMessages(_time);
        var read = New();
        known.Read([read]);
        _time.Advance(TimeSpan.FromSeconds(9));
        known.Update([read]);
        Assert.NotNull(known.Find(read.Key));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(known.Find(read.Key));
        known.Update([read]);
        Assert.Null(known.Find(read.Key));
    }

    [Fact]
    public void The_last_ones_are_known_and_no_more_than_twice_as_many()
    {
        var known = new KnownMessages(_time, capacity: 10);
        var all = Enumerable.Range(0, 100).Select(_ => New()).ToList();
        foreach (var state in all) known.Read([state]);
        Assert.All(all.TakeLast(10), s => Assert.NotNull(known.Find(s.Key)));
        Assert.InRange(all.Count(s => known.Find(s.Key) is not null), 10, 20);
    }
}
