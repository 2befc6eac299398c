using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Contacts;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using static Chat.Tests.Connectors.Samples;

namespace Chat.Tests.Connectors.Sending;

/// <summary>The way of a message from an account to a provider, with crashes, on one thread and a clock that the test moves.</summary>
public sealed class AccountSendingTests : SendingHarness
{
    [Fact]
    public void A_message_is_sent_once_and_its_id_is_known_when_that_is_committed()
    {
        StartUp();
        var message = Post();

        var sent = Assert.Single(_provider.Sent);
        Assert.Equal((message, "5511900000002", 1), (sent.Message, sent.Recipient, sent.Try));
        Assert.Equal("the-token", sent.Account!.Credentials.AccessToken);
        var entry = Assert.Single(_store.Tries);
        Assert.Equal((SendOutcome.Accepted, ScriptedProvider.IdOf(message)), (entry.Outcome, entry.ProviderMessageId));
        Assert.Equal(
            new MessageKey(message.ConversationId, message.MessageId),
            _store.ProviderIds[new(Key.Channel, ScriptedProvider.IdOf(message), Key.AccountId)]);
        // WhatsApp reports SENT by webhook.
        Assert.Empty(Statuses());
        Assert.Equal(1, _log.Committed);
        Assert.Equal(1, _meters["chat.connector.answers whatsapp accepted"]);
    }

    [Fact]
    public void The_try_is_claimed_before_it_is_made_and_the_answer_is_kept_before_anything_follows_from_it()
    {
        StartUp();
        Post();
        Assert.Equal(
            [
                nameof(_store.ListHeldAsync),
                nameof(_store.FindLatestTriesAsync),
                nameof(_store.ClaimTryAsync),
                nameof(_store.RecordAnswersAsync),
                nameof(_store.AddProviderIdAsync),
                nameof(_store.ListParkedAsync),
            ],
            _store.Calls);
    }

    [Fact]
    public void A_message_waits_where_it_is_until_the_store_says_which_accounts_there_are()
    {
        _accounts.Failures = 2;
        StartUp();
        Post();
        Assert.Empty(_provider.Sent);

        Pass(100);
        Pass(200);
        Assert.Single(_provider.Sent);
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void A_channel_whose_acceptance_is_SENT_says_so_at_the_time_of_the_try()
    {
        _provider.StatusesOfAccepted = [new(StatusKind.Sent, TimeSpan.Zero)];
        StartUp();
        var message = Post();
        var status = Assert.Single(Statuses());
        Assert.Equal((message.MessageId, StatusKind.Sent, Start), (status.MessageId, status.Status, status.Timestamp));
        Assert.Equal(Key.AccountId, status.AccountId);
    }

    [Fact]
    public void A_refusal_is_FAILED_with_its_reason()
    {
        Answer(new SendAnswer.Rejected("Not on WhatsApp (131026)"));
        StartUp();
        Post();
        var status = Assert.Single(Statuses());
        Assert.Equal((StatusKind.Failed, "Not on WhatsApp (131026)"), (status.Status, status.Reason));
        Assert.Equal(SendOutcome.Rejected, Assert.Single(_store.Tries).Outcome);
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void A_status_that_named_the_providers_id_before_it_was_known_comes_back()
    {
        StartUp();
        var message = Message();
        var id = new ProviderId(Key.Channel, ScriptedProvider.IdOf(message), Key.AccountId);
        var early = new StatusEvent(
            null, null, Organization, Key.Channel, StatusKind.Delivered, Start, null, id.Id, AccountId: Key.AccountId);
        _store.Parked.Add(new(ParkedStatuses.SubjectOf(id), 1, StatusEventJson.Write(early), Start));

        Post(message);

        var status = Assert.Single(Statuses());
        Assert.Equal((message.MessageId, StatusKind.Delivered), (status.MessageId, status.Status));
        Assert.Empty(_store.Parked);
    }

    [Fact]
    public void An_answer_that_never_came_is_not_asked_for_again()
    {
        Answer(new SendAnswer.Unknown("no answer in time"));
        StartUp();
        Post();
        Pass(60_000);
        Restart();
        Pass(60_000);

        Assert.Single(_provider.Sent);
        Assert.Equal(SendOutcome.Unknown, Assert.Single(_store.Tries).Outcome);
        Assert.Empty(Statuses());
        Assert.Equal(1, _log.Committed);
    }

    [Theory]
    [InlineData(nameof(SendingStore.RecordAnswersAsync), SendOutcome.Unknown, 0)]
    [InlineData(nameof(SendingStore.AddProviderIdAsync), SendOutcome.Accepted, 1)]
    [InlineData(nameof(SendingStore.ListParkedAsync), SendOutcome.Accepted, 1)]
    public void A_crash_after_the_request_sends_nothing_twice(string before, SendOutcome outcome, int sentStatuses)
    {
        _provider.StatusesOfAccepted = [new(StatusKind.Sent, TimeSpan.Zero)];
        var isDead = false;
        _store.Before = call =>
        {
            if (call != before && !isDead) return;
            isDead = true;
            throw new IOException("The process is dead.");
        };
        StartUp();
        Post();
        Assert.Single(_provider.Sent);
        Stop();
        Pass(60_000);
        isDead = false;
        _store.Before = _ => { };
        StartUp();

        Assert.Single(_provider.Sent);
        Assert.Equal(outcome, Assert.Single(_store.Tries).Outcome);
        Assert.Equal(sentStatuses, Statuses().Count);
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void A_crash_before_the_request_sends_it_afterwards()
    {
        _store.Before = call =>
        {
            if (call == nameof(_store.ClaimTryAsync)) throw new IOException("The store is down.");
        };
        StartUp();
        Post();
        Stop();
        _store.Before = _ => { };
        StartUp();
        Assert.Single(_provider.Sent);
        Assert.Equal(SendOutcome.Accepted, Assert.Single(_store.Tries).Outcome);
    }

    /// <summary>Seed 162: the next owner had found the try without an answer, and was done with the message.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(60)]
    [InlineData(null)]
    public void What_a_provider_wants_later_is_held_where_the_partition_was_lost_meanwhile(int? seconds)
    {
        var answer = new TaskCompletionSource<SendAnswer>();
        _provider.Answer = _ => answer.Task;
        StartUp();
        var message = Post();
        var made = Assert.Single(_store.Tries);
        Stop();
        _pump.Run(() => _store.RecordAnswersAsync([made with { Outcome = SendOutcome.Unknown }], default).AsTask());
        var wait = seconds is { } given ? TimeSpan.FromSeconds(given) : (TimeSpan?)null;
        _pump.Run(() => answer.SetResult(new SendAnswer.Later(LaterScope.Recipient, wait, "busy")));

        Assert.Equal(SendOutcome.Later, Assert.Single(_store.Tries).Outcome);
        Assert.Equal(message.MessageId, Assert.Single(_store.Held).MessageId);
    }

    /// <summary>Seed 284: the first owner claims late, the next finds a try without an answer and is done with the message.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(60)]
    public void What_a_provider_wants_later_is_sent_again_where_its_sender_dies_and_the_next_owner_was_done_with_it(int seconds)
    {
        var (isDown, isDead) = (true, false);
        _store.Before = call =>
        {
            // It dies as soon as "later" is noted.
            isDead |= _store.Tries.Any(t => t.Outcome == SendOutcome.Later);
            if (isDead || (isDown && call == nameof(_store.ClaimTryAsync))) throw new IOException("The store is down.");
        };
        var answer = new TaskCompletionSource<SendAnswer>();
        _provider.Answer = _ => answer.Task;
        StartUp();
        var message = Post();
        isDown = false;
        Pass(1000);
        Assert.Null(Assert.Single(_store.Tries).Outcome);
        TakeOver();
        Assert.Equal((SendOutcome.Unknown, 1L), (Assert.Single(_store.Tries).Outcome, _log.Committed));

        _provider.Answer = outgoing => Task.FromResult(_provider.Accept(outgoing));
        _pump.Run(() => answer.SetResult(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(seconds), "busy")));
        Assert.Equal(SendOutcome.Later, Assert.Single(_store.Tries).Outcome);
        Stop();
        Pass(60_000 + 5_000);
        (isDead, _store.Before) = (false, _ => { });
        StartUp();
        Release();

        Assert.Equal([1, 2], _provider.Sent.Select(s => s.Try));
        Assert.All(_provider.Sent, sent => Assert.Equal(message.MessageId, sent.Message.MessageId));
        Assert.Equal(SendOutcome.Accepted, _store.Tries.Last().Outcome);
        Assert.Empty(_store.Held);
        Assert.Equal(2, _log.Committed);
    }

    /// <summary>Seed 1715: the hold came back before "later" was noted, to an owner who found a try without an answer.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_provider_wants_later_is_sent_again_where_its_hold_comes_back_before_that_is_noted(bool isUnknown)
    {
        LoseTheNoteOf(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(2), "busy"));
        var made = Assert.Single(_store.Tries);
        Pass(60_000);
        if (isUnknown) _pump.Run(() => _store.RecordAnswersAsync([made with { Outcome = SendOutcome.Unknown }], default).AsTask());
        StartUp();
        Release();

        Assert.Equal([1, 2], _provider.Sent.Select(s => s.Try));
        Assert.Equal([SendOutcome.Later, SendOutcome.Accepted], _store.Tries.Select(t => t.Outcome!.Value));
        Assert.Empty(_store.Held);
    }

    [Fact]
    public void What_a_provider_wants_later_is_sent_again_where_its_hold_comes_back_to_an_account_that_must_wait()
    {
        LoseTheNoteOf(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(2), "busy"));
        Pass(60_000);
        // Another message of the account's is answered first, and closes it for longer than anything waits here.
        var closed = new TaskCompletionSource<SendAnswer>();
        _provider.Answer = outgoing => outgoing.Try == 1 ? closed.Task : Task.FromResult(_provider.Accept(outgoing));
        StartUp();
        Post();
        _pump.Run(() => closed.SetResult(new SendAnswer.Later(LaterScope.Account, TimeSpan.FromMinutes(2), "too fast")));
        Release();
        Assert.Equal(2, _provider.Sent.Count);
        Pass(121_000);
        Release();
        Pass(10_000);

        Assert.Equal([1, 1, 2, 2], _provider.Sent.Select(s => s.Try).Order());
        Assert.DoesNotContain(Statuses(), s => s.Status == StatusKind.Failed);
    }

    [Fact]
    public void What_a_provider_wants_after_longer_than_an_answer_is_waited_for_is_not_given_up_where_its_sender_died()
    {
        LoseTheNoteOf(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromMinutes(20), "busy"));
        Pass(16 * 60_000);
        StartUp();
        Sweep();
        Assert.Equal(SendOutcome.Later, Assert.Single(_store.Tries).Outcome);
        Pass(5 * 60_000);
        Release();

        Assert.Equal([1, 2], _provider.Sent.Select(s => s.Try));
        Assert.DoesNotContain(Statuses(), s => s.Status == StatusKind.Failed);
    }

    [Fact]
    public void A_try_that_is_answered_while_it_is_about_to_be_given_up_is_not_reported()
    {
        Answer(new SendAnswer.Unknown("no answer in time"));
        StartUp();
        _store.Store(Post());
        var made = Assert.Single(_store.Tries);
        Pass(16 * 60_000);
        _store.Before = call =>
        {
            if (call != nameof(_store.ListHeldAsync)) return;
            Assert.True(_store.RecordAnswersAsync([made with { Outcome = SendOutcome.Later }], default).AsTask().IsCompletedSuccessfully);
        };
        Sweep();

        Assert.Empty(Statuses());
    }

    /// <summary>A message is held by an answer, and its sender dies before it notes the answer.</summary>
    private void LoseTheNoteOf(SendAnswer answer)
    {
        _store.Before = call =>
        {
            if (call == nameof(_store.RecordAnswersAsync)) throw new IOException("The store is down.");
        };
        Answer(answer, times: 1);
        StartUp();
        _store.Store(Post());
        Assert.Null(Assert.Single(_store.Tries).Outcome);
        Assert.Single(_store.Held);
        Stop();
        // It tries on for as long as answers are waited for.
        Pass((int)_options.SendDrain.TotalMilliseconds + 1);
        _store.Before = _ => { };
    }

    [Fact]
    public void What_a_provider_wants_later_stays_unknown_until_it_is_held()
    {
        var answer = new TaskCompletionSource<SendAnswer>();
        _provider.Answer = _ => answer.Task;
        _store.Before = call =>
        {
            if (call == nameof(_store.HoldAsync)) throw new IOException("The store is down.");
        };
        StartUp();
        var message = Post();
        _store.Store(message);
        TakeOver();
        _pump.Run(() => answer.SetResult(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(2), "busy")));
        Stop();
        Pass(15 * 60_000 + 1);
        StartUp();
        Sweep();

        Assert.Single(_provider.Sent);
        Assert.Equal(SendOutcome.GivenUp, Assert.Single(_store.Tries).Outcome);
        Assert.Equal((StatusKind.Failed, OpenTrySweeper.Reason), (Assert.Single(Statuses()).Status, Statuses()[0].Reason));
    }

    [Fact]
    public void What_is_tried_again_in_a_moment_is_held_while_it_waits_and_each_try_has_one_hold()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(2), "busy"), times: 2);
        StartUp();
        Post();
        var first = Assert.Single(_store.Held);
        Pass(2000);
        var second = Assert.Single(_store.Held);
        Assert.NotEqual(first.HoldId, second.HoldId);
        // Nobody puts it back while it is to be sent from here.
        Pass(1999);
        Release();
        Assert.Equal(second, Assert.Single(_store.Held));
        Pass(1);

        Assert.Equal([1, 2, 3], _provider.Sent.Select(s => s.Try));
        Assert.Empty(_store.Held);
        Assert.Single(_log.Events(Topics.Outbound(Key.Channel)));
    }

    [Fact]
    public void A_hold_that_was_replaced_after_it_was_read_is_no_reason_to_drop_what_comes_back()
    {
        StartUp();
        var message = Message();
        var value = MessageEventJson.Write(message);
        HeldMessage Hold() => new(Key, message.MessageId, _ids.Next(), message.ConversationId, "", value, Start);
        var (read, replacing) = (Hold(), Hold());
        _store.Held.Add(read);
        // With the first message of the account, what it holds is read.
        Post();
        _store.Held[0] = replacing;
        Release();

        Assert.Equal(message.MessageId, _provider.Sent[^1].Message.MessageId);
        Assert.Empty(_store.Held);
    }

    [Fact]
    public void A_message_that_is_in_the_log_twice_is_sent_once()
    {
        StartUp();
        var message = Message();
        Post(message, message);
        Post(message);
        Assert.Single(_provider.Sent);
        Assert.Equal(3, _log.Committed);
    }

    [Fact]
    public void What_may_go_in_a_moment_is_tried_again_in_a_moment_and_what_comes_after_it_waits()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(2), "busy"), times: 1);
        StartUp();
        var first = Message();
        var second = Message(first.ConversationId);
        Post(first, second);
        Pass(1999);
        Assert.Equal([first.MessageId], _provider.Sent.Select(s => s.Message.MessageId));
        Pass(1);
        Assert.Equal([first.MessageId, first.MessageId, second.MessageId], _provider.Sent.Select(s => s.Message.MessageId));
        Assert.Equal([1, 2, 1], _provider.Sent.Select(s => s.Try));
        Assert.Equal(2, _log.Committed);
    }

    [Fact]
    public void What_must_wait_for_long_is_held_with_what_comes_after_it_and_comes_back_in_order()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromMinutes(1), "busy"), times: 1);
        StartUp();
        var first = Message();
        var second = Message(first.ConversationId);
        Post(first, second);
        Assert.Equal(2, _log.Committed);
        Assert.Equal(2, _store.Held.Count);
        // Others go on, and what is written to this person goes behind.
        var other = Post();
        var third = Post(Message(first.ConversationId));
        Assert.Equal(other.MessageId, _provider.Sent[^1].Message.MessageId);
        Assert.Equal(3, _store.Held.Count);

        Pass(59_000);
        Release();
        Assert.Equal(3, _store.Held.Count);
        Pass(1_000);
        Release();
        Pass(0);

        Assert.Empty(_store.Held);
        Assert.Equal(
            [first.MessageId, other.MessageId, first.MessageId, second.MessageId, third.MessageId],
            _provider.Sent.Select(s => s.Message.MessageId));
        Assert.Equal(3, _meters["chat.connector.held whatsapp recipient"]);
        Assert.Equal(3, _meters["chat.connector.put_back whatsapp"]);
    }

    [Fact]
    public void After_a_restart_what_comes_after_a_held_message_is_still_held_behind_it()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromMinutes(1), "busy"), times: 1);
        StartUp();
        var first = Post();
        Restart();
        var second = Post(Message(first.ConversationId));
        Assert.Single(_provider.Sent);
        Pass(60_000);
        Release();
        Assert.Equal(
            [first.MessageId, first.MessageId, second.MessageId], _provider.Sent.Select(s => s.Message.MessageId));
    }

    [Fact]
    public void A_message_that_was_put_back_twice_is_sent_once_and_a_later_hold_stays()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromMinutes(1), "busy"), times: 2);
        StartUp();
        var message = Post();
        Pass(60_000);
        var hold = Assert.Single(_store.Held);
        Release();
        // It is held anew, and another process puts the first hold back once more.
        Assert.NotEqual(hold.HoldId, Assert.Single(_store.Held).HoldId);
        _store.Held.Add(hold);
        Release();
        Assert.Equal(2, _provider.Sent.Count);
        Pass(60_000);
        Release();
        Assert.Equal(3, _provider.Sent.Count);
        Assert.Empty(_store.Held);
        Assert.Equal(message.MessageId, _provider.Sent[2].Message.MessageId);
    }

    [Fact]
    public void An_account_with_a_dead_token_holds_what_it_has_until_it_is_active_again()
    {
        Answer(new SendAnswer.Later(LaterScope.Account, null, "The access token is not valid any more (WhatsApp 190)"), times: 1);
        StartUp();
        var messages = new[] { Post(), Post(), Post() };
        Assert.Single(_provider.Sent);
        var account = _accounts[Key].Account;
        Assert.Equal(
            (AccountState.NeedsAttention, "The access token is not valid any more (WhatsApp 190)"), (account.State, account.Attention));
        Assert.Equal(3, _store.Held.Count);
        Assert.Equal(3, _log.Committed);
        Assert.Empty(Statuses());
        Pass(3_600_000);
        Release();
        Assert.Equal(3, _store.Held.Count);

        _accounts.Connect(Key, Organization);
        Release();
        Assert.Empty(_store.Held);
        Assert.Equal(messages.Select(m => m.MessageId), _provider.Sent.Skip(1).Select(s => s.Message.MessageId));
    }

    [Fact]
    public void A_refusal_that_concerns_the_account_stops_it_too()
    {
        Answer(new SendAnswer.Rejected("The account is locked (WhatsApp 131031)") { Attention = "locked" }, times: 1);
        StartUp();
        Post();
        Post();
        Assert.Single(_provider.Sent);
        Assert.Single(Statuses());
        Assert.Single(_store.Held);
    }

    [Fact]
    public void A_number_that_is_too_fast_waits_and_another_does_not()
    {
        var other = new AccountKey(ChannelCatalog.WhatsApp, "111");
        _accounts.Connect(other, Organization);
        Answer(new SendAnswer.Later(LaterScope.Account, TimeSpan.FromSeconds(3), "slow"), times: 1);
        StartUp();
        Post();
        Post();
        Post(Message() with { AccountId = other.AccountId });
        Assert.Equal([Key.AccountId, other.AccountId], _provider.Sent.Select(s => s.Message.AccountId));
        Pass(3000);
        Assert.Equal(4, _provider.Sent.Count);
        Assert.Empty(_store.Held);
    }

    [Fact]
    public void An_account_sends_no_faster_than_its_rate_and_a_queue_is_held_for_the_times_at_which_it_can_go()
    {
        _accounts.Connect(Key, Organization, perSecond: 10);
        StartUp();
        Post([.. Enumerable.Range(0, 200).Select(i => Message() with { Recipient = $"55119{i:00000000}" })]);
        // A second's worth at once, 5 seconds' waiting here, the rest held: nothing else waits for it.
        Assert.Equal(10, _provider.Sent.Count);
        Assert.Equal(200 - 10 - 50, _store.Held.Count);
        for (var second = 1; second <= 22; second++)
        {
            Pass(1000);
            Release();
            Assert.InRange(_provider.Sent.Count, 0, 10 + (10 * second));
        }
        Assert.Equal(200, _provider.Sent.Count);
        Assert.Equal(200, _provider.Sent.Select(s => s.Message.MessageId).Distinct().Count());
        Assert.Empty(_store.Held);
    }

    [Fact]
    public void One_person_gets_a_burst_and_then_one_message_in_six_seconds()
    {
        StartUp();
        var conversation = _ids.Next();
        Message[] messages = [.. Enumerable.Range(0, 48).Select(_ => Message(conversation))];
        Post(messages);
        Assert.Equal(45, _provider.Sent.Count);
        for (var second = 1; second <= 20; second++)
        {
            Pass(1000);
            Release();
            Assert.InRange(_provider.Sent.Count, 45, 45 + (second / 6));
        }
        Assert.Equal(messages.Select(m => m.MessageId), _provider.Sent.Select(s => s.Message.MessageId));
    }

    [Fact]
    public void Conversations_are_sent_beside_each_other_and_one_conversation_in_order()
    {
        _options.SendConcurrency = 3;
        var answers = new List<TaskCompletionSource>();
        _provider.Answer = async outgoing =>
        {
            var answer = new TaskCompletionSource();
            answers.Add(answer);
            await answer.Task;
            return _provider.Accept(outgoing);
        };
        StartUp();
        var one = _ids.Next();
        Post(Message(one), Message(one), Message(), Message(), Message());
        Assert.Equal(3, answers.Count);
        for (var i = 0; i < 5; i++) _pump.Run(() => answers[i].SetResult());
        Assert.Equal(5, _provider.Sent.Count);
        Assert.Equal(3, _provider.Open.Most);
        Assert.Equal(5, _log.Committed);
    }

    [Fact]
    public void A_partition_that_is_left_waits_for_the_answers_to_what_it_sent()
    {
        var answer = new TaskCompletionSource();
        _provider.Answer = async outgoing =>
        {
            await answer.Task;
            return _provider.Accept(outgoing);
        };
        StartUp();
        Post();
        _pump.Run(() => _running.Cancel());
        _pump.Run(() => answer.SetResult());
        Assert.Equal(SendOutcome.Accepted, Assert.Single(_store.Tries).Outcome);
        StartUp();
        Assert.Single(_provider.Sent);
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void What_is_refused_for_the_time_being_for_a_day_has_failed()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(2), "WhatsApp is not available (WhatsApp 2)"));
        _options.GiveUpAfter = TimeSpan.FromMinutes(1);
        StartUp();
        Post();
        for (var second = 0; second < 62; second++) Pass(1000);
        var status = Assert.Single(Statuses());
        Assert.Equal((StatusKind.Failed, "WhatsApp is not available (WhatsApp 2)"), (status.Status, status.Reason));
        Pass(60_000);
        Assert.InRange(_provider.Sent.Count, 31, 32);
    }

    [Fact]
    public void A_message_of_an_account_that_is_not_connected_fails_and_holds_up_nothing()
    {
        StartUp();
        Post(Message() with { AccountId = "unknown" });
        Assert.Equal(StatusKind.Failed, Assert.Single(Statuses()).Status);
        Assert.Empty(_provider.Sent);
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void A_message_of_an_account_that_was_connected_a_moment_ago_is_sent()
    {
        StartUp();
        var other = new AccountKey(ChannelCatalog.WhatsApp, "111");
        _accounts.ConnectElsewhere(other, Organization);
        Post(Message() with { AccountId = other.AccountId });
        Assert.Equal(other.AccountId, Assert.Single(_provider.Sent).Message.AccountId);
        Assert.Empty(Statuses());
    }

    [Fact]
    public void What_a_removed_account_holds_fails_whenever_it_was_to_be_sent()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromHours(1), "busy"), times: 1);
        StartUp();
        var conversation = _ids.Next();
        Guid[] held = [Post(Message(conversation)).MessageId, Post(Message(conversation)).MessageId];
        Assert.Equal(2, _store.Held.Count);

        _accounts.Remove(Key);
        Release();

        Assert.Empty(_store.Held);
        Assert.Equal(
            held.Select(id => ((Guid?)id, (StatusKind?)StatusKind.Failed, AccountSender.RemovedReason)),
            Statuses().Select(s => (s.MessageId, s.Status, s.Reason!)));
        Assert.Single(_provider.Sent);
    }

    [Fact]
    public void What_a_removed_account_holds_fails_after_a_crash_too()
    {
        _accounts.Connect(Key, Organization, AccountState.NeedsAttention);
        StartUp();
        Guid[] held = [Post().MessageId, Post().MessageId, Post().MessageId];
        _accounts.Remove(Key);
        _store.Before = call =>
        {
            if (call == nameof(_store.ReleaseAsync)) throw new IOException("The process is dead.");
        };
        Release();
        Assert.Equal(3, _store.Held.Count);

        _store.Before = _ => { };
        Restart();
        Release();

        Assert.Empty(_store.Held);
        Assert.Empty(_provider.Sent);
        // Told twice is one fact.
        Assert.Equal(held, Statuses().Select(s => s.MessageId!.Value).Distinct());
        Assert.All(Statuses(), s => Assert.Equal((StatusKind.Failed, AccountSender.RemovedReason), (s.Status, s.Reason)));
    }

    [Fact]
    public void What_removed_accounts_hold_is_looked_for_last_and_stops_nobody_where_it_can_not_be_read()
    {
        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(6), "busy"), times: 1);
        StartUp();
        var other = new AccountKey(Key.Channel, "111");
        _accounts.Connect(other, Organization, AccountState.NeedsAttention);
        Post(Message() with { AccountId = other.AccountId });
        _accounts.Remove(other);
        Post();
        Assert.Equal(2, _store.Held.Count);
        Pass(7000);
        _store.Calls.Clear();
        _store.Before = call =>
        {
            if (call == nameof(_store.ListHeldAccountsAsync)) throw new IOException("It can not be read.");
        };

        Task? round = null;
        _pump.Run(() => round = _releaser!.ReleaseAsync(default).AsTask());

        // It is no failed round, which would be tried again after longer and longer pauses.
        Assert.True(round!.IsCompletedSuccessfully);
        Assert.Equal(other, Assert.Single(_store.Held).Account);
        Assert.Equal(nameof(_store.ListHeldAccountsAsync), _store.Calls.Last(c => c.StartsWith("ListHeld", StringComparison.Ordinal)));
        // A later round looks again, and not each: it is many requests.
        _store.Before = _ => { };
        Release();
        Assert.Single(_store.Held);
        Pass(16_000);
        Release();
        Assert.Empty(_store.Held);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_organization_that_connects_a_removed_account_sends_nothing_of_the_first(bool isHeld)
    {
        if (isHeld) _accounts.Connect(Key, Organization, AccountState.NeedsAttention);
        StartUp();
        var message = isHeld ? Post() : Message();
        _accounts.Connect(Key, _ids.Next());
        if (isHeld) Release();
        else Post(message, message with { MessageId = _ids.Next(), Type = MessageTypes.MarkRead, ProviderMessageId = "wamid.IN" });

        Assert.Empty(_provider.Sent);
        Assert.Empty(_provider.Told);
        var status = Assert.Single(Statuses());
        Assert.Equal((message.MessageId, AccountSender.RemovedReason), (status.MessageId, status.Reason));
    }

    [Fact]
    public void A_message_without_an_account_is_the_simulated_providers()
    {
        StartUp();
        Post(Message() with { AccountId = null });
        Pass(1200);
        Assert.Equal([StatusKind.Sent, StatusKind.Delivered, StatusKind.Read], Statuses().Select(s => s.Status));
        Assert.Empty(_provider.Sent);
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void The_recipient_is_the_one_that_the_person_wrote_from_where_the_post_names_none()
    {
        StartUp();
        var message = Message() with { Recipient = null };
        _store.Notes.Add(new(message.ConversationId, Organization, Key, [], "5511988887777", null, Start, IsInbound: true));
        Post(message);
        Assert.Equal("5511988887777", Assert.Single(_provider.Sent).Recipient);
    }

    [Fact]
    public void The_address_that_the_answer_names_leads_to_this_conversation()
    {
        var address = new ContactAddress(AddressKinds.Phone, "551100000002");
        Answer(new SendAnswer.Accepted(["wamid.1"], []) { Addresses = [address], SendTo = "551100000002" });
        StartUp();
        var message = Post();
        Assert.Equal(message.ConversationId, _store.Addresses[(Key, address)]);
        Assert.Equal("551100000002", Assert.Single(_store.Notes).SendTo);
    }

    [Fact]
    public void A_reply_names_the_providers_id_of_what_it_answers()
    {
        StartUp();
        var inbound = Message() with { ProviderMessageId = "wamid.IN", Direction = MessageDirection.Inbound };
        _store.Store(inbound);
        var ours = Message(inbound.ConversationId);
        Post(ours);
        _store.Store(ours);
        Post(Message(inbound.ConversationId) with { Content = $$"""{"texto":"sim","respostaA":"{{inbound.MessageId}}"}""" });
        Post(Message(inbound.ConversationId) with
        {
            Type = MessageTypes.Reaction,
            Content = $$$"""{"reacao":{"mensagemId":"{{{ours.MessageId}}}","emoji":"👍"}}""",
        });
        // Of another conversation nothing is told.
        Post(Message() with { Content = $$"""{"texto":"sim","respostaA":"{{inbound.MessageId}}"}""" });
        Post(Message() with { Type = MessageTypes.Reaction, Content = """{"reacao":{"idProvedor":"wamid.IN","emoji":"👍"}}""" });

        Assert.Equal([null, "wamid.IN", ScriptedProvider.IdOf(ours), null, null], _provider.Sent.Select(s => s.RefersTo));
    }

    [Fact]
    public void Reading_and_typing_are_told_and_leave_nothing_behind()
    {
        StartUp();
        Post(Message() with { Type = MessageTypes.MarkRead, ProviderMessageId = "wamid.IN" });
        Post(Message() with { Type = MessageTypes.Typing, ProviderMessageId = "wamid.IN" });
        Assert.Equal([MessageTypes.MarkRead, MessageTypes.Typing], _provider.Told.Select(t => t.Type));
        Assert.Empty(_store.Tries);
        Assert.Empty(Statuses());
        Assert.Equal(2, _log.Committed);
    }

    [Fact]
    public void What_was_sent_by_other_means_is_not_sent_again()
    {
        StartUp();
        Post(Message() with { ProviderMessageId = "wamid.ECHO" });
        Assert.Empty(_provider.Sent);
        Assert.Empty(_store.Tries);
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void An_account_that_holds_nothing_is_looked_at_less_often_and_one_that_does_at_every_turn()
    {
        StartUp();
        for (var second = 0; second < 64; second++)
        {
            Release();
            Pass(1000);
        }
        // At 0, 1, 3, 7, 15, 31 and 47 seconds, and at 63.
        Assert.Equal(8, _store.Calls.Count(call => call == nameof(_store.ListHeldAsync)));

        Answer(new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromHours(1), "busy"), times: 1);
        Post();
        Pass(16_000);
        Release();
        _store.Calls.Clear();
        for (var turn = 0; turn < 5; turn++) Release();
        Assert.Equal(5, _store.Calls.Count(call => call == nameof(_store.ListHeldAsync)));
    }

    [Fact]
    public void A_hold_that_the_store_refuses_is_put_aside_and_the_others_are_held()
    {
        _accounts.Connect(Key, Organization, AccountState.NeedsAttention);
        Message[] messages = [Message(), Message(), Message()];
        _store.RefusedHolds.Add(messages[1].MessageId);
        StartUp();
        Post(messages);
        Assert.Equal(2, _store.Held.Count);
        Assert.Equal(3, _log.Committed);
        Assert.Single(_log.Events(Topics.DeadLetter(Topics.Outbound(Key.Channel))));
    }

    [Fact]
    public void Without_a_proof_in_time_a_message_has_failed_and_may_have_arrived()
    {
        Answer(new SendAnswer.Unknown("no answer in time"));
        StartUp();
        var message = Post();
        _store.Store(message);
        Pass(15 * 60_000 - 1);
        Sweep();
        Assert.Empty(Statuses());
        Pass(2);
        Sweep();
        Sweep();

        var status = Assert.Single(Statuses());
        Assert.Equal((StatusKind.Failed, OpenTrySweeper.Reason), (status.Status, status.Reason));
        Assert.Equal(SendOutcome.GivenUp, Assert.Single(_store.Tries).Outcome);
        Assert.Equal(1, _meters["chat.connector.answers whatsapp given_up"]);
    }

    [Fact]
    public void A_try_is_open_until_the_log_has_that_it_was_given_up()
    {
        Answer(new SendAnswer.Unknown("no answer in time"));
        StartUp();
        _store.Store(Post());
        Pass(16 * 60_000);
        _log.FailAppends = 1;
        Sweep();
        Assert.Empty(Statuses());
        Assert.True(Assert.Single(_store.Tries).IsOpen);

        Sweep();

        Assert.Equal(StatusKind.Failed, Assert.Single(Statuses()).Status);
        Assert.Equal(SendOutcome.GivenUp, Assert.Single(_store.Tries).Outcome);
    }

    [Fact]
    public void A_channel_whose_tries_can_not_be_listed_keeps_no_other_from_being_swept()
    {
        _channels = [ChannelCatalog.Instagram, Key.Channel];
        _store.Before = call =>
        {
            if (call == $"{nameof(ISendLedger.ListOpenTriesAsync)} {ChannelCatalog.Instagram}") throw new IOException("The store is away.");
        };
        Answer(new SendAnswer.Unknown("no answer in time"));
        StartUp();
        _store.Store(Post());
        _pump.Run(() => { _ = _sweeper!.RunAsync(_running.Token); });

        Pass(16 * 60_000);

        Assert.Equal(SendOutcome.GivenUp, Assert.Single(_store.Tries).Outcome);
    }

    [Theory]
    [InlineData(StatusKind.Sent, SendOutcome.Accepted)]
    [InlineData(StatusKind.Read, SendOutcome.Accepted)]
    [InlineData(StatusKind.Failed, SendOutcome.Rejected)]
    public void With_a_proof_in_time_a_message_is_not_given_up(StatusKind proof, SendOutcome outcome)
    {
        Answer(new SendAnswer.Unknown("no answer in time"));
        StartUp();
        var message = Post();
        _store.Store(message, StatusFacts.None.With(proof, new(Start, null, 1)));
        Pass(16 * 60_000);
        Sweep();
        Assert.Empty(Statuses());
        Assert.Equal(outcome, Assert.Single(_store.Tries).Outcome);
    }

    [Theory]
    // The store was away before the claim was made, or took it and did not say so.
    [InlineData(false)]
    [InlineData(true)]
    public void A_try_that_waited_for_the_store_is_not_taken_for_one_without_an_answer(bool isClaimed)
    {
        var answers = new Queue<TaskCompletionSource<SendAnswer>>();
        _provider.Answer = _ =>
        {
            answers.Enqueue(new());
            return answers.Last().Task;
        };
        var isAway = true;
        _store.Before = call =>
        {
            if (isAway && call == nameof(ISendLedger.ClaimTryAsync)) throw new IOException("The store is away.");
        };
        StartUp();
        var message = Post();
        _store.Store(message);
        if (isClaimed) _store.Claim(_store.Claiming!);
        for (var second = 0; second < 16 * 60; second++) Pass(1000);
        isAway = false;
        Pass(10_000);
        Sweep();
        _pump.Run(() => Assert.Single(answers).SetResult(_provider.Accept(_provider.Sent[0])));

        Assert.DoesNotContain(Statuses(), s => s.Status == StatusKind.Failed);
        Assert.Equal(SendOutcome.Accepted, _store.Tries.Last().Outcome);
        Assert.Equal(isClaimed ? 2 : 1, Assert.Single(_provider.Sent).Try);
    }

    private void Answer(SendAnswer answer, int times = int.MaxValue) => _provider.Answer = outgoing =>
        Task.FromResult(_provider.Sent.Count <= times ? answer : _provider.Accept(outgoing));
}
