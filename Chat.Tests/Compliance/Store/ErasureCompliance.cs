using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Conversations;
using Chat.Core.Erasure;
using Chat.Core.Events;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IErasure"/> promises.</summary>
public abstract class ErasureCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    private const string Phone = "+5511987654321";

    private readonly Guid _organization = Guid.NewGuid();
    private readonly Guid _user = Guid.NewGuid();

    [Fact]
    public async Task Conversation_when_it_is_erased_has_nothing_left_in_any_port_and_others_have_everything()
    {
        var erased = await FillAsync(Conversation);
        var other = await FillAsync(Guid.NewGuid());
        var scope = await ScopeAsync(Conversation);
        Assert.Equal(erased.Messages.Select(m => m.MessageId).Order(), scope.Messages.Order());

        var counted = await Store.Erasure.EraseAsync(scope, dryRun: true, Cancellation);
        await AssertThereAsync(erased);
        var removed = await Store.Erasure.EraseAsync(scope, dryRun: false, Cancellation);

        Assert.Equal(counted, removed);
        Assert.Equal(3, removed.Single(r => r.Table == "messages").Count);
        Assert.True(removed.Count(r => r.Count > 0) >= 12, string.Join(", ", removed));
        await AssertGoneAsync(erased);
        await AssertThereAsync(other);
        Assert.Equal([Conversation], (await Store.Erasure.FindErasedAsync([Conversation, other.Id], Cancellation)).Keys);
    }

    [Fact]
    public async Task Conversation_when_it_is_erased_twice_is_as_after_the_first_time()
    {
        var erased = await FillAsync(Conversation);
        var scope = await ScopeAsync(Conversation);
        await Store.Erasure.EraseAsync(scope, dryRun: false, Cancellation);

        var again = await Store.Erasure.EraseAsync(scope, dryRun: false, Cancellation);

        Assert.All(again, r => Assert.Equal(0, r.Count));
        await AssertGoneAsync(erased);
    }

    [Fact]
    public async Task Message_of_another_conversation_that_a_status_named_with_this_one_is_left_with_all_it_has()
    {
        await FillAsync(Conversation);
        var other = await FillAsync(Guid.NewGuid());
        var message = other.Messages[0];
        var named = new MessageKey(Conversation, message.MessageId);
        await RecordAsync(Record(named, StatusKind.Read, new(Now, null, Seq(7))));
        var scope = new ErasureScope(_organization, [Conversation]);
        // As the log has it.
        scope.AddMessage(message.MessageId);

        await Store.Erasure.CollectAsync(scope, Cancellation);
        Assert.DoesNotContain(message.MessageId, scope.Messages);
        Assert.DoesNotContain(new("whatsapp", other.ProviderId), scope.ProviderIds);
        await Store.Erasure.EraseAsync(scope, dryRun: false, Cancellation);

        await AssertThereAsync(other);
        Assert.Empty(await Store.Statuses.ListTimelineAsync(named, Cancellation));
    }

    [Fact]
    public async Task Message_that_was_erased_and_comes_again_is_no_first_hand_over()
    {
        var erased = await FillAsync(Conversation);
        await Store.Erasure.EraseAsync(await ScopeAsync(Conversation), dryRun: false, Cancellation);

        var again = await Store.HandOvers.RecordHandOversAsync(
            [new(erased.Messages[0].MessageId, "whatsapp", Now.AddHours(1), null)], Cancellation);

        Assert.Equal([new(erased.Messages[0].MessageId, "whatsapp", Now, null)], again);
    }

    [Fact]
    public async Task Client_that_was_there_before_an_erasure_loads_the_page_again_and_counts_on_from_it()
    {
        await FillAsync(Conversation);
        await Store.Erasure.EraseAsync(await ScopeAsync(Conversation), dryRun: false, Cancellation);

        Assert.False((await Store.Changes.ListChangesAsync(Conversation, Seq(1), 10, Cancellation)).Complete);
        Assert.False((await Store.Changes.ListChangesAsync(Conversation, Highest - 1, 10, Cancellation)).Complete);
        var page = await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation);
        Assert.Empty(page.Items);
        Assert.Equal(Highest, page.Seq);
        Assert.True((await Store.Changes.ListChangesAsync(Conversation, page.Seq, 10, Cancellation)).Complete);

        // A message that comes afterwards is as in any conversation.
        var message = MessageIn(Conversation, position: 9);
        await Store.Messages.AddMessagesAsync([message], Cancellation);
        await RecordAsync(Record(KeyOf(message), StatusKind.Sent, new(Now, null, Highest + 1)));
        var change = Change(Highest + 1, message.MessageId);
        await Store.Statuses.AddChangesAsync([change], Cancellation);

        var grown = await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation);
        Assert.Equal([message.MessageId], grown.Items.Select(i => i.Message.MessageId));
        Assert.Equal(MessageStatus.Sent, grown.Items[0].Facts.Status);
        Assert.Equal(change.Seq, grown.Seq);
        var next = await Store.Changes.ListChangesAsync(Conversation, page.Seq, 10, Cancellation);
        Assert.True(next.Complete);
        Assert.Equal([change.Seq], next.Changes.Select(c => c.Seq));
        Assert.Single(await Store.Statuses.ListTimelineAsync(KeyOf(message), Cancellation));
    }

    [Fact]
    public async Task Conversation_when_it_is_erased_keeps_its_owner_and_who_posted()
    {
        await FillAsync(Conversation);
        await Store.Erasure.EraseAsync(await ScopeAsync(Conversation), dryRun: false, Cancellation);

        var claim = new ConversationOwner(Conversation, Guid.NewGuid(), Now);
        Assert.Equal(_organization, (await Store.Conversations.ClaimConversationAsync(claim, Cancellation)).OrganizationId);
        Assert.True(await Store.Conversations.HasPostedAsync(Conversation, _user, Cancellation));
    }

    [Fact]
    public async Task Conversations_of_a_recipient_are_those_of_the_organization_and_say_where_another_one_is_too()
    {
        var (phone, shared) = ($"+55{Random.Shared.NextInt64(1_000_000_000, 9_999_999_999)}", Guid.NewGuid());
        await Store.Messages.AddMessagesAsync(
            [
                MessageIn(Conversation, 1) with { Recipient = phone },
                MessageIn(Conversation, 2) with { Recipient = null },
                MessageIn(shared, 3) with { Recipient = phone },
                MessageIn(shared, 4) with { Recipient = Phone },
                MessageIn(Guid.NewGuid(), 5) with { Recipient = Phone },
                MessageIn(Guid.NewGuid(), 6) with { Recipient = phone, OrganizationId = Guid.NewGuid() },
            ],
            Cancellation);

        var found = await Store.Erasure.FindConversationsAsync(_organization, phone, Cancellation);

        Assert.Equal(
            new[] { (Conversation, false), (shared, true) }.Order(), found.Select(c => (c.ConversationId, c.IsShared)).Order());
    }

    [Fact]
    public async Task Conversations_of_a_person_are_found_by_any_form_of_the_number_and_by_who_is_in_them()
    {
        var (account, user) = (new AccountKey("whatsapp", "700800900"), new ContactAddress(AddressKinds.BusinessScopedUserId, "BR.1349"));
        var phone = new ContactAddress(AddressKinds.Phone, "551187654321");
        var (known, shared, other) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await Store.Messages.AddMessagesAsync(
            [
                // Without the ninth digit.
                MessageIn(Conversation, 1) with { Recipient = "551187654321" },
                // To another address of the same contact, and to one that is not.
                MessageIn(known, 2) with { Recipient = user.Value },
                MessageIn(shared, 3) with { Recipient = "5521912345678" },
                MessageIn(other, 4) with { Recipient = "5521912345678" },
            ],
            Cancellation);
        ContactNote note = new(known, _organization, account, [phone, user], null, "Maria", Now, IsInbound: true);
        await Store.Contacts.NoteContactsAsync(
            [
                note,
                note with { ConversationId = shared, Addresses = [], SendTo = "5511987654321" },
                note with { ConversationId = other, Addresses = [phone with { Value = "552112345678" }] },
                note with { ConversationId = Guid.NewGuid(), OrganizationId = Guid.NewGuid() },
            ],
            Cancellation);

        var found = await Store.Erasure.FindConversationsAsync(_organization, Phone, Cancellation);

        Assert.Equal(
            new[] { (Conversation, false), (known, false), (shared, true) }.Order(),
            found.Select(c => (c.ConversationId, c.IsShared)).Order());
    }

    [Fact]
    public async Task Contact_that_was_erased_and_writes_again_is_one_of_whom_nothing_else_is_known()
    {
        var erased = await FillAsync(Conversation);
        var scope = await ScopeAsync(Conversation);
        Assert.Superset(new HashSet<ProviderId>([.. erased.SentIds, erased.ReceivedId]), scope.ProviderIds.ToHashSet());
        await Store.Erasure.EraseAsync(scope, dryRun: false, Cancellation);
        var next = Guid.NewGuid();

        Assert.Equal(next, await Store.Contacts.ClaimAddressAsync(erased.Account, erased.Address, next, Cancellation));

        // What is learned of the old one from now on is known, and nothing else.
        await Store.Contacts.NoteContactsAsync(
            [new(Conversation, _organization, erased.Account, [], null, null, Now.AddSeconds(1), IsInbound: false)], Cancellation);
        var contact = (await Store.Contacts.FindContactsAsync([Conversation], Cancellation))[Conversation];
        Assert.Empty(contact.Addresses);
        Assert.Equal((null, null, null), (contact.SendTo, contact.Name, contact.LastInboundAt));
    }

    [Fact]
    public async Task Conversation_that_nobody_knows_is_erased_without_a_trace()
    {
        var rows = await Store.Erasure.EraseAsync(await ScopeAsync(Conversation), dryRun: false, Cancellation);

        Assert.All(rows, r => Assert.Equal(0, r.Count));
        Assert.Empty(await Store.Conversations.FindOwnersAsync([Conversation], Cancellation));
        Assert.Empty(await Store.Changes.GetHeadsAsync([Conversation], Cancellation));
    }

    /// <summary>The number of an event that changed nothing.</summary>
    private static long Highest => Seq(8);

    private static long Seq(long offset) => SequenceNumber.Create(1, offset);

    private Message MessageIn(Guid conversation, int position) =>
        NewMessage(conversation: conversation, recipient: Phone) with { OrganizationId = _organization, Position = Seq(position) };

    protected async Task<ErasureScope> ScopeAsync(params Guid[] conversations)
    {
        var scope = new ErasureScope(_organization, conversations);
        await Store.Erasure.CollectAsync(scope, Cancellation);
        return scope;
    }

    /// <summary>A conversation with something in every port.</summary>
    protected async Task<Filled> FillAsync(Guid conversation)
    {
        var filled = new Filled(
            conversation,
            [MessageIn(conversation, 1), MessageIn(conversation, 2), MessageIn(conversation, 3)],
            $"wamid.{Guid.NewGuid():N}",
            new(_organization, _user, $"{Guid.NewGuid():N}"));
        var received = filled.Messages[2] with
        {
            Direction = "inbound",
            AccountId = filled.Account.AccountId,
            ProviderMessageId = filled.ReceivedId.Id,
        };
        filled = filled with { Messages = [.. filled.Messages.Take(2), received] };
        var (first, second) = (KeyOf(filled.Messages[0]), KeyOf(filled.Messages[1]));
        await Store.Conversations.ClaimConversationAsync(new(conversation, _organization, Now), Cancellation);
        await Store.Conversations.AddPosterAsync(conversation, _user, Cancellation);
        await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
            filled.Key, new(first.MessageId, "hash", Now), TimeSpan.FromDays(1), Cancellation);
        await Store.Messages.AddMessagesAsync(filled.Messages, Cancellation);
        await RecordAsync(
            Record(first, StatusKind.Failed, new(Now, "a reason", Seq(5))),
            Record(second, StatusKind.Sent, new(Now, null, Seq(6))),
            Record(second, StatusKind.Sent, new(Now.AddSeconds(1), null, Seq(8))));
        await Store.Statuses.AddChangesAsync(
            [
                Change(Seq(5), first.MessageId, MessageStatus.Failed, "a reason") with { ConversationId = conversation },
                Change(Seq(6), second.MessageId) with { ConversationId = conversation },
            ],
            Cancellation);
        await Store.HandOvers.RecordHandOversAsync([new(first.MessageId, "whatsapp", Now, filled.ProviderId)], Cancellation);
        await Store.ProviderIds.AddProviderIdAsync(new("whatsapp", filled.ProviderId), first, Cancellation);
        await Store.Parked.ParkAsync(filled.Parked, Cancellation);
        await FillChannelsAsync(filled);
        return filled;
    }

    /// <summary>What a real account has of it: the second message was sent and is held too, the third one came in.</summary>
    private async Task FillChannelsAsync(Filled filled)
    {
        var (second, third) = (filled.Messages[1], filled.Messages[2]);
        var accepted = new SendTry(second.MessageId, filled.Id, filled.Account, 2, Guid.NewGuid(), Now);
        await Store.Sends.ClaimTryAsync(accepted with { Number = 1 }, Cancellation);
        await Store.Sends.ClaimTryAsync(accepted, Cancellation);
        await Store.Sends.RecordAnswersAsync(
            [
                new(accepted with { Number = 1 }, SendOutcome.Later, null),
                new(accepted, SendOutcome.Accepted, $"{filled.SentIds[0].Id} {filled.SentIds[1].Id}"),
            ],
            Cancellation);
        foreach (var sent in filled.SentIds) await Store.ProviderIds.AddProviderIdAsync(sent, KeyOf(second), Cancellation);
        await Store.ProviderIds.AddProviderIdAsync(filled.ReceivedId, KeyOf(third), Cancellation);
        await Store.Held.HoldAsync(
            [new(filled.Account, second.MessageId, Ids.Next(), filled.Id, "5511987654321", "{}"u8.ToArray(), Now)], Cancellation);
        await Store.Contacts.ClaimAddressAsync(filled.Account, filled.Address, filled.Id, Cancellation);
        await Store.Contacts.NoteContactsAsync(
            [new(filled.Id, _organization, filled.Account, [filled.Address], "5511987654321", "Maria", Now, IsInbound: true)],
            Cancellation);
    }

    private async Task AssertChannelsAsync(Filled filled, bool areThere)
    {
        var tried = (await Store.Sends.FindLatestTriesAsync([filled.Messages[1].MessageId], Cancellation)).Values.Single();
        // That it was sent stays, so that it is not sent again.
        Assert.Equal((2, SendOutcome.Accepted), (tried.Try.Number, tried.Outcome));
        Assert.Equal(areThere ? $"{filled.SentIds[0].Id} {filled.SentIds[1].Id}" : null, tried.ProviderMessageId);
        var ids = await Store.ProviderIds.FindByProviderIdsAsync([.. filled.SentIds, filled.ReceivedId], Cancellation);
        Assert.Equal(areThere ? 3 : 0, ids.Count);
        Assert.Equal(areThere ? 1 : 0, (await Store.Held.ListHeldAsync(filled.Account, null, 10, Cancellation)).Count);
        var claims = await Store.Contacts.FindConversationsAsync(filled.Account, [filled.Address], Cancellation);
        Assert.Equal(areThere ? [filled.Id] : [], claims.Values);
        var contacts = await Store.Contacts.FindContactsAsync([filled.Id], Cancellation);
        Assert.Equal(areThere ? ["Maria"] : [], contacts.Values.Select(c => c.Name));
    }

    private async Task AssertThereAsync(Filled filled)
    {
        var (id, messages, provider, key) = filled;
        await AssertChannelsAsync(filled, areThere: true);
        Assert.Equal(3, (await Store.Messages.ListMessagesAsync(id, null, 10, Cancellation)).Items.Count);
        Assert.Equal(3, (await Store.Messages.FindMessageKeysAsync([.. messages.Select(m => m.MessageId)], Cancellation)).Count);
        Assert.Equal(2, (await Store.Statuses.ListTimelineAsync(KeyOf(messages[1]), Cancellation)).Count);
        Assert.Equal(2, (await Store.Changes.ListChangesAsync(id, 0, 10, Cancellation)).Changes.Count);
        Assert.Single(await Store.ProviderIds.FindByProviderIdsAsync([new("whatsapp", provider)], Cancellation));
        Assert.Equal(
            filled.Parked.Count, (await Store.Parked.ListParkedAsync([.. filled.Parked.Select(p => p.Subject)], Cancellation)).Count);
        Assert.Equal(messages[0].MessageId, (await ClaimAsync(key)).MessageId);
        var handOver = new HandOver(messages[0].MessageId, "whatsapp", Now.AddHours(1), null);
        Assert.Equal(
            [handOver with { At = Now, ProviderMessageId = provider }],
            await Store.HandOvers.RecordHandOversAsync([handOver], Cancellation));
    }

    protected async Task AssertGoneAsync(Filled filled)
    {
        var (id, messages, provider, key) = filled;
        await AssertChannelsAsync(filled, areThere: false);
        Assert.Empty((await Store.Messages.ListMessagesAsync(id, null, 10, Cancellation)).Items);
        Assert.Empty(await Store.Messages.FindMessageKeysAsync([.. messages.Select(m => m.MessageId)], Cancellation));
        var states = await Store.Messages.GetStatesAsync([.. messages.Select(KeyOf)], Cancellation);
        Assert.All(states, s => Assert.Equal((null, StatusFacts.None), (s.Message, s.Facts)));
        foreach (var message in messages) Assert.Empty(await Store.Statuses.ListTimelineAsync(KeyOf(message), Cancellation));
        Assert.Empty((await Store.Changes.ListChangesAsync(id, 0, 10, Cancellation)).Changes);
        Assert.Empty(await Store.ProviderIds.FindByProviderIdsAsync([new("whatsapp", provider)], Cancellation));
        Assert.Empty(await Store.Parked.ListParkedAsync([.. filled.Parked.Select(p => p.Subject)], Cancellation));
        // What a ledger or a key had would be answered in place of what is given here. That and when it was handed over stays.
        var handOver = Assert.Single(await Store.HandOvers.RecordHandOversAsync(
            [new(messages[0].MessageId, "whatsapp", Now.AddMinutes(1), null)], Cancellation));
        Assert.Equal((Now, null), (handOver.At, handOver.ProviderMessageId));
        Assert.NotEqual(messages[0].MessageId, (await ClaimAsync(key)).MessageId);
    }

    private ValueTask<IdempotencyRecord> ClaimAsync(IdempotencyKey key) => Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
        key, new(Guid.NewGuid(), "another", Now), TimeSpan.FromDays(1), Cancellation);

    protected sealed record Filled(Guid Id, IReadOnlyList<Message> Messages, string ProviderId, IdempotencyKey Key)
    {
        public AccountKey Account { get; } = new("whatsapp", $"account {Id:N}");

        public ContactAddress Address { get; } = new(AddressKinds.Phone, "551187654321");

        public IReadOnlyList<ProviderId> SentIds =>
            [.. Enumerable.Range(1, 2).Select(i => new ProviderId("whatsapp", $"wamid.sent{i}.{Id:N}", Account.AccountId))];

        public ProviderId ReceivedId => new("whatsapp", $"wamid.received.{Id:N}", Account.AccountId);

        public IReadOnlyList<ParkedStatus> Parked { get; } =
        [
            StoreCompliance.Parked(ParkedStatuses.SubjectOf(Messages[2].MessageId), 20),
            new(
                ParkedStatuses.SubjectOf(new ProviderId("whatsapp", ProviderId)),
                21,
                StatusEventJson.Write(new(null, null, null, "whatsapp", StatusKind.Read, null, ProviderMessageId: ProviderId)),
                Now),
        ];
    }
}
