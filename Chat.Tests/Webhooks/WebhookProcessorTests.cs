using System.Security.Cryptography;
using System.Text;
using Chat.Connectors.Webhooks;
using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Accounts;
using Microsoft.Extensions.Logging.Abstractions;
using static Chat.Tests.Webhooks.WebhookFixture;

namespace Chat.Tests.Webhooks;

/// <summary>What updates lead to: whose they are, what goes into the store and into the log, once each however often they come.</summary>
public sealed class WebhookProcessorTests : IDisposable
{
    private static readonly Guid Stranger = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");

    private readonly WebhookFixture _it = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _it.Dispose();

    [Fact]
    public async Task Status_when_the_providers_id_is_known_is_its_messages()
    {
        var sent = Sent("Oi");
        _it.Store.Add(sent);
        await _it.Store.AddProviderIdAsync(new("whatsapp", "wamid.1", "P1"), new(sent.ConversationId, sent.MessageId), Cancellation);

        await _it.ProcessWhatsAppAsync(WhatsApp($"\"statuses\":[{Status("wamid.1")}]"));

        var logged = Assert.Single(_it.Log.Events(Topics.Status));
        Assert.Equal(sent.ConversationId.ToString(), logged.Key);
        var status = Assert.Single(_it.Statuses);
        Assert.Equal(
            (sent.MessageId, sent.ConversationId, Organization, StatusKind.Delivered, "P1", "wamid.1"),
            (status.MessageId, status.ConversationId, status.OrganizationId, status.Status, status.AccountId, status.ProviderMessageId));
        Assert.True(status.Authenticated);
    }

    [Fact]
    public async Task Status_when_nobody_knows_the_providers_id_yet_waits_under_it()
    {
        await _it.ProcessWhatsAppAsync(WhatsApp($"\"statuses\":[{Status("wamid.1")}]"));

        var status = Assert.Single(_it.Statuses);
        Assert.Equal((null, null), (status.MessageId, status.ConversationId));
        Assert.Equal(ParkedStatuses.SubjectOf(new ProviderId("whatsapp", "wamid.1", "P1")), ParkedStatuses.SubjectOf(status));
    }

    // The same id of another account is another message.
    [Fact]
    public async Task Status_when_another_account_has_a_message_of_the_same_id_is_not_of_that()
    {
        await _it.Store.AddProviderIdAsync(
            new("whatsapp", "wamid.1", "P2"), new(Guid.NewGuid(), Guid.CreateVersion7()), TestContext.Current.CancellationToken);

        await _it.ProcessWhatsAppAsync(WhatsApp($"\"statuses\":[{Status("wamid.1")}]"));

        Assert.Null(Assert.Single(_it.Statuses).MessageId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SendOutcome.Unknown)]
    public async Task Status_with_our_id_when_no_answer_came_proves_that_the_message_went(SendOutcome? outcome)
    {
        var sent = Sent("Oi");
        _it.Store.Add(sent);
        _it.Store.Add(Try(sent, outcome));
        var early = new StatusEvent(
            null, null, Organization, "whatsapp", StatusKind.Sent, Now, ProviderMessageId: "wamid.1", AccountId: "P1");
        _it.Store.Parked.Add(new(ParkedStatuses.SubjectOf(early), 7, StatusEventJson.Write(early), Now));

        await _it.ProcessWhatsAppAsync(WhatsApp($"\"statuses\":[{Status("wamid.1", more: Opaque(sent.MessageId))}]"));

        var proven = _it.Store.Tries[sent.MessageId];
        Assert.Equal((SendOutcome.Accepted, "wamid.1"), (proven.Outcome, proven.ProviderMessageId));
        Assert.Equal(new MessageKey(sent.ConversationId, sent.MessageId), _it.MessageOf("whatsapp", "wamid.1"));
        // What waited under the provider's id comes back.
        Assert.Empty(_it.Store.Parked);
        Assert.Equal(
            [(StatusKind.Sent, sent.MessageId), (StatusKind.Delivered, sent.MessageId)],
            _it.Statuses.Select(s => (s.Status, s.MessageId!.Value)));
    }

    [Theory]
    [InlineData(SendOutcome.Accepted)]
    [InlineData(SendOutcome.GivenUp)]
    public async Task Status_with_our_id_when_the_answer_is_known_changes_no_answer(SendOutcome outcome)
    {
        var sent = Sent("Oi");
        _it.Store.Add(sent);
        _it.Store.Add(Try(sent, outcome, "wamid.1"));

        await _it.ProcessWhatsAppAsync(WhatsApp($"\"statuses\":[{Status("wamid.2", more: Opaque(sent.MessageId))}]"));

        Assert.Equal((outcome, "wamid.1"), (_it.Store.Tries[sent.MessageId].Outcome, _it.Store.Tries[sent.MessageId].ProviderMessageId));
        Assert.Equal(sent.MessageId, Assert.Single(_it.Statuses).MessageId);
    }

    [Fact]
    public async Task Status_with_an_id_like_ours_when_it_is_another_systems_is_looked_for_by_the_providers()
    {
        var sent = Sent("Oi");
        _it.Store.Add(sent);
        await _it.Store.AddProviderIdAsync(new("whatsapp", "wamid.1", "P1"), new(sent.ConversationId, sent.MessageId), Cancellation);

        await _it.ProcessWhatsAppAsync(WhatsApp($"\"statuses\":[{Status("wamid.1", more: Opaque(Guid.CreateVersion7()))}]"));

        Assert.Equal(sent.MessageId, Assert.Single(_it.Statuses).MessageId);
    }

    [Fact]
    public async Task Message_when_a_person_writes_makes_their_conversation_of_the_accounts_organization()
    {
        await _it.ProcessWhatsAppAsync(WhatsApp(
            $$$"""
            "contacts":[{"profile":{"name":"Maria"},"wa_id":"551188880002"}],"messages":[{{{TextOf("wamid.1", "Oi")}}}]
            """));

        var message = Assert.Single(_it.Inbound());
        Assert.Equal(
            (Organization, "whatsapp", "inbound", "text", "{\"texto\":\"Oi\"}", "P1", "wamid.1"),
            (message.OrganizationId, message.Channel, message.Direction, message.Type, message.Content, message.AccountId,
                message.ProviderMessageId));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_790_000_000), message.CreatedAt);
        Assert.Equal(message.ConversationId.ToString(), Assert.Single(_it.Log.Events(Topics.Inbound("whatsapp"))).Key);
        Assert.Equal(message.ConversationId, _it.Store.Addresses[(Key("whatsapp"), new(AddressKinds.Phone, "551188880002"))]);
        Assert.Equal(new MessageKey(message.ConversationId, message.MessageId), _it.MessageOf("whatsapp", "wamid.1"));
        var note = Assert.Single(_it.Store.Notes);
        Assert.Equal(
            (message.ConversationId, "551188880002", "Maria", true, message.CreatedAt),
            (note.ConversationId, note.SendTo, note.Name, note.IsInbound, note.At));
    }

    [Fact]
    public async Task Message_when_it_is_delivered_again_is_the_same_message()
    {
        var body = WhatsApp($"\"messages\":[{TextOf("wamid.1", "Oi")}]");
        await _it.ProcessWhatsAppAsync(body, body);
        await _it.ProcessWhatsAppAsync(body);

        Assert.Equal(3, _it.Inbound().Count);
        Assert.Single(_it.Inbound().Select(m => (m.MessageId, m.ConversationId, m.SenderId)).Distinct());
    }

    // No time, one ahead of our log, and one that is ahead at the first delivery alone.
    [Theory]
    [InlineData("")]
    [InlineData(",\"timestamp\":\"1790009999\"")]
    [InlineData(",\"timestamp\":\"1790000410\"")]
    public async Task Message_without_a_time_that_counts_when_it_is_delivered_again_is_the_same_message(string time)
    {
        var text = Encoding.UTF8.GetBytes(WhatsApp(
            $$"""
            "messages":[{"from":"551188880002","id":"wamid.1"{{time}},"type":"text","text":{"body":"Oi"} },
            {"from":"551188880002","id":"wamid.2"{{time}},"type":"reaction",
            "reaction":{"message_id":"wamid.1","emoji":"👍"} }]
            """));

        await _it.ProcessAsync("whatsapp", [_it.Event("whatsapp", text), _it.Event("whatsapp", text, secondsLater: 1)]);
        await _it.ProcessAsync("whatsapp", [_it.Event("whatsapp", text, secondsLater: 30)]);

        Assert.Equal(["text", "reaction"], _it.Inbound().DistinctBy(m => m.MessageId).Select(m => m.Type));
        Assert.Single(_it.Inbound().Select(m => m.CreatedAt).Distinct());
        Assert.All(_it.Store.Notes, n => Assert.Equal(Now, n.At));
    }

    [Fact]
    public async Task Message_when_the_desk_wrote_first_is_in_its_conversation_whatever_form_the_number_has()
    {
        var conversation = Guid.NewGuid();
        _it.Store.Claim(conversation, Organization);
        await _it.Store.ClaimAddressAsync(Key("whatsapp"), new(AddressKinds.Phone, "551188880002"), conversation, Cancellation);

        await _it.ProcessWhatsAppAsync(WhatsApp(
            $"\"messages\":[{TextOf("wamid.1", "Oi", from: "5511988880002")},{TextOf("wamid.2", "Oi", from: "551188880002")}]"));

        Assert.All(_it.Inbound(), m => Assert.Equal(conversation, m.ConversationId));
        Assert.Single(_it.Inbound().Select(m => m.SenderId).Distinct());
    }

    [Fact]
    public async Task Message_when_the_account_was_moved_from_another_organization_is_in_none_of_its_conversations()
    {
        var foreign = Guid.NewGuid();
        _it.Store.Claim(foreign, Stranger);
        await _it.Store.ClaimAddressAsync(Key("whatsapp"), new(AddressKinds.Phone, "551188880002"), foreign, Cancellation);

        await _it.ProcessWhatsAppAsync(WhatsApp($"\"messages\":[{TextOf("wamid.1", "Oi")},{TextOf("wamid.2", "Oi")}]"));

        var conversation = Assert.Single(_it.Inbound().Select(m => m.ConversationId).Distinct());
        Assert.NotEqual(foreign, conversation);
    }

    // Whoever knows a person's number can make the ids, and post to them before the person writes.
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    public async Task Message_when_others_have_the_ids_made_of_its_person_is_in_none_of_theirs(int taken, bool isClaimed)
    {
        var address = new ContactAddress(AddressKinds.Phone, PhoneNumbers.Canonical("551188880002")!);
        Guid[] foreign =
        [
            .. Enumerable.Range(0, taken).Select(n => DerivedIds.ConversationOf(Organization, Key("whatsapp"), address, n)),
        ];
        foreach (var id in foreign) _it.Store.Claim(id, Stranger);
        if (isClaimed) await _it.Store.ClaimAddressAsync(Key("whatsapp"), address, foreign[0], Cancellation);

        await _it.ProcessWhatsAppAsync(WhatsApp($"\"messages\":[{TextOf("wamid.1", "Oi")}]"));
        await _it.ProcessWhatsAppAsync(WhatsApp($"\"messages\":[{TextOf("wamid.1", "Oi")},{TextOf("wamid.2", "Oi")}]"));

        var conversation = Assert.Single(_it.Inbound().Select(m => m.ConversationId).Distinct());
        Assert.DoesNotContain(conversation, foreign);
        Assert.Empty(_it.Log.Events(Topics.DeadLetter("webhooks.whatsapp")));
    }

    [Fact]
    public async Task Id_that_proves_two_messages_is_the_firsts()
    {
        var (one, other) = (Sent("Oi"), Sent("Olá"));
        foreach (var sent in new[] { one, other })
        {
            _it.Store.Add(sent);
            _it.Store.Add(Try(sent));
        }

        await _it.ProcessWhatsAppAsync(WhatsApp(
            $"\"statuses\":[{Status("wamid.1", more: Opaque(one.MessageId))},{Status("wamid.1", more: Opaque(other.MessageId))}]"));

        Assert.Equal(new MessageKey(one.ConversationId, one.MessageId), _it.MessageOf("whatsapp", "wamid.1"));
        Assert.Equal(2, _it.Statuses.Count);
    }

    [Fact]
    public async Task Person_when_their_number_changes_is_found_by_the_new_one()
    {
        await _it.ProcessWhatsAppAsync(
            WhatsApp($"\"messages\":[{TextOf("wamid.1", "Oi")}]"),
            WhatsApp(
                """
                "messages":[{"from":"551188880002","id":"wamid.2","timestamp":"1790000000","type":"system",
                "system":{"body":"mudou","type":"user_changed_number","wa_id":"551177770003"}}]
                """),
            WhatsApp($"\"messages\":[{TextOf("wamid.3", "Sou eu", from: "551177770003")}]"));

        Assert.Single(_it.Inbound().Select(m => m.ConversationId).Distinct());
        Assert.Contains(_it.Store.Notes, n => n.SendTo == "551177770003" && !n.IsInbound);
    }

    [Fact]
    public async Task Person_without_a_number_when_they_write_is_found_by_the_other_id()
    {
        await _it.ProcessWhatsAppAsync(
            WhatsApp($"\"messages\":[{TextOf("wamid.1", "Oi", more: ",\"from_user_id\":\"BR.77\"")}]"),
            WhatsApp(
                """
                "messages":[{"from_user_id":"BR.77","id":"wamid.2","timestamp":"1790000000","type":"text","text":{"body":"De novo"}}]
                """));

        Assert.Equal(2, _it.Inbound().Count);
        Assert.Single(_it.Inbound().Select(m => m.ConversationId).Distinct());
    }

    [Fact]
    public async Task Reply_reaction_edit_and_deletion_when_their_message_is_known_name_it()
    {
        var sent = Sent("Oi");
        _it.Store.Add(sent);
        await _it.Store.AddProviderIdAsync(new("whatsapp", "wamid.OUT", "P1"), new(sent.ConversationId, sent.MessageId), Cancellation);

        // The edited one came in the same request.
        var answer = TextOf("wamid.1", "Sim", more: ",\"context\":{\"id\":\"wamid.OUT\"}");
        await _it.ProcessWhatsAppAsync(WhatsApp($"\"messages\":[{answer}," + """
            {"from":"551188880002","id":"wamid.2","timestamp":"1790000000","type":"reaction","reaction":
            {"message_id":"wamid.OUT","emoji":"👍"}},
            {"from":"551188880002","id":"wamid.3","timestamp":"1790000000","type":"edit","edit":
            {"original_message_id":"wamid.1","message":{"type":"text","text":{"body":"Não"}}}},
            {"from":"551188880002","id":"wamid.4","timestamp":"1790000000","type":"revoke","revoke":{"original_message_id":"wamid.X"}}]
            """));

        var first = _it.Inbound()[0].MessageId;
        Assert.Equal(
            [
                $$"""{"texto":"Sim","respostaA":"{{sent.MessageId}}"}""",
                $$$"""{"reacao":{"mensagemId":"{{{sent.MessageId}}}","emoji":"\uD83D\uDC4D"}}""",
                $$"""{"texto":"Não","mensagemId":"{{first}}"}""",
                """{"idProvedor":"wamid.X"}""",
            ],
            _it.Inbound().Select(m => m.Content));
        // What they wrote opens the window; what they changed of it does not.
        Assert.Equal([true, false, false, false], _it.Store.Notes.Select(n => n.IsInbound));
    }

    [Theory]
    [InlineData("P9", "W1", "unknown_account")]
    [InlineData("P1", "W2", "foreign_account")]
    public async Task Update_when_it_is_addressed_to_nobody_here_is_left_and_counted(string account, string business, string kind)
    {
        await _it.ProcessWhatsAppAsync(WhatsApp(
            $"\"messages\":[{TextOf("wamid.1", "Oi")}],\"statuses\":[{Status("wamid.2")}]", business, account));

        Assert.Empty(_it.Inbound());
        Assert.Empty(_it.Statuses);
        Assert.Equal(2, _it.Meters[$"chat.webhooks.updates whatsapp {kind}"]);
        Assert.Single(_it.Lines.GetSnapshot(), l => l.Message.StartsWith("Updates are left", StringComparison.Ordinal));
    }

    // The connectors look at what others connected every few seconds, or once an hour.
    [Fact]
    public async Task Message_when_its_account_was_connected_or_moved_a_moment_ago_is_of_its_organization()
    {
        var (rows, options) = (new AccountRows(), new AccountsOptions());
        options.EncryptionKeys.Add(Convert.ToBase64String(RandomNumberGenerator.GetBytes(CredentialVault.KeyBytes)));
        AccountDirectory NewDirectory() =>
            new(options, options.Vault(), rows, TimeProvider.System, NullLogger<AccountDirectory>.Instance);
        var (api, connectors) = (NewDirectory(), NewDirectory());
        using var it = new WebhookFixture(connectors);
        Assert.Null(await connectors.FindAsync(Key("whatsapp"), Cancellation));

        foreach (var organization in new[] { Organization, Stranger })
        {
            await api.ConnectAsync(FakeAccounts.New(organization), new("the-token"), Cancellation);
            await it.ProcessWhatsAppAsync(WhatsApp($"\"messages\":[{TextOf("wamid.1", "Oi")}]"));
            await api.RemoveAsync(Key("whatsapp"), organization, Cancellation);
        }
        await it.ProcessWhatsAppAsync(WhatsApp($"\"messages\":[{TextOf("wamid.2", "Oi")}]"));

        Assert.Equal([Organization, Stranger], it.Inbound().Select(m => m.OrganizationId));
    }

    // No account has such an id, and no store may take such a key.
    [Fact]
    public async Task Update_when_what_it_is_addressed_to_is_no_accounts_id_is_left_and_nobody_is_asked()
    {
        await _it.ProcessWhatsAppAsync(
            WhatsApp($"\"statuses\":[{Status("wamid.1")}]", account: new string('7', 70_000)),
            WhatsApp($"\"statuses\":[{Status("wamid.2")}]"));

        Assert.Equal([Key("whatsapp")], _it.Accounts.Asked);
        Assert.Equal("wamid.2", Assert.Single(_it.Statuses).ProviderMessageId);
        Assert.Equal(1, _it.Meters["chat.webhooks.updates whatsapp unknown_account"]);
    }

    [Fact]
    public async Task Update_when_it_came_to_another_organizations_app_is_left()
    {
        var body = Encoding.UTF8.GetBytes(WhatsApp($"\"statuses\":[{Status("wamid.1")}]"));

        await _it.ProcessAsync("whatsapp", [_it.Event("whatsapp", body, Stranger)]);
        Assert.Empty(_it.Statuses);
        Assert.Equal(1, _it.Meters["chat.webhooks.updates whatsapp foreign_account"]);

        await _it.ProcessAsync("whatsapp", [_it.Event("whatsapp", body, Organization)]);
        Assert.Single(_it.Statuses);
    }

    [Fact]
    public async Task Update_when_the_account_has_its_organizations_own_app_comes_to_that_one_alone()
    {
        var account = FakeAccounts.New(Stranger, "P3") with { App = AccountApps.OfOrganization(Stranger) };
        _it.Accounts.All.Add(account);
        var body = Encoding.UTF8.GetBytes(WhatsApp($"\"statuses\":[{Status("wamid.1")}]", "W3", "P3"));

        await _it.ProcessAsync("whatsapp", [_it.Event("whatsapp", body)]);
        Assert.Equal(1, _it.Meters["chat.webhooks.updates whatsapp foreign_account"]);

        await _it.ProcessAsync("whatsapp", [_it.Event("whatsapp", body, Stranger)]);
        Assert.Equal(1, _it.Meters["chat.webhooks.updates whatsapp foreign_account"]);
        Assert.Equal(1, _it.Meters["chat.webhooks.updates whatsapp status"]);
    }

    [Fact]
    public async Task Webhook_when_it_is_of_several_organizations_goes_to_each_what_is_its()
    {
        _it.Accounts.All.Add(FakeAccounts.New(Stranger, "P2", businessId: "W2"));
        var other = WhatsApp($"\"statuses\":[{Status("wamid.1")}]", "W2", "P2");
        var both = WhatsApp($"\"statuses\":[{Status("wamid.1")}]").Trim()[..^2] + "," + other[(other.IndexOf('[') + 1)..];

        await _it.ProcessWhatsAppAsync(both);

        Assert.Equal([(Organization, "P1"), (Stranger, "P2")], _it.Statuses.Select(s => (s.OrganizationId!.Value, s.AccountId!)));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Webhook_when_it_cannot_be_read_is_a_dead_letter_and_the_others_are_handled(string bad)
    {
        await _it.ProcessWhatsAppAsync(
            WhatsApp($"\"statuses\":[{Status("wamid.1")}]"), bad, WhatsApp($"\"statuses\":[{Status("wamid.2")}]"));

        Assert.Equal(["wamid.1", "wamid.2"], _it.Statuses.Select(s => s.ProviderMessageId));
        Assert.StartsWith(
            "not a webhook",
            Assert.Single(_it.Log.Events("webhooks.whatsapp.dlq")).Header(HeaderNames.DeadLetterReason),
            StringComparison.Ordinal);
        Assert.Equal(1, _it.Meters["chat.dead_letters webhooks.whatsapp"]);
    }

    [Theory]
    // Half of a surrogate pair, a name twice, deeper than any event may be, larger than any content may be.
    [InlineData("\"type\":\"text\",\"text\":{\"body\":\"a\\ud83d\"}", "{\"texto\":\"a\uFFFD\"}")]
    [InlineData("\"type\":\"order\",\"order\":{\"a\":1,\"a\":2}", "{}")]
    public async Task Message_when_it_is_such_as_no_event_takes_is_kept_as_far_as_it_goes(string members, string content)
    {
        await _it.ProcessWhatsAppAsync(WhatsApp(
            $$"""
            "messages":[{"from":"551188880002","id":"wamid.1","timestamp":"1790000000",{{members}}},{{TextOf("wamid.2", "Oi")}}]
            """));

        Assert.Equal([content, "{\"texto\":\"Oi\"}"], _it.Inbound().Select(m => m.Content));
    }

    [Fact]
    public async Task Message_when_it_is_too_deep_or_too_large_is_kept_without_what_it_holds()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60);
        var large = $"\"{new string('x', 250_000)}\"";
        await _it.ProcessWhatsAppAsync(WhatsApp(
            $$"""
            "messages":[{"from":"551188880002","id":"wamid.1","timestamp":"1790000000","type":"order","order":{{deep}}},
            {"from":"551188880002","id":"wamid.2","timestamp":"1790000000","type":"order","order":{{large}}}]
            """));

        Assert.Equal(["{}", "{}"], _it.Inbound().Select(m => m.Content));
    }

    [Fact]
    public async Task Update_when_the_log_refuses_it_is_put_aside_and_harms_no_other()
    {
        _it.Log.Refuses = e => e.Topic == Topics.Status && StatusEventJson.TryRead(e.Value.Span, out _)!.ProviderMessageId == "wamid.2";

        await _it.ProcessWhatsAppAsync(WhatsApp(
            $"\"statuses\":[{Status("wamid.1")},{Status("wamid.2")},{Status("wamid.3")}],\"messages\":[{TextOf("wamid.4", "Oi")}]"));

        Assert.Equal(["wamid.1", "wamid.3"], _it.Statuses.Select(s => s.ProviderMessageId).Distinct().Order());
        Assert.Single(_it.Inbound().Select(m => m.MessageId).Distinct());
        Assert.NotNull(DeadLetterPointer.TryRead(Assert.Single(_it.Log.Events("webhooks.whatsapp.dlq"))));
    }

    // A webhook may have a hundred thousand: what they all lead to would be in memory at once.
    [Fact]
    public async Task Updates_when_there_are_many_are_appended_some_at_a_time()
    {
        await _it.ProcessWhatsAppAsync(WhatsApp(
            $"\"statuses\":[{string.Join(',', Enumerable.Range(0, 2500).Select(i => Status($"wamid.{i}")))}]"));

        Assert.Equal(Enumerable.Range(0, 2500).Select(i => $"wamid.{i}"), _it.Statuses.Select(s => s.ProviderMessageId));
        Assert.Equal([1000, 1000, 500], _it.Log.Appends);
    }

    [Fact]
    public async Task Batch_when_the_process_dies_before_any_write_and_it_comes_again_leads_to_the_same()
    {
        var body = WhatsApp(
            $"\"messages\":[{TextOf("wamid.1", "Oi")},{TextOf("wamid.2", "Tudo?", from: "551177770003")}],"
            + $"\"statuses\":[{Status("wamid.3")}]");
        await _it.ProcessWhatsAppAsync(body);
        var (writes, inbound) = (_it.Store.Writes, _it.Inbound().Select(m => (m.MessageId, m.ConversationId)).ToList());
        Assert.True(writes > 5, $"{writes} writes");

        for (var i = 0; i < writes; i++)
        {
            using var other = new WebhookFixture();
            other.Store.FailAt = i;
            other.Store.Failure = () => new IOException("The process dies.");
            await Assert.ThrowsAnyAsync<Exception>(() => DieAsync(other, body));
            await other.ProcessWhatsAppAsync(body);

            Assert.Equal(inbound, other.Inbound().Select(m => (m.MessageId, m.ConversationId)).Distinct());
            Assert.Equal("wamid.3", Assert.Single(other.Statuses.Select(s => s.ProviderMessageId).Distinct()));
            Assert.NotNull(other.MessageOf("whatsapp", "wamid.2"));
        }
    }

    [Fact]
    public async Task Trouble_of_an_account_when_it_is_reported_is_logged_by_its_code_alone()
    {
        await _it.ProcessWhatsAppAsync(WhatsApp(
            "\"errors\":[{\"code\":131031,\"title\":\"Account locked\",\"error_data\":{\"details\":\"551188880002 is locked\"}}]"));

        var line = Assert.Single(
            _it.Lines.GetSnapshot(), l => l.Message.StartsWith("The provider reports trouble", StringComparison.Ordinal));
        Assert.Equal("The provider reports trouble with whatsapp account P1: 131031 Account locked", line.Message);
    }

    // RetryForever tries again without end: a process that dies does not come to that.
    private static async Task DieAsync(WebhookFixture fixture, string body)
    {
        using var dying = new CancellationTokenSource();
        var before = fixture.Store.Failure;
        fixture.Store.Failure = () =>
        {
            dying.Cancel();
            return before();
        };
        await fixture.Processor.ProcessAsync(
            ConsumerGroup.OfWebhooks("whatsapp"),
            "whatsapp",
            new(Topics.Webhooks("whatsapp"), 0),
            [fixture.Event("whatsapp", Encoding.UTF8.GetBytes(body))],
            dying.Token);
    }

    private static string Opaque(Guid messageId) => $",\"biz_opaque_callback_data\":\"{messageId}\"";
}
