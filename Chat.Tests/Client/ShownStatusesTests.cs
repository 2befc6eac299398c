using Chat.Client.Protocol;
using Chat.Core.Statuses;
using ClientStatus = Chat.Client.MessageStatus;

namespace Chat.Tests.Client;

public sealed class ShownStatusesTests
{
    private static readonly DateTimeOffset Now = new(2025, 1, 15, 10, 30, 0, TimeSpan.Zero);

    /// <summary>Whatever is known of a message, the client shows what the server derives from it.</summary>
    [Fact]
    public void The_clients_order_of_statuses_is_the_servers()
    {
        var kinds = Enum.GetValues<StatusKind>();
        for (var set = 0; set < 1 << kinds.Length; set++)
        {
            var known = kinds.Where((_, i) => (set & (1 << i)) != 0).ToList();
            var facts = known.Aggregate(StatusFacts.None, (f, kind) => f.With(kind, new(Now, null, 1)));
            var highest = known.Select(k => Enum.Parse<ClientStatus>(k.ToString())).Append(ClientStatus.Accepted).Max();

            Assert.Equal(StatusNames.Format(facts.Status), highest.ToString().ToUpperInvariant());
        }
        Assert.Equal(Enum.GetNames<MessageStatus>().Order(), Enum.GetNames<ClientStatus>().Order());
    }

    [Fact]
    public void The_memory_is_bounded_and_keeps_what_was_heard_of_last()
    {
        var shown = new ShownStatuses(10);
        var talkative = Guid.NewGuid();
        for (var i = 0; i < 1000; i++)
        {
            shown.ShowFrame(Guid.NewGuid(), ClientStatus.Sent);
            shown.ShowFrame(talkative, ClientStatus.Read);
        }

        Assert.InRange(shown.Count, 10, 20);
        Assert.False(shown.ShowFrame(talkative, ClientStatus.Delivered));
    }

    [Fact]
    public void The_last_messages_asked_for_are_all_remembered()
    {
        var shown = new ShownStatuses(10);
        var messages = Enumerable.Range(0, 95).Select(_ => Guid.NewGuid()).ToList();
        foreach (var message in messages) shown.ShowFrame(message, ClientStatus.Read);

        Assert.All(messages.TakeLast(10), m => Assert.False(shown.ShowFrame(m, ClientStatus.Sent)));
    }

    [Fact]
    public void The_same_status_is_shown_again_of_a_frame_and_not_of_a_page()
    {
        var (shown, message) = (new ShownStatuses(10), Guid.NewGuid());

        Assert.True(shown.ShowFrame(message, ClientStatus.Failed));
        Assert.True(shown.ShowFrame(message, ClientStatus.Failed));
        Assert.False(shown.ShowPage(message, ClientStatus.Failed));
        Assert.True(shown.ShowPage(message, ClientStatus.Delivered));
    }

    [Fact]
    public void A_frame_that_is_older_than_a_page_brings_no_older_reason_back()
    {
        var (shown, message) = (new ShownStatuses(10), Guid.NewGuid());
        shown.ShowPage(message, ClientStatus.Failed, "new", 100);

        Assert.False(shown.ShowFrame(message, ClientStatus.Failed, "old", 90));
        Assert.False(shown.ShowPage(message, ClientStatus.Failed, "old", 99));
        Assert.True(shown.ShowFrame(message, ClientStatus.Failed, "newer", 101));
    }

    [Theory]
    [InlineData(20L, "no window", true)]
    [InlineData(30L, "no window", true)]
    [InlineData(19L, "no window", false)]
    [InlineData(null, "no window", false)]
    [InlineData(30L, null, false)]
    public void Another_reason_is_shown_of_a_page_that_is_no_older(long? seq, string? reason, bool isShown)
    {
        var (shown, message) = (new ShownStatuses(10), Guid.NewGuid());
        shown.ShowFrame(message, ClientStatus.Failed, null, 20);

        Assert.Equal(isShown, shown.ShowPage(message, ClientStatus.Failed, reason, seq));
        Assert.False(shown.ShowPage(message, ClientStatus.Failed, isShown ? reason : null, seq));
    }
}
