using Chat.Client;
using Chat.Client.Protocol;
using static Chat.Tests.Client.ProtocolRig;

namespace Chat.Tests.Client;

/// <summary>How the .NET client keeps up with a conversation: what it says, what it shows, what it loads.</summary>
public sealed class SubscriptionTableTests
{
    private static readonly Guid Other = Guid.Parse("01900000-0000-7000-8000-000000000002");

    private static readonly ServerFrame Unavailable = new()
    {
        Type = ServerFrameType.Error,
        ConversationId = Conversation,
        Code = "unavailable",
        Retryable = true,
    };

    private readonly ProtocolRig _rig = new();

    private IEnumerable<string> Asked => _rig.Sent.Where(f => f.Contains("\"subscribe\"", StringComparison.Ordinal));

    [Fact]
    public void After_a_reconnect_it_says_the_seq_of_the_last_frame_it_got()
    {
        Watch();
        _rig.Status(MessageStatus.Sent, 107);
        _rig.Status(MessageStatus.Delivered, 112);
        _rig.Reconnect();

        Assert.Equal([ClientFrames.Subscribe(Conversation, 112)], _rig.Sent);
    }

    [Fact]
    public void A_first_subscription_counts_from_the_seq_of_subscribed()
    {
        Watch();
        _rig.Reconnect();

        Assert.Equal([ClientFrames.Subscribe(Conversation, 100)], _rig.Sent);
    }

    [Fact]
    public void A_later_subscribed_does_not_move_the_count_where_since_was_sent()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(500, recovered: true);
        // It was told that everything after 100 follows; the connection breaks before it does.
        _rig.Reconnect();

        Assert.Equal([ClientFrames.Subscribe(Conversation, 100)], _rig.Sent);
    }

    [Fact]
    public void A_frame_that_is_not_above_the_last_one_is_dropped_and_one_without_seq_is_passed_on()
    {
        Watch();
        _rig.Status(MessageStatus.Sent, 100);
        _rig.Status(MessageStatus.Sent, 101);
        _rig.Status(MessageStatus.Read, 99);
        _rig.Status(MessageStatus.Delivered, null);
        _rig.Reconnect();

        Assert.Equal([ClientFrames.Subscribe(Conversation, 101)], _rig.Sent);
    }

    [Fact]
    public void A_message_never_goes_backwards()
    {
        Watch();
        MessageStatus[] order =
        [
            MessageStatus.Sent, MessageStatus.Failed, MessageStatus.Sent, MessageStatus.Delivered, MessageStatus.Failed,
            MessageStatus.Read, MessageStatus.Delivered, MessageStatus.Accepted,
        ];
        for (var i = 0; i < order.Length; i++) _rig.Status(order[i], 101 + i);

        Assert.Equal(
            [MessageStatus.Sent, MessageStatus.Failed, MessageStatus.Delivered, MessageStatus.Read],
            _rig.Shown.Select(s => s.Status));
    }

    [Fact]
    public void What_is_not_recovered_is_loaded_page_by_page_and_counted_from_the_first_pages_seq()
    {
        Watch();
        _rig.Status(MessageStatus.Sent, 101);
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        _rig.Load(_rig.Loads[0], 900, "next", (Other, MessageStatus.Failed), (Message, MessageStatus.Accepted));
        Assert.Equal("next", _rig.Loads[1].Before);
        _rig.Load(_rig.Loads[1], 950, null, (Message, MessageStatus.Read));

        Assert.Equal([(Other, MessageStatus.Failed), (Message, MessageStatus.Read)], _rig.Shown);
        Assert.Equal(
            new Resynchronization(Conversation, 900, 3, IsComplete: true), Assert.Single(_rig.Raised<Resynchronization>()));
        _rig.Reconnect();
        Assert.Equal([ClientFrames.Subscribe(Conversation, 900)], _rig.Sent);
    }

    [Fact]
    public void A_subscription_that_lost_its_place_while_it_was_live_is_loaded_too()
    {
        Watch();
        _rig.Answer(700, recovered: false);

        Assert.Single(_rig.Loads);
    }

    [Fact]
    public void While_the_page_is_on_its_way_live_frames_are_shown_and_a_break_loses_nothing()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        _rig.Status(MessageStatus.Sent, 901);
        Assert.Equal([(Message, MessageStatus.Sent)], _rig.Shown);
        var stale = _rig.Loads[0];
        _rig.Reconnect();

        // Not 901: what lies between 100 and 900 has not been seen.
        Assert.Equal([ClientFrames.Subscribe(Conversation, 100)], _rig.Sent);
        // And the page of the subscription before closes nothing.
        _rig.Load(stale, 900);
        Assert.Empty(_rig.Raised<Resynchronization>());
    }

    [Fact]
    public void Live_frames_beyond_the_page_count_once_the_page_is_there()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        _rig.Status(MessageStatus.Read, 903);
        _rig.Load(_rig.Loads[0], 900, null, (Message, MessageStatus.Sent));
        Assert.Equal([(Message, MessageStatus.Read)], _rig.Shown);
        _rig.Reconnect();

        Assert.Equal([ClientFrames.Subscribe(Conversation, 903)], _rig.Sent);
    }

    [Fact]
    public void A_page_older_than_the_subscription_closes_no_gap_and_is_loaded_again()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        _rig.Load(_rig.Loads[0], 850);
        Assert.Empty(_rig.Raised<Resynchronization>());
        _rig.Advance(TimeSpan.FromMilliseconds(250));
        _rig.Load(_rig.Loads[1], 900);

        Assert.Equal(900, Assert.Single(_rig.Raised<Resynchronization>()).Seq);
    }

    [Fact]
    public void A_page_that_cannot_be_loaded_is_asked_for_again_whatever_was_answered()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        _rig.Do(p => p.PageFailed(_rig.Loads[0], "503", _rig.Now));
        _rig.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(2, _rig.Loads.Count);
        _rig.Do(p => p.PageFailed(_rig.Loads[1], "403", _rig.Now));
        _rig.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(3, _rig.Loads.Count);
        _rig.Load(_rig.Loads[2], 900);

        Assert.Equal([true, true], _rig.Raised<ClientError>().Select(e => e.Retryable));
        Assert.Equal(900, Assert.Single(_rig.Raised<Resynchronization>()).Seq);
    }

    [Fact]
    public void A_log_that_was_made_anew_starts_the_count_lower()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(3, recovered: false);
        _rig.Load(_rig.Loads[0], 3);
        _rig.Status(MessageStatus.Sent, 4);

        Assert.Equal([(Message, MessageStatus.Sent)], _rig.Shown);
    }

    [Fact]
    public void Many_conversations_are_loaded_a_few_at_a_time()
    {
        _rig.Open();
        for (var i = 0; i < 30; i++)
        {
            var conversation = new Guid(i, 0, 0, new byte[8]);
            _rig.Do(p => p.Subscribe(conversation, this, 1));
            _rig.Receive(
                new() { Type = ServerFrameType.Subscribed, ConversationId = conversation, Seq = 900, Recovered = false });
        }
        Assert.Equal(4, _rig.Loads.Count);

        for (var i = 0; i < 30; i++) _rig.Load(_rig.Loads[i], 900);

        Assert.Equal(30, _rig.Raised<Resynchronization>().Select(r => r.ConversationId).Distinct().Count());
    }

    [Fact]
    public void What_one_of_two_holders_lets_go_the_other_keeps()
    {
        Watch();
        var other = new object();
        _rig.Do(p => p.Subscribe(Conversation, other));
        Assert.Single(_rig.Sent);
        _rig.Unsubscribe();
        _rig.Unsubscribe();
        _rig.Status(MessageStatus.Sent, 101);
        Assert.Equal([(Message, MessageStatus.Sent)], _rig.Shown);

        _rig.Do(p => p.Unsubscribe(Conversation, other));
        _rig.Status(MessageStatus.Read, 102);

        Assert.Equal(ClientFrames.Unsubscribe(Conversation), _rig.Sent.Last());
        Assert.Single(_rig.Shown);
    }

    [Fact]
    public void A_second_holder_that_starts_from_further_back_gets_what_came_in_between()
    {
        Watch();
        _rig.Status(MessageStatus.Sent, 120);
        _rig.Forget();
        _rig.Do(p => p.Subscribe(Conversation, new(), 110));
        Assert.Equal([ClientFrames.Subscribe(Conversation, 110)], _rig.Sent);

        _rig.Answer(120, recovered: true);
        _rig.Status(MessageStatus.Sent, 115, Other);

        Assert.Equal([(Other, MessageStatus.Sent)], _rig.Shown);
    }

    // What is answered first is the subscription from further on: its frames would move the count past what the other needs.
    [Fact]
    public void A_second_holder_that_comes_before_the_answer_is_asked_for_once_that_is_here()
    {
        _rig.Open();
        _rig.Subscribe(100);
        _rig.Do(p => p.Subscribe(Conversation, new(), 50));
        Assert.Equal([ClientFrames.Subscribe(Conversation, 100)], _rig.Sent);
        _rig.Answer(120, recovered: true);
        Assert.Equal(ClientFrames.Subscribe(Conversation, 50), _rig.Sent.Last());
        _rig.Status(MessageStatus.Sent, 101);
        _rig.Answer(120, recovered: true);
        _rig.Status(MessageStatus.Sent, 60, Other);

        Assert.Equal([(Message, MessageStatus.Sent), (Other, MessageStatus.Sent)], _rig.Shown);
        _rig.Reconnect();
        Assert.Equal([ClientFrames.Subscribe(Conversation, 60)], _rig.Sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_holder_is_asked_for_whether_it_comes_before_a_refusal_or_after_it(bool isBefore)
    {
        _rig.Open();
        _rig.Subscribe(100);
        if (!isBefore) _rig.Receive(Unavailable);
        _rig.Do(p => p.Subscribe(Conversation, new(), 50));
        if (isBefore) _rig.Receive(Unavailable);
        _rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([ClientFrames.Subscribe(Conversation, 100), ClientFrames.Subscribe(Conversation, 50)], Asked);
    }

    [Fact]
    public void What_cannot_be_shown_now_is_asked_for_again_from_where_it_was_and_less_and_less_often()
    {
        Watch();
        _rig.Status(MessageStatus.Sent, 101);
        _rig.Forget();
        _rig.Receive(Unavailable);
        Assert.Equal([250, 500, 1000], Waits(3));

        _rig.Answer(101, recovered: true);
        _rig.Receive(Unavailable);
        Assert.Equal([250], Waits(1));
        Assert.All(Asked, frame => Assert.Equal(ClientFrames.Subscribe(Conversation, 101), frame));

        // How long each was waited for, in milliseconds; all but the last are refused.
        List<double> Waits(int count)
        {
            var waits = new List<double>();
            for (var i = 0; i < count; i++)
            {
                if (i > 0) _rig.Receive(Unavailable);
                var (asked, since) = (Asked.Count(), _rig.Now);
                while (Asked.Count() == asked) _rig.Advance(TimeSpan.FromMilliseconds(1));
                waits.Add((_rig.Now - since).TotalMilliseconds);
            }
            return waits;
        }
    }

    [Fact]
    public void What_was_refused_for_now_is_asked_for_once_after_a_reconnect()
    {
        Watch();
        _rig.Receive(Unavailable);
        _rig.Advance(TimeSpan.FromMilliseconds(250));
        _rig.Receive(Unavailable); // it would be asked for in half a second
        _rig.Reconnect();
        _rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Single(Asked);
    }

    [Fact]
    public void What_was_refused_for_now_and_is_wanted_no_more_is_not_asked_for()
    {
        Watch();
        _rig.Receive(Unavailable);
        _rig.Unsubscribe();
        _rig.Forget();
        _rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Empty(Asked);
    }

    [Fact]
    public void A_page_of_a_subscription_that_the_server_ended_closes_no_gap()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        _rig.Receive(Unavailable);
        _rig.Load(_rig.Loads[0], 900);
        _rig.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Empty(_rig.Raised<Resynchronization>());
        Assert.Equal(ClientFrames.Subscribe(Conversation, 100), Asked.Last());
    }

    [Fact]
    public void What_comes_before_the_end_of_an_earlier_subscription_is_answered_is_that_ones()
    {
        Watch();
        _rig.Unsubscribe();
        _rig.Subscribe(50);
        _rig.Answer(120, recovered: true);
        _rig.Status(MessageStatus.Sent, 121);
        _rig.Receive(new() { Type = ServerFrameType.Unsubscribed, ConversationId = Conversation });
        _rig.Answer(121, recovered: true);
        _rig.Status(MessageStatus.Sent, 60, Other);

        Assert.Equal([(Message, MessageStatus.Sent), (Other, MessageStatus.Sent)], _rig.Shown);
    }

    [Fact]
    public void Of_two_loads_of_one_gap_the_second_takes_nothing_back()
    {
        Watch();
        _rig.Answer(200, recovered: false);
        _rig.Answer(300, recovered: false);
        var loads = _rig.Loads;
        _rig.Load(loads[1], 310);
        _rig.Status(MessageStatus.Sent, 320);
        _rig.Load(loads[0], 305);

        Assert.Single(_rig.Raised<Resynchronization>());
        _rig.Reconnect();
        Assert.Equal([ClientFrames.Subscribe(Conversation, 320)], _rig.Sent);
    }

    [Fact]
    public void A_conversation_that_the_server_will_not_show_is_given_up()
    {
        Watch();
        _rig.Receive(
            new() { Type = ServerFrameType.Error, ConversationId = Conversation, Code = "forbidden", Retryable = false });
        _rig.Reconnect();

        Assert.Empty(_rig.Sent);
    }

    [Fact]
    public void What_a_page_of_the_users_own_showed_is_not_taken_back()
    {
        Watch();
        Assert.True(_rig.Protocol.Merge(new() { MessageId = Message, ConversationId = Conversation, Status = MessageStatus.Read }, 100));
        _rig.Status(MessageStatus.Delivered, 101);

        Assert.Empty(_rig.Shown);
    }

    [Fact]
    public void A_reason_whose_frame_was_missed_is_shown_from_the_page()
    {
        Watch();
        _rig.Status(MessageStatus.Failed, 101);
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        var item = new MessageItem
        {
            MessageId = Message,
            ConversationId = Conversation,
            Status = MessageStatus.Failed,
            Reason = "The number is not on this channel",
        };
        _rig.Do(p => p.PageLoaded(_rig.Loads[0], new([item, item], null, 900), _rig.Now));

        Assert.Equal([item.Reason], _rig.Raised<StatusChange>().Select(c => c.Reason));
    }

    [Fact]
    public void After_disconnect_nothing_is_loaded_any_more()
    {
        Watch();
        _rig.Reconnect();
        _rig.Answer(900, recovered: false);
        _rig.Do(p => p.PageFailed(_rig.Loads[0], "503", _rig.Now));
        _rig.Do(p => p.Disconnect());
        _rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Single(_rig.Loads);
        Assert.Null(_rig.Protocol.NextDue);
    }

    [Fact]
    public void Messages_are_watched_where_that_is_asked_for_and_count_like_statuses()
    {
        var rig = WatchMessages();
        Assert.Equal([ClientFrames.Subscribe(Conversation, null, withMessages: true)], rig.Sent);
        Bring(rig, 101);
        Bring(rig, 101);
        rig.Status(MessageStatus.Sent, 102);
        Assert.Equal([(Message, 101L)], rig.Raised<MessageCreated>().Select(m => (m.Message.MessageId, m.Seq!.Value)));

        rig.Reconnect();
        Assert.Equal([ClientFrames.Subscribe(Conversation, 102, withMessages: true)], rig.Sent);
    }

    [Fact]
    public void A_message_comes_with_the_status_that_is_shown_of_it()
    {
        var rig = WatchMessages();
        Bring(rig, 101);
        rig.Status(MessageStatus.Read, 102, Other);
        Bring(rig, 103, Other);
        Assert.Equal([MessageStatus.Accepted, MessageStatus.Read], rig.Raised<MessageCreated>().Select(m => m.Message.Status!.Value));
    }

    [Fact]
    public void Messages_that_were_missed_come_from_the_page_and_those_that_were_not_do_not()
    {
        var rig = WatchMessages();
        Bring(rig, 101);
        rig.Reconnect();
        rig.Answer(900, recovered: false);
        rig.Load(rig.Loads[0], 900, null, (Other, MessageStatus.Sent), (Message, MessageStatus.Sent));

        var missed = Assert.Single(rig.Raised<MessageCreated>());
        Assert.Equal((Other, true), (missed.Message.MessageId, missed.FromPage));
    }

    [Fact]
    public void A_message_that_can_not_be_read_counts_all_the_same()
    {
        var rig = WatchMessages();
        rig.Receive(new() { Type = ServerFrameType.MessageCreated, ConversationId = Conversation, Seq = 107 });
        rig.Reconnect();
        Assert.Equal([ClientFrames.Subscribe(Conversation, 107, withMessages: true)], rig.Sent);
    }

    [Fact]
    public void Who_did_not_ask_for_messages_is_told_of_none()
    {
        Watch();
        Bring(_rig, 101);
        Assert.Empty(_rig.Raised<MessageCreated>());
    }

    private static void Bring(ProtocolRig rig, long seq, Guid? message = null) => rig.Receive(new()
    {
        Type = ServerFrameType.MessageCreated,
        ConversationId = Conversation,
        Created = new() { MessageId = message ?? Message, ConversationId = Conversation },
        Seq = seq,
    });

    private static ProtocolRig WatchMessages()
    {
        var rig = new ProtocolRig(options: new() { WatchMessages = true });
        rig.Open();
        rig.Forget();
        rig.Subscribe();
        rig.Answer(100);
        return rig;
    }

    private void Watch()
    {
        _rig.Open();
        _rig.Subscribe();
        _rig.Answer(100);
    }
}
