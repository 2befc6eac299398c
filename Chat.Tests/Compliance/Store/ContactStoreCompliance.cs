using Chat.Core.Accounts;
using Chat.Core.Contacts;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IContactStore"/> promises.</summary>
public abstract class ContactStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    private readonly Guid _organization = Guid.NewGuid();
    private readonly AccountKey _account = new("whatsapp", NewDigits());

    // --- Whose conversation an address is ---

    [Fact]
    public async Task Address_stays_with_the_conversation_that_claimed_it_first()
    {
        var address = NewPhone();
        var second = Guid.NewGuid();

        Assert.Equal(Conversation, await ClaimAsync(address, Conversation));
        Assert.Equal(Conversation, await ClaimAsync(address, second));
        Assert.Equal(Conversation, await ClaimAsync(address, Conversation));

        Assert.Equal(Conversation, (await FindAsync(address))[address]);
    }

    [Fact]
    public async Task Address_that_several_claim_at_once_is_ones_and_all_are_told_whose()
    {
        var address = NewPhone();

        var answers = await TogetherAsync(16, _ => ClaimAsync(address, Guid.NewGuid()));

        var conversation = Assert.Single(answers.Distinct());
        Assert.Equal(conversation, (await FindAsync(address))[address]);
    }

    [Fact]
    public async Task Address_at_another_account_or_channel_or_of_another_kind_or_case_is_another_one()
    {
        var address = new ContactAddress(AddressKinds.BusinessScopedUserId, $"BR.{NewDigits()}a");
        await ClaimAsync(address, Conversation);
        (AccountKey Account, ContactAddress Address)[] others =
        [
            (_account with { AccountId = NewDigits() }, address),
            (_account with { Channel = "instagram" }, address),
            (_account, address with { Kind = AddressKinds.Phone }),
            (_account, address with { Value = address.Value.ToUpperInvariant() }),
        ];

        foreach (var (account, other) in others)
        {
            Assert.Empty(await Store.Contacts.FindConversationsAsync(account, [other], Cancellation));
            var conversation = Guid.NewGuid();
            Assert.Equal(conversation, await Store.Contacts.ClaimAddressAsync(account, other, conversation, Cancellation));
        }
        Assert.Equal(Conversation, (await FindAsync(address))[address]);
    }

    [Fact]
    public async Task Conversations_are_found_of_those_addresses_that_were_claimed()
    {
        ContactAddress[] addresses = [.. Enumerable.Range(0, 60).Select(_ => NewPhone())];
        var conversations = addresses.Take(50).ToDictionary(a => a, _ => Guid.NewGuid());
        foreach (var (address, conversation) in conversations) await ClaimAsync(address, conversation);

        Assert.Equal(conversations, await FindAsync(addresses));
        Assert.Empty(await FindAsync());
    }

    // --- What is known of a person ---

    [Fact]
    public async Task Contact_of_which_nothing_was_noted_is_missing()
    {
        await ClaimAsync(NewPhone(), Conversation);
        await Store.Contacts.NoteContactsAsync([], Cancellation);

        Assert.Empty(await Store.Contacts.FindContactsAsync([Conversation, Guid.NewGuid()], Cancellation));
        Assert.Empty(await Store.Contacts.FindContactsAsync([], Cancellation));
    }

    [Fact]
    public async Task Contact_comes_back_with_what_was_noted_and_null_for_what_was_not()
    {
        var (phone, conversation) = (NewPhone(), Guid.NewGuid());
        await NoteAsync(
            Note(Now, isInbound: true, "5511987654321", "Ana Ção ✓", phone),
            Note(Now, isInbound: false, null, null) with { ConversationId = conversation, Addresses = [] });

        AssertContact(await FindAsync(Conversation), "5511987654321", "Ana Ção ✓", Now, phone);
        AssertContact(await FindAsync(conversation), null, null, null);
    }

    [Fact]
    public async Task Contact_is_the_same_in_whatever_order_its_notes_come_and_however_often()
    {
        var (phone, other, bsuid) = (NewPhone(), NewPhone(), new ContactAddress(AddressKinds.BusinessScopedUserId, $"BR.{NewDigits()}"));
        var moved = _account with { AccountId = NewDigits() };
        ContactNote[] notes =
        [
            Note(Now, isInbound: true, "5511987654321", "Ana", phone),
            Note(Now.AddSeconds(1), isInbound: false, "551187654321", null, phone, other),
            Note(Now.AddSeconds(2), isInbound: true, null, "Ana Souza", bsuid),
            Note(Now.AddSeconds(3), isInbound: false, null, null) with { Account = moved, Addresses = [] },
        ];
        var random = new Random(14);
        foreach (var round in Enumerable.Range(0, 8))
        {
            var conversation = Guid.NewGuid();
            ContactNote[] shuffled = [.. notes, .. random.GetItems(notes, 3)];
            random.Shuffle(shuffled);

            if (round % 2 == 0) await NoteAsync([.. shuffled.Select(n => n with { ConversationId = conversation })]);
            else foreach (var note in shuffled) await NoteAsync(note with { ConversationId = conversation });

            var contact = await FindAsync(conversation);
            AssertContact(contact, "551187654321", "Ana Souza", Now.AddSeconds(2), phone, other, bsuid);
            Assert.Equal(moved, contact.Account);
        }
    }

    [Fact]
    public async Task Contact_of_two_notes_of_one_time_keeps_the_higher_values_whichever_comes_first()
    {
        var (low, high) = (_account with { AccountId = "100" }, _account with { AccountId = "200" });
        ContactNote[] notes =
        [
            // In UTF-8 an "é" is above a "z".
            Note(Now, isInbound: false, "5511987654321", "z") with { Account = high },
            Note(Now, isInbound: true, "551187654321", "é") with { Account = low },
        ];
        foreach (var order in (ContactNote[][])[notes, [notes[1], notes[0]]])
        {
            var conversation = Guid.NewGuid();
            foreach (var note in order) await NoteAsync(note with { ConversationId = conversation });

            var contact = await FindAsync(conversation);
            Assert.Equal((high, "5511987654321", "é", Now), (contact.Account, contact.SendTo, contact.Name, contact.LastInboundAt));
        }
    }

    [Fact]
    public async Task Contact_that_wrote_earlier_keeps_the_last_time_also_where_the_desk_wrote_since()
    {
        await NoteAsync(Note(Now, isInbound: true, null, null));
        await NoteAsync(Note(Now.AddHours(-2), isInbound: true, null, null));
        await NoteAsync(Note(Now.AddHours(3), isInbound: false, null, null));

        Assert.Equal(Now, (await FindAsync(Conversation)).LastInboundAt);
    }

    [Fact]
    public async Task Contacts_of_many_conversations_are_noted_and_found_together()
    {
        Guid[] conversations = [.. Enumerable.Range(0, 120).Select(_ => Guid.NewGuid())];
        await NoteAsync([.. conversations.Select((c, i) => Note(Now, isInbound: true, $"{i}", $"n{i}") with { ConversationId = c })]);

        var found = await Store.Contacts.FindContactsAsync([.. conversations, Guid.NewGuid()], Cancellation);

        Assert.Equal(conversations.Order(), found.Keys.Order());
        Assert.All(conversations.Index(), c => Assert.Equal(($"{c.Index}", $"n{c.Index}"), (found[c.Item].SendTo, found[c.Item].Name)));
    }

    [Fact]
    public async Task Contact_that_many_note_at_once_has_all_of_it()
    {
        ContactAddress[] addresses = [.. Enumerable.Range(0, 12).Select(_ => NewPhone())];

        await TogetherAsync(12, async i =>
        {
            await NoteAsync(Note(Now.AddSeconds(i), i % 2 == 0, $"{i}", $"n{i}", addresses[i]));
            return i;
        });

        AssertContact(await FindAsync(Conversation), "11", "n11", Now.AddSeconds(10), addresses);
    }

    private static string NewDigits() => $"{Random.Shared.NextInt64(1_000_000_000_000, 9_999_999_999_999)}";

    private static ContactAddress NewPhone() => new(AddressKinds.Phone, NewDigits());

    private ContactNote Note(
        DateTimeOffset at, bool isInbound, string? sendTo, string? name, params ContactAddress[] addresses) =>
        new(Conversation, _organization, _account, addresses, sendTo, name, at, isInbound);

    private ValueTask<Guid> ClaimAsync(ContactAddress address, Guid conversation) =>
        Store.Contacts.ClaimAddressAsync(_account, address, conversation, Cancellation);

    private ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindAsync(params ContactAddress[] addresses) =>
        Store.Contacts.FindConversationsAsync(_account, addresses, Cancellation);

    private ValueTask NoteAsync(params ContactNote[] notes) => Store.Contacts.NoteContactsAsync(notes, Cancellation);

    private async Task<Contact> FindAsync(Guid conversation) =>
        (await Store.Contacts.FindContactsAsync([conversation], Cancellation))[conversation];

    private void AssertContact(
        Contact contact, string? sendTo, string? name, DateTimeOffset? lastInbound, params ContactAddress[] addresses)
    {
        Assert.Equal(_organization, contact.OrganizationId);
        Assert.Equal((sendTo, name, lastInbound), (contact.SendTo, contact.Name, contact.LastInboundAt));
        Assert.Equal(addresses.OrderBy(a => a.Value), contact.Addresses.OrderBy(a => a.Value));
    }
}
