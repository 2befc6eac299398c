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
            shown.Show(Guid.NewGuid(), ClientStatus.Sent);
            shown.Show(talkative, ClientStatus.Read);
        }

        Assert.InRange(shown.Count, 10, 20);
        Assert.False(shown.Show(talkative, ClientStatus.Delivered));
    }

    [Fact]
    public void The_last_messages_asked_for_are_all_remembered()
    {
        var shown = new ShownStatuses(10);
        var messages = Enumerable.Range(0, 95).Select(_ => Guid.NewGuid()).ToList();
        foreach (var message in messages) shown.Show(message, ClientStatus.Read);

        Assert.All(messages.TakeLast(10), m => Assert.False(shown.Show(m, ClientStatus.Sent)));
    }

    [Fact]
    public void The_same_status_is_shown_again_unless_only_news_are_wanted()
    {
        var (shown, message) = (new ShownStatuses(10), Guid.NewGuid());

        Assert.True(shown.Show(message, ClientStatus.Failed));
        Assert.True(shown.Show(message, ClientStatus.Failed));
        Assert.False(shown.Show(message, ClientStatus.Failed, onlyIfHigher: true));
        Assert.True(shown.Show(message, ClientStatus.Delivered, onlyIfHigher: true));
    }
}
