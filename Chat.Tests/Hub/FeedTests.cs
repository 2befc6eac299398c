using System.Text;
using Chat.Api.Conversations;
using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Protocol;
using Chat.Core.Frames;
using Chat.Tests.Graph;

namespace Chat.Tests.Hub;

/// <summary>The shell around <see cref="FeedMachine"/>: who gets what, and how a subscriber catches up.</summary>
public sealed class FeedTests
{
    private FeedFixture _rig = new();
    private readonly SentFrames _sink = new();
    private readonly Subscription _subscription;

    public FeedTests() => _subscription = new(_sink, FeedFixture.Organization, new(1));

    private Feed Feed(params long[] changes)
    {
        _rig.Store.Changes.UnionWith(changes);
        return _rig.Feeds.Take(FeedFixture.Conversation);
    }

    private static byte[] Payload(long seq, long prev) =>
        StatusFrame.EncodeForBus(FeedFixture.Change(seq), FeedFixture.Organization, prev, null);

    private Task<bool> SubscribeAsync(Feed feed, long? since, Access access = Access.Granted) =>
        FeedFixture.SubscribeAsync(feed, _subscription, since, access);

    [Fact]
    public async Task Without_since_a_subscriber_starts_at_the_head_and_gets_what_comes_after_it()
    {
        var feed = Feed(4, 5);
        Assert.True(await SubscribeAsync(feed, since: null));
        _rig.Publish(6, prev: 5);
        Assert.Equal("subscribed 5, 6", _sink.Text);
        Assert.Empty(_rig.Store.Reads);
    }

    [Fact]
    public async Task What_the_bus_brings_together_goes_out_in_one_piece_for_all_subscribers()
    {
        var feed = Feed(5);
        SentFrames one = await FeedFixture.WatchAsync(feed), other = await FeedFixture.WatchAsync(feed);
        var stranger = await FeedFixture.WatchAsync(feed, FeedFixture.Stranger);

        _rig.Bus.Bring(FeedFixture.Conversation, Payload(6, prev: 5), Payload(7, prev: 6), Payload(8, prev: 7));

        foreach (var sink in (SentFrames[])[one, other])
        {
            Assert.Equal("6, 7, 8", sink.Text);
            Assert.Equal([3], sink.Pieces);
        }
        Assert.Empty(stranger.Shown);
    }

    [Fact]
    public async Task A_conversation_that_starts_on_its_callers_thread_holds_up_no_other()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var isStarting = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        _rig.Bus.Subscribing = () =>
        {
            isStarting.Release();
            goOn.Wait(cancellation);
        };
        var slow = Task.Run(() => _rig.Feeds.Take(FeedFixture.Conversation), cancellation);
        try
        {
            await isStarting.WaitAsync(cancellation);
            _rig.Bus.Subscribing = null;
            var other = Task.Run(() => _rig.Feeds.Take(FeedFixture.Stranger), cancellation);
            Assert.Equal(FeedFixture.Stranger, (await other.WaitAsync(TimeSpan.FromMinutes(1), cancellation)).ConversationId);
            Assert.False(slow.IsCompleted);
        }
        finally
        {
            goOn.Set();
        }
        Assert.True(await SubscribeAsync(await slow, since: null));
    }

    [Fact]
    public async Task A_gap_within_a_piece_is_repaired_in_its_place()
    {
        var feed = Feed(5);
        var sink = await FeedFixture.WatchAsync(feed);

        _rig.Store.Changes.UnionWith([6, 7, 8]);
        _rig.Bus.Bring(FeedFixture.Conversation, Payload(6, prev: 5), Payload(8, prev: 7));

        Assert.Equal("6, 7, 8", sink.Text);
    }

    [Fact]
    public async Task How_late_it_was_is_measured_of_what_was_published_and_of_what_the_store_had_to_tell()
    {
        var feed = Feed(5);
        await FeedFixture.WatchAsync(feed);
        _rig.Publish(6, prev: 5);
        _rig.Store.Changes.UnionWith([7, 8]);
        feed.OnHead(8, "test");

        // All changes are of the beginning of time here.
        var each = (_rig.Time.GetUtcNow() - default(DateTimeOffset)).TotalSeconds;
        Assert.Equal(3 * each, _rig.Meters["chat.hub.event_to_socket.duration"], tolerance: 1);
    }

    [Fact]
    public async Task A_piece_has_no_more_than_a_socket_may_well_write_at_once()
    {
        var feed = Feed(5);
        var sink = await FeedFixture.WatchAsync(feed);

        _rig.Bus.Bring(FeedFixture.Conversation, [.. Enumerable.Range(6, 1000).Select(seq => Payload(seq, prev: seq - 1))]);

        Assert.Equal(string.Join(", ", Enumerable.Range(6, 1000)), sink.Text);
        Assert.InRange(sink.Pieces.Max(), 2, 32 * 1024 / Payload(6, prev: 5).Length * 2);
    }

    [Fact]
    public async Task While_the_bus_is_away_a_subscriber_gets_what_the_store_has_and_the_rest_once_the_bus_is_back()
    {
        var back = new TaskCompletionSource();
        _rig.Bus.SubscribeGate = back.Task;
        var feed = Feed(3, 4, 5);
        var subscribing = SubscribeAsync(feed, since: 3);
        _rig.Time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.Empty(_sink.Shown);

        _rig.Time.Advance(TimeSpan.FromTicks(1));
        Assert.True(await subscribing);
        Assert.Equal("subscribed 5 recovered, 4, 5", _sink.Text);

        _rig.Store.Changes.Add(6);
        back.SetResult();
        await Until.TrueAsync(() => _sink.Text == "subscribed 5 recovered, 4, 5, 6", "the change of the outage");
        _rig.Publish(7, prev: 6);
        Assert.Equal("subscribed 5 recovered, 4, 5, 6, 7", _sink.Text);
    }

    [Fact]
    public async Task A_feed_that_ends_while_the_bus_is_away_leaves_nothing_behind()
    {
        _rig.Bus.SubscribeGate = new TaskCompletionSource().Task;
        var feed = Feed(3);
        var subscribing = SubscribeAsync(feed, since: null);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await subscribing);

        await _rig.Feeds.ReturnAsync(feed);

        Assert.Equal(0, _rig.Bus.Subscriptions);
    }

    [Fact]
    public async Task The_answer_what_was_missed_and_the_live_ones_come_in_this_order_and_each_once()
    {
        var feed = Feed(3, 4, 5);
        var read = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 3);
        _rig.Publish(6, prev: 5);
        _rig.Publish(7, prev: 6);
        Assert.Empty(_sink.Shown);
        read.SetResult();
        Assert.True(await subscribing);
        _rig.Publish(8, prev: 7);
        Assert.Equal("subscribed 7 recovered, 4, 5, 6, 7, 8", _sink.Text);
    }

    [Fact]
    public async Task A_read_that_began_before_the_subscriber_came_is_not_enough_where_it_ends_before_the_head()
    {
        var feed = Feed(3, 4, 5);
        var read = _rig.Store.HoldNextRead();
        var first = new SentFrames();
        var others = FeedFixture.SubscribeAsync(feed, new(first, FeedFixture.Organization, new(1)), since: 3);
        // The read of the first does not have it, and the second comes too late for the live one.
        _rig.Publish(6, prev: 5);
        var subscribing = SubscribeAsync(feed, since: 3);
        read.SetResult();
        await Task.WhenAll(others, subscribing);
        Assert.Equal("subscribed 6 recovered, 4, 5, 6", first.Text);
        Assert.Equal("subscribed 6 recovered, 4, 5, 6", _sink.Text);
    }

    [Fact]
    public async Task Who_asks_the_same_at_the_same_time_shares_one_read_and_needs_no_other_where_it_reaches_the_head()
    {
        var feed = Feed(3, 4, 5);
        var read = _rig.Store.HoldNextRead();
        var first = new SentFrames();
        var others = FeedFixture.SubscribeAsync(feed, new(first, FeedFixture.Organization, new(1)), since: 3);
        var subscribing = SubscribeAsync(feed, since: 3);
        read.SetResult();
        await Task.WhenAll(others, subscribing);
        Assert.Equal("subscribed 5 recovered, 4, 5", first.Text);
        Assert.Equal("subscribed 5 recovered, 4, 5", _sink.Text);
        Assert.Equal([3], _rig.Store.Reads);
    }

    [Fact]
    public async Task Many_missed_are_read_page_by_page_and_each_page_and_each_frame_waits_for_room()
    {
        var feed = Feed(1, 2, 3, 4, 5, 6, 7);
        Assert.True(await SubscribeAsync(feed, since: 0));
        Assert.Equal("subscribed 7 recovered, 1, 2, 3, 4, 5, 6, 7", _sink.Text);
        Assert.Equal([0, 3, 6], _rig.Store.Reads);
        Assert.Equal([0, 1, 2, 3, 4, 4, 5, 6, 7, 7], _sink.Waits);
    }

    [Fact]
    public async Task A_number_above_the_head_is_none_of_ours_and_whoever_brings_it_starts_over()
    {
        var feed = Feed(4, 5);
        await SubscribeAsync(feed, since: 100);
        _rig.Publish(6, prev: 5);
        Assert.Equal("subscribed 5 lost, 6", _sink.Text);
    }

    [Fact]
    public async Task The_head_itself_is_nothing_missed()
    {
        await SubscribeAsync(Feed(4, 5), since: 5);
        Assert.Equal("subscribed 5 recovered", _sink.Text);
    }

    [Fact]
    public async Task A_number_that_the_feed_knows_and_an_older_read_does_not_is_one_of_ours()
    {
        var feed = Feed(5);
        var read = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 5);
        _rig.Publish(6, prev: 5);
        read.SetResult();
        await subscribing;
        Assert.Equal("subscribed 6 recovered, 6", _sink.Text);
    }

    [Fact]
    public async Task Where_the_store_no_longer_has_what_was_missed_the_client_loads_the_page_and_gets_the_live_ones_meanwhile()
    {
        var feed = Feed(4, 5);
        _rig.Store.GoneUpTo = 4;
        var read = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 2);
        _rig.Publish(6, prev: 5);
        read.SetResult();
        Assert.True(await subscribing);
        _rig.Publish(7, prev: 6);
        // 5 is on the page.
        Assert.Equal("subscribed 6 lost, 6, 7", _sink.Text);
    }

    [Fact]
    public async Task What_falls_out_of_the_store_between_two_pages_is_told()
    {
        var feed = Feed(1, 2, 3, 4, 5, 6);
        var first = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 0);
        _rig.Store.GoneUpTo = 4;
        _rig.Publish(7, prev: 6);
        first.SetResult();
        Assert.True(await subscribing);
        _rig.Publish(8, prev: 7);
        Assert.Equal("subscribed 7 recovered, 1, 2, 3, subscribed 7 lost, 7, 8", _sink.Text);
    }

    [Fact]
    public async Task More_live_ones_than_may_wait_are_read_from_the_store()
    {
        var feed = Feed(4, 5);
        var read = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 4);
        for (var seq = 6; seq <= 8; seq++) _rig.Publish(seq, prev: seq - 1);
        read.SetResult();
        Assert.True(await subscribing);
        _rig.Publish(9, prev: 8);
        Assert.Equal("subscribed 8 recovered, 5, 6, 7, 8, 9", _sink.Text);
    }

    [Fact]
    public async Task Who_may_not_see_the_conversation_gets_nothing_of_it()
    {
        var feed = Feed(4, 5);
        Assert.False(await SubscribeAsync(feed, since: 4, Access.Denied));
        _rig.Publish(6, prev: 5);
        Assert.Empty(_sink.Shown);
        Assert.Equal(0, feed.SubscriberCount);
    }

    [Theory]
    [InlineData(5, "subscribed 5 recovered, 6")]
    [InlineData(4, "subscribed 5 recovered, 6")]
    [InlineData(6, "subscribed 5 lost, 6")]
    public async Task Of_a_conversation_that_nobody_owns_nothing_is_read_and_what_comes_is_got(long since, string frames)
    {
        var feed = Feed(4, 5);
        Assert.True(await SubscribeAsync(feed, since, Access.Unowned));
        _rig.Publish(6, prev: 5);
        Assert.Equal(frames, _sink.Text);
        Assert.Empty(_rig.Store.Reads);
    }

    [Fact]
    public async Task Of_a_conversation_that_nobody_owned_when_that_was_asked_what_came_meanwhile_is_got()
    {
        var feed = Feed();
        var asked = new TaskCompletionSource<Access>();
        var subscribing = feed.SubscribeAsync(
            _subscription, 0, async _ => await asked.Task, TestContext.Current.CancellationToken);
        _rig.Publish(1, prev: 0);
        _rig.Publish(2, prev: 1);
        asked.SetResult(Access.Unowned);
        Assert.True(await subscribing);
        Assert.Equal("subscribed 2 recovered, 1, 2", _sink.Text);
    }

    [Fact]
    public async Task Of_a_conversation_that_nobody_owned_when_that_was_asked_more_than_may_wait_is_told()
    {
        var feed = Feed();
        var asked = new TaskCompletionSource<Access>();
        var subscribing = feed.SubscribeAsync(
            _subscription, 0, async _ => await asked.Task, TestContext.Current.CancellationToken);
        for (var seq = 1; seq <= 3; seq++) _rig.Publish(seq, prev: seq - 1);
        asked.SetResult(Access.Unowned);
        await subscribing;
        Assert.Equal("subscribed 3 lost", _sink.Text);
    }

    [Fact]
    public async Task Who_left_gets_nothing_more_and_the_others_do()
    {
        var feed = Feed(5);
        await SubscribeAsync(feed, since: null);
        var other = await FeedFixture.WatchAsync(feed);
        feed.Remove(_subscription);
        _rig.Publish(6, prev: 5);
        Assert.Equal("subscribed 5", _sink.Text);
        Assert.Equal("6", other.Text);
    }

    [Fact]
    public async Task A_gap_is_repaired_from_the_store_and_delivered_to_the_owners_people_alone()
    {
        var feed = Feed(5);
        var ours = await FeedFixture.WatchAsync(feed);
        var theirs = await FeedFixture.WatchAsync(feed, FeedFixture.Stranger);
        _rig.Store.Changes.UnionWith([6, 7]);
        _rig.Publish(8, prev: 7);
        Assert.Equal("6, 7, 8", ours.Text);
        Assert.Empty(theirs.Shown);
    }

    [Fact]
    public async Task A_long_gap_is_repaired_page_by_page()
    {
        var feed = Feed(1);
        var ours = await FeedFixture.WatchAsync(feed);
        _rig.Store.Changes.UnionWith([2, 3, 4, 5, 6]);
        feed.OnHead(6, "head_check");
        Assert.Equal("2, 3, 4, 5, 6", ours.Text);
        Assert.Equal([1, 4], _rig.Store.Reads);
    }

    [Fact]
    public async Task A_loss_says_nothing_to_a_subscriber_of_another_organization()
    {
        var feed = Feed(5);
        var asked = new TaskCompletionSource<Access>();
        var subscribing = feed.SubscribeAsync(
            new(_sink, FeedFixture.Stranger, new(1)), since: 5, _ => new(asked.Task), TestContext.Current.CancellationToken);
        _rig.Store.Changes.UnionWith([8, 9]);
        _rig.Store.GoneUpTo = 8;
        feed.OnHead(9, "head_check");
        // It was asked before anybody owned the conversation.
        asked.SetResult(Access.Unowned);
        Assert.True(await subscribing);
        Assert.Equal("subscribed 5 recovered", _sink.Text);
    }

    [Fact]
    public async Task A_head_that_is_known_reads_nothing()
    {
        var feed = Feed(5);
        await FeedFixture.WatchAsync(feed);
        feed.OnHead(5, "head_check");
        Assert.Empty(_rig.Store.Reads);
    }

    [Fact]
    public async Task A_repair_that_comes_too_late_for_the_store_is_told_to_those_who_are_live_and_after_their_read_to_the_others()
    {
        var feed = Feed(5);
        var live = await FeedFixture.WatchAsync(feed);
        var read = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 5);
        _rig.Store.Changes.UnionWith([8, 9]);
        _rig.Store.GoneUpTo = 8;
        feed.OnHead(9, "head_check");
        Assert.Equal("subscribed 9 lost, 9", live.Text);
        Assert.Empty(_sink.Shown);
        read.SetResult();
        Assert.True(await subscribing);
        Assert.Equal("subscribed 9 recovered, subscribed 9 lost", _sink.Text);
    }

    [Fact]
    public async Task What_names_another_organization_than_the_owners_goes_to_nobody_once_the_owner_is_known()
    {
        var feed = Feed(5);
        var ours = await FeedFixture.WatchAsync(feed);
        var theirs = await FeedFixture.WatchAsync(feed, FeedFixture.Stranger);
        // A repair asks for the owner.
        _rig.Publish(6, prev: null);
        _rig.Announce(7, prev: 6, FeedFixture.Stranger);
        Assert.Equal("6", ours.Text);
        Assert.Empty(theirs.Shown);
    }

    [Theory]
    [InlineData(true, "0, 0")]
    [InlineData(false, "")]
    public async Task One_published_by_hand_without_an_organization_is_its_owners(bool owned, string frames)
    {
        _rig.Store.IsOwned = owned;
        var feed = Feed(5);
        var ours = await FeedFixture.WatchAsync(feed);
        var theirs = await FeedFixture.WatchAsync(feed, FeedFixture.Stranger);
        for (var i = 0; i < 2; i++)
            _rig.Bus.Bring(FeedFixture.Conversation, Encoding.UTF8.GetBytes("""{"type":"message.status","status":"READ"}"""));
        Assert.Equal(frames, ours.Text);
        Assert.Empty(theirs.Shown);
    }

    [Fact]
    public async Task What_can_not_be_read_is_passed_over()
    {
        var feed = Feed(5);
        var ours = await FeedFixture.WatchAsync(feed);
        _rig.Bus.Bring(FeedFixture.Conversation, Encoding.UTF8.GetBytes("no JSON"));
        _rig.Publish(6, prev: 5);
        Assert.Equal("6", ours.Text);
    }

    [Fact]
    public async Task The_last_to_go_gives_the_bus_subscription_back()
    {
        var feed = Feed(5);
        Assert.Same(feed, _rig.Feeds.Take(FeedFixture.Conversation));
        await _rig.Feeds.ReturnAsync(feed);
        Assert.Equal(1, _rig.Bus.Subscriptions);
        await _rig.Feeds.ReturnAsync(feed);
        Assert.Equal(0, _rig.Bus.Subscriptions);
        Assert.Empty(_rig.Feeds.Snapshot());
    }

    [Fact]
    public async Task A_repair_that_is_under_way_when_the_last_one_goes_delivers_nothing()
    {
        var feed = Feed(5);
        var ours = await FeedFixture.WatchAsync(feed);
        _rig.Bus.Bring(FeedFixture.Conversation, Encoding.UTF8.GetBytes("{}"));
        await _rig.Feeds.ReturnAsync(feed);
        feed.OnHead(9, "head_check");
        Assert.Empty(_rig.Store.Reads);
        Assert.Equal("0", ours.Text);
    }

    [Fact]
    public async Task The_number_that_comes_with_a_loss_between_two_pages_is_the_highest_that_is_known()
    {
        var feed = Feed(1, 2, 3, 4, 5, 6);
        var first = _rig.Store.HoldNextRead();
        var second = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 0);
        _rig.Store.GoneUpTo = 4;
        first.SetResult();
        _rig.Publish(7, prev: 6);
        second.SetResult();
        await subscribing;
        Assert.Equal("subscribed 6 recovered, 1, 2, 3, subscribed 7 lost, 7", _sink.Text);
    }

    [Fact]
    public async Task Until_the_owner_is_known_the_store_says_what_is_true()
    {
        _rig.Store.IsOwned = false;
        var feed = Feed();
        var ours = await FeedFixture.WatchAsync(feed);
        var theirs = await FeedFixture.WatchAsync(feed, FeedFixture.Stranger);
        _rig.Announce(1L << 50, prev: 0, FeedFixture.Stranger);
        // A replica that is behind: the change is there, and its owner is not.
        _rig.Publish(1, prev: 0);
        Assert.Empty(ours.Shown);
        _rig.Store.IsOwned = true;
        _rig.Publish(2, prev: 1);
        Assert.Equal("1, 2", ours.Text);
        Assert.Empty(theirs.Shown);
    }

    [Fact]
    public async Task A_payload_of_another_organization_under_the_number_of_a_change_does_not_take_its_place()
    {
        _rig.Store.IsOwned = false;
        var feed = Feed();
        var ours = await FeedFixture.WatchAsync(feed);
        _rig.Announce(1, prev: 0, FeedFixture.Stranger);
        _rig.Store.IsOwned = true;
        _rig.Publish(1, prev: 0);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1", ours.Text);
    }

    [Fact]
    public async Task Nobody_is_answered_before_the_head_is_known_and_what_came_until_then_counts()
    {
        var head = new TaskCompletionSource();
        _rig.Store.HeadGate = head.Task;
        var feed = Feed(4, 5);
        var subscribing = SubscribeAsync(feed, since: null);
        _rig.Announce(6, prev: 5);
        Assert.Empty(_sink.Shown);
        head.SetResult();
        Assert.True(await subscribing);
        _rig.Publish(7, prev: 6);
        Assert.Equal("subscribed 6, 7", _sink.Text);
    }

    [Fact]
    public async Task A_number_above_what_an_older_read_found_is_looked_for_once_more()
    {
        var feed = Feed(4, 5);
        var read = _rig.Store.HoldNextRead();
        var others = FeedFixture.SubscribeAsync(feed, new(new SentFrames(), FeedFixture.Organization, new(1)), since: 6);
        // The read of the others does not have it, and the bus has lost it.
        _rig.Store.Changes.Add(6);
        var subscribing = SubscribeAsync(feed, since: 6);
        read.SetResult();
        await Task.WhenAll(others, subscribing);
        Assert.Equal("subscribed 6 recovered", _sink.Text);
    }

    [Fact]
    public async Task The_head_that_an_older_read_found_is_not_looked_for_once_more()
    {
        var feed = Feed(4, 5);
        var read = _rig.Store.HoldNextRead();
        var others = FeedFixture.SubscribeAsync(feed, new(new SentFrames(), FeedFixture.Organization, new(1)), since: 5);
        var subscribing = SubscribeAsync(feed, since: 5);
        read.SetResult();
        await Task.WhenAll(others, subscribing);
        Assert.Equal([5], _rig.Store.Reads);
    }

    [Fact]
    public async Task After_too_many_live_ones_an_older_read_that_lacks_some_of_them_is_not_enough()
    {
        _rig = new(o => o.ReadPage = 10);
        var feed = Feed(4, 5);
        var first = _rig.Store.HoldNextRead();
        var subscribing = SubscribeAsync(feed, since: 4);
        for (var seq = 6; seq <= 8; seq++) _rig.Publish(seq, prev: seq - 1);
        var second = _rig.Store.HoldNextRead();
        var others = FeedFixture.SubscribeAsync(feed, new(new SentFrames(), FeedFixture.Organization, new(1)), since: 5);
        _rig.Publish(9, prev: 8);
        // It reads on from 5, by the read of the others, which began before 9 was there.
        first.SetResult();
        second.SetResult();
        await Task.WhenAll(others, subscribing);
        Assert.Equal("subscribed 9 recovered, 5, 6, 7, 8, 9", _sink.Text);
    }

    [Fact]
    public async Task One_huge_number_from_another_system_costs_a_few_reads_and_nothing_else()
    {
        var feed = Feed(5);
        var ours = await FeedFixture.WatchAsync(feed);
        _rig.Announce(1L << 50, prev: (1L << 50) - 1);
        _rig.Announce(1L << 50, prev: null);
        _rig.Publish(6, prev: 5);
        for (var second = 0; second < 60; second++) _rig.Time.Advance(TimeSpan.FromSeconds(1));
        _rig.Publish(7, prev: 6);
        _rig.Store.Changes.Add(8);
        feed.OnHead(8, "head_check");
        Assert.Equal("6, 7, 8", ours.Text);
        Assert.InRange(_rig.Store.Reads.Count, 3, (2 * FeedMachine.MostLooks) + 3);
    }

    [Fact]
    public async Task What_another_organization_publishes_here_moves_nothing_even_where_it_follows()
    {
        var feed = Feed(5);
        var ours = await FeedFixture.WatchAsync(feed);
        _rig.Announce(1L << 50, prev: 5, FeedFixture.Stranger);
        _rig.Publish(6, prev: 5);
        Assert.Equal("6", ours.Text);
        Assert.Empty(_rig.Store.Reads);
    }

    [Fact]
    public async Task Reads_that_are_behind_are_made_again_later_and_nothing_is_delivered_over_the_gap()
    {
        var feed = Feed(10);
        var ours = await FeedFixture.WatchAsync(feed);
        _rig.Store.Behind = 10;
        _rig.Store.Changes.UnionWith([11, 12]);
        _rig.Publish(13, prev: 12);
        Assert.Empty(ours.Shown);
        _rig.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Empty(ours.Shown);
        _rig.Store.Behind = 12;
        _rig.Time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal("11, 12, 13", ours.Text);
        Assert.Equal([10, 10, 10], _rig.Store.Reads);
    }

    [Fact]
    public async Task Who_catches_up_from_reads_that_are_behind_gets_no_gap_either()
    {
        var feed = Feed(10);
        _rig.Publish(11, prev: 10);
        _rig.Publish(12, prev: 11);
        _rig.Store.Behind = 11;
        var subscribing = SubscribeAsync(feed, since: 10);
        _rig.Publish(13, prev: 12);
        Assert.Equal("subscribed 13 recovered, 11", _sink.Text.Replace("subscribed 12", "subscribed 13", StringComparison.Ordinal));
        _rig.Store.Behind = long.MaxValue;
        _rig.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(await subscribing);
        Assert.EndsWith("recovered, 11, 12, 13", _sink.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_catches_up_from_reads_that_stay_behind_is_told_to_load_the_page()
    {
        var feed = Feed(10);
        _rig.Publish(11, prev: 10);
        _rig.Store.Behind = 10;
        var subscribing = SubscribeAsync(feed, since: 10);
        for (var second = 0; second < 60; second++) _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await subscribing);
        Assert.Equal("subscribed 11 recovered, subscribed 11 lost", _sink.Text);
    }

    [Fact]
    public async Task A_conversation_that_can_not_be_read_holds_up_no_other_of_the_same_socket()
    {
        var places = new Core.Time.FifoSemaphore(1);
        _rig.Store.Changes.UnionWith([4, 5]);
        var unreadable = new Guid(1, 0, 0, new byte[8]);
        var failing = _rig.Feeds.Take(unreadable);
        _rig.Store.Unreadable.Add(unreadable);
        var waiting = FeedFixture.SubscribeAsync(failing, new(new SentFrames(), FeedFixture.Organization, places), since: 4);
        var healthy = FeedFixture.SubscribeAsync(Feed(), new(_sink, FeedFixture.Organization, places), since: 4);
        Assert.Empty(_sink.Shown);
        _rig.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(await healthy);
        Assert.Equal("subscribed 5 recovered, 5", _sink.Text);
        Assert.False(waiting.IsCompleted);
        _rig.Store.Unreadable.Clear();
        for (var second = 0; second < 10; second++) _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await waiting);
    }

    [Fact]
    public async Task A_loss_is_told_to_the_owners_people_alone()
    {
        _rig.Store.IsOwned = false;
        var feed = Feed();
        var ours = await FeedFixture.WatchAsync(feed);
        var theirs = await FeedFixture.WatchAsync(feed, FeedFixture.Stranger);
        var nobodys = await FeedFixture.WatchAsync(feed, Guid.Empty);
        _rig.Store.IsOwned = true;
        _rig.Store.Changes.UnionWith([8, 9]);
        _rig.Store.GoneUpTo = 8;
        feed.OnHead(9, "head_check");
        Assert.Equal("subscribed 9 lost, 9", ours.Text);
        Assert.Empty(theirs.Shown);
        Assert.Empty(nobodys.Shown);
    }

    [Theory]
    [InlineData(null, "subscribed 0")]
    [InlineData(0L, "subscribed 0 recovered")]
    public async Task Who_asked_while_nobody_owned_it_is_told_nothing_of_what_another_organization_posted_meanwhile(
        long? since, string answer)
    {
        var feed = Feed();
        var asked = new TaskCompletionSource<Access>();
        var subscription = new Subscription(_sink, FeedFixture.Stranger, new(1));
        var subscribing = feed.SubscribeAsync(subscription, since, async _ => await asked.Task, TestContext.Current.CancellationToken);
        _rig.Publish(1, prev: 0);
        _rig.Publish(2, prev: 1);
        asked.SetResult(Access.Unowned);
        Assert.True(await subscribing);
        Assert.Equal(answer, _sink.Text);
    }

    [Fact]
    public async Task A_bus_subscription_that_can_not_be_given_back_ends_the_feed_all_the_same()
    {
        var feed = Feed(5);
        _rig.Bus.FailsToUnsubscribe = true;
        await _rig.Feeds.ReturnAsync(feed);
        Assert.Empty(_rig.Feeds.Snapshot());
    }

    private static async Task<SentFrames> WatchAsync(Feed feed, WatchedEvents events, long? since)
    {
        var sink = new SentFrames();
        await FeedFixture.SubscribeAsync(feed, new(sink, FeedFixture.Organization, new(1), events), since);
        return sink;
    }

    [Fact]
    public async Task Messages_go_live_to_those_who_asked_for_them_and_statuses_to_those_who_did_not_ask_for_messages_alone()
    {
        var feed = Feed(5);
        SentFrames statuses = await FeedFixture.WatchAsync(feed),
            all = await FeedFixture.WatchAsync(feed, events: WatchedEvents.Status | WatchedEvents.Message),
            messages = await FeedFixture.WatchAsync(feed, events: WatchedEvents.Message);

        _rig.PublishMessage(6, prev: 5);
        _rig.Publish(7, prev: 6);

        Assert.Equal(["7", "6, 7", "6"], new[] { statuses, all, messages }.Select(s => s.Text));
        Assert.Equal("Oi", Assert.Single(all.Messages).GetProperty("content").GetProperty("texto").GetString());
        Assert.Empty(_rig.Store.MessageReads);
    }

    [Fact]
    public async Task A_subscriber_catches_up_on_messages_too_where_it_asked_for_them_all_of_a_page_in_one_read()
    {
        _rig.Store.Announcements.UnionWith([5, 7, 8]);
        var feed = Feed(4, 5, 6, 7, 8);

        Assert.Equal("subscribed 8 recovered, 6", (await WatchAsync(feed, WatchedEvents.Status, since: 4)).Text);
        Assert.Empty(_rig.Store.MessageReads);
        var all = await WatchAsync(feed, WatchedEvents.Status | WatchedEvents.Message, since: 4);
        Assert.Equal("subscribed 8 recovered, 5, 6, 7, 8", all.Text);
        Assert.Equal([2, 1], _rig.Store.MessageReads);
        Assert.Equal(3, all.Messages.Count);
    }

    [Fact]
    public async Task A_repair_brings_the_messages_too_that_the_bus_lost()
    {
        var feed = Feed(5);
        var statuses = await FeedFixture.WatchAsync(feed);
        var messages = await FeedFixture.WatchAsync(feed, events: WatchedEvents.Message);
        _rig.Store.Changes.UnionWith([6, 7]);
        _rig.Store.Announcements.Add(6);

        _rig.Publish(8, prev: 7);

        Assert.Equal("7, 8", statuses.Text);
        Assert.Equal("6", messages.Text);
        Assert.Single(messages.Messages);
    }

    [Fact]
    public async Task Without_anybody_who_wants_messages_a_repair_reads_none()
    {
        var feed = Feed(5);
        var statuses = await FeedFixture.WatchAsync(feed);
        _rig.Store.Changes.UnionWith([6, 7]);
        _rig.Store.Announcements.Add(6);
        _rig.Publish(8, prev: 7);
        Assert.Equal("7, 8", statuses.Text);
        Assert.Empty(_rig.Store.MessageReads);
    }

    [Fact]
    public async Task Who_wants_messages_and_comes_while_a_repair_reads_misses_none()
    {
        var feed = Feed(5);
        var statuses = await FeedFixture.WatchAsync(feed);
        _rig.Store.Changes.UnionWith([6, 7]);
        _rig.Store.Announcements.Add(6);
        var reading = _rig.Store.HoldNextRead();
        _rig.Publish(8, prev: 7);
        var messages = await FeedFixture.WatchAsync(feed, events: WatchedEvents.Message);

        reading.SetResult();

        Assert.Equal("7, 8", statuses.Text);
        Assert.Equal("6", messages.Text);
    }

    [Fact]
    public async Task A_message_that_was_erased_is_passed_over()
    {
        _rig.Store.Announcements.Add(5);
        _rig.Store.HasMessages = false;
        var feed = Feed(4, 5, 6);
        var all = await WatchAsync(feed, WatchedEvents.Status | WatchedEvents.Message, since: 4);
        Assert.Equal("subscribed 6 recovered, 6", all.Text);
        _rig.Publish(7, prev: 6);
        Assert.EndsWith("6, 7", all.Text, StringComparison.Ordinal);
    }
}
