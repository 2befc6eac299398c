using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Conversations;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Engines.Embedded.Sqlite;
using Chat.Engines.Embedded.Store;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Compliance.Store;

/// <summary>What this engine promises beyond its ports: it survives restarts, and what it keeps in memory is what the file has.</summary>
public sealed class EmbeddedStoreTests : StoreCompliance
{
    private readonly FakeTimeProvider _time;
    private readonly EmbeddedFolder _folder;

    public EmbeddedStoreTests()
        : this(new FakeTimeProvider(Now))
    {
    }

    private EmbeddedStoreTests(FakeTimeProvider time)
        : this(time, new(time))
    {
    }

    private EmbeddedStoreTests(FakeTimeProvider time, EmbeddedFolder folder)
        : base(new EmbeddedStoreEngine(folder)) => (_time, _folder) = (time, folder);

    [Fact]
    public async Task Everything_survives_a_restart()
    {
        var message = NewMessage(recipient: "+5511999990000");
        var owner = new ConversationOwner(Conversation, message.OrganizationId, Now);
        var key = new IdempotencyKey(message.OrganizationId, message.SenderId, "k");
        var idempotency = new IdempotencyRecord(message.MessageId, "hash", Now);
        var sent = Record(KeyOf(message), StatusKind.Sent, new(Now, null, 8));
        var change = Change(8, message.MessageId);
        var parked = Parked($"{Guid.NewGuid()}", 3);
        var handOver = new HandOver(message.MessageId, "whatsapp", Now, "wamid.1");
        await Store.Conversations.ClaimConversationAsync(owner, Cancellation);
        await Store.Conversations.AddPosterAsync(Conversation, message.SenderId, Cancellation);
        await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, idempotency, TimeSpan.FromDays(1), Cancellation);
        await Store.Messages.AddMessagesAsync([message], Cancellation);
        await RecordAsync(sent);
        await Store.Statuses.AddChangesAsync([change], Cancellation);
        await Store.Parked.ParkAsync([parked], Cancellation);
        await Store.HandOvers.RecordHandOversAsync([handOver], Cancellation);
        await Store.ProviderIds.AddProviderIdAsync(new("whatsapp", "wamid.1"), KeyOf(message), Cancellation);
        var epoch = await Store.Epochs.ClaimEpochAsync("msg.status", "a", Cancellation);
        var account = new Account(
            new("whatsapp", "700800900"), message.OrganizationId, null, null, "default", default, default, null, null, Now, Now);
        var (address, sendTry) = (
            new ContactAddress("phone", "551187654321"),
            new SendTry(message.MessageId, Conversation, account.Key, 1, Guid.NewGuid(), Now));
        var held = new HeldMessage(account.Key, message.MessageId, Guid.NewGuid(), Conversation, "", default, Now);
        await Store.Accounts.ClaimAccountAsync(account, Cancellation);
        await Store.Contacts.ClaimAddressAsync(account.Key, address, Conversation, Cancellation);
        await Store.Contacts.NoteContactsAsync(
            [new(Conversation, message.OrganizationId, account.Key, [address], "551187654321", "Ana", Now, true)], Cancellation);
        await Store.Sends.ClaimTryAsync(sendTry, Cancellation);
        await Store.Sends.RecordAnswersAsync([new(sendTry, SendOutcome.Unknown, null)], Cancellation);
        await Store.Held.HoldAsync([held], Cancellation);

        Reopen();

        var facts = StatusFacts.None.With(StatusKind.Sent, sent.Fact);
        Assert.Equal(owner, (await Store.Conversations.FindOwnersAsync([Conversation], Cancellation))[Conversation]);
        Assert.True(await Store.Conversations.HasPostedAsync(Conversation, message.SenderId, Cancellation));
        Assert.Equal(
            idempotency,
            await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
                key, idempotency with { BodyHash = "other" }, TimeSpan.FromDays(1), Cancellation));
        Assert.Equal([new(KeyOf(message), message, facts)], await Store.Messages.GetStatesAsync([KeyOf(message)], Cancellation));
        Assert.Equal(KeyOf(message), await Store.Messages.FindMessageKeyAsync(message.MessageId, Cancellation));
        var page = await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation);
        Assert.Equal([new(message, facts)], page.Items);
        Assert.Equal(8, page.Seq);
        Assert.Equal([sent], await Store.Statuses.ListTimelineAsync(KeyOf(message), Cancellation));
        Assert.Equal([change], (await Store.Changes.ListChangesAsync(Conversation, 0, 10, Cancellation)).Changes);
        AssertParked([parked], await Store.Parked.ListParkedAsync([parked.Subject], Cancellation));
        Assert.Equal([handOver], await Store.HandOvers.RecordHandOversAsync([handOver with { At = Now.AddDays(1) }], Cancellation));
        Assert.Equal(KeyOf(message), await Store.ProviderIds.FindByProviderIdAsync("whatsapp", "wamid.1", Cancellation));
        Assert.Equal(epoch, await Store.Epochs.ClaimEpochAsync("msg.status", "a", Cancellation));
        Assert.Equal([account.Key], (await Store.Accounts.ListAccountsAsync(Cancellation)).Select(a => a.Key));
        Assert.Equal(
            [Conversation], (await Store.Contacts.FindConversationsAsync(account.Key, [address], Cancellation)).Values);
        var contact = (await Store.Contacts.FindContactsAsync([Conversation], Cancellation))[Conversation];
        Assert.Equal([address], contact.Addresses);
        Assert.Equal(("551187654321", "Ana", Now), (contact.SendTo, contact.Name, contact.LastInboundAt));
        Assert.Equal(
            [new(sendTry, SendOutcome.Unknown, null)],
            await Store.Sends.ListOpenTriesAsync("whatsapp", Now.AddSeconds(1), 10, Cancellation));
        Assert.Equal([held.HoldId], (await Store.Held.ListHeldAsync(account.Key, null, 10, Cancellation)).Select(h => h.HoldId));
    }

    [Fact]
    public async Task States_from_memory_are_those_of_the_file_whoever_writes_and_however_little_memory_there_is()
    {
        _folder.Options.CachedStates = 8;
        Reopen();
        var messages = Enumerable.Range(0, 24).Select(_ => NewMessage()).ToArray();
        var keys = messages.Select(KeyOf).ToArray();
        var seq = 0L;
        await TogetherAsync(6, async caller =>
        {
            var random = new Random(caller);
            for (var i = 0; i < 150; i++)
            {
                var picked = random.GetItems(messages, 3);
                if (random.Next(4) == 0) await Store.Messages.AddMessagesAsync(picked, Cancellation);
                var records = picked.Select(m => Record(
                    KeyOf(m),
                    (StatusKind)random.Next(1, 5),
                    new(Now.AddMilliseconds(random.Next(-50, 50)), null, Interlocked.Increment(ref seq)))).ToArray();
                await RecordAsync(records);
                // What was written is seen by every read after that, here and elsewhere.
                var states = await Store.Messages.GetStatesAsync([.. records.Select(r => r.Key)], Cancellation);
                for (var r = 0; r < records.Length; r++)
                    Assert.Equal(states[r].Facts, states[r].Facts.With(records[r].Kind!.Value, records[r].Fact));
            }
            return caller;
        });

        var remembered = await Store.Messages.GetStatesAsync(keys, Cancellation);
        Reopen();

        Assert.Equal(await Store.Messages.GetStatesAsync(keys, Cancellation), remembered);
    }

    // --- Retention ---

    [Fact]
    public async Task Messages_are_kept_for_good_or_for_their_time_and_go_with_all_that_belongs_to_them()
    {
        var old = Enumerable.Range(0, 700).Select(i => NewMessage(IdAt(Now.AddDays(-31).AddSeconds(i)))).ToList();
        var young = NewMessage(IdAt(Now.AddDays(-29)));
        await Store.Messages.AddMessagesAsync([.. old, young], Cancellation);
        var account = new AccountKey("whatsapp", "700800900");
        foreach (var message in (Message[])[old[0], young])
        {
            await RecordAsync(Record(KeyOf(message), StatusKind.Sent, new(Now, null, 1)));
            var id = $"id of {message.MessageId}";
            await Store.HandOvers.RecordHandOversAsync([new(message.MessageId, "whatsapp", Now, id)], Cancellation);
            await Store.ProviderIds.AddProviderIdAsync(new("whatsapp", id), KeyOf(message), Cancellation);
            await Store.ProviderIds.AddProviderIdAsync(new("whatsapp", id, account.AccountId), KeyOf(message), Cancellation);
            await Store.Sends.RecordAnswersAsync(
                [new(new(message.MessageId, Conversation, account, 1, Guid.NewGuid(), Now), SendOutcome.Accepted, id)], Cancellation);
            await Store.Held.HoldAsync([new(account, message.MessageId, Ids.Next(), Conversation, "", default, Now)], Cancellation);
        }
        // Of messages that are not there: one went before its status came, the other may still come.
        var (orphan, early) = (new MessageKey(Conversation, IdAt(Now.AddDays(-40))), new MessageKey(Conversation, IdAt(Now.AddDays(-1))));
        foreach (var key in (MessageKey[])[orphan, early])
        {
            await RecordAsync(Record(key, StatusKind.Sent, new(Now.AddDays(-35), null, 2)) with { AppendedAt = Now.AddDays(-35) });
        }
        _time.SetUtcNow(Now);
        Assert.Equal(0, await _folder.MessageRetention.TrimAsync(Cancellation));

        _folder.RetentionOptions.Messages = TimeSpan.FromDays(30);
        Assert.Equal(700, await _folder.MessageRetention.TrimAsync(Cancellation));

        Assert.Equal([young.MessageId], (await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation))
            .Items.Select(i => i.Message.MessageId));
        var states = await Store.Messages.GetStatesAsync([KeyOf(old[0]), KeyOf(young)], Cancellation);
        Assert.Equal((null, StatusFacts.None), (states[0].Message, states[0].Facts));
        Assert.Equal((young.MessageId, MessageStatus.Sent), (states[1].Message!.MessageId, states[1].Facts.Status));
        Assert.Empty(await Store.Statuses.ListTimelineAsync(KeyOf(old[0]), Cancellation));
        Assert.Single(await Store.Statuses.ListTimelineAsync(KeyOf(young), Cancellation));
        Assert.Empty(await Store.Statuses.ListTimelineAsync(orphan, Cancellation));
        Assert.Single(await Store.Statuses.ListTimelineAsync(early, Cancellation));
        var known = await Store.ProviderIds.FindByProviderIdsAsync(
            [new("whatsapp", $"id of {old[0].MessageId}"), new("whatsapp", $"id of {young.MessageId}")], Cancellation);
        Assert.Equal([young.MessageId], known.Values.Select(k => k.MessageId));
        var handOver = await Store.HandOvers.RecordHandOversAsync([new(old[0].MessageId, "whatsapp", Now.AddDays(1), null)], Cancellation);
        Assert.Equal((Now, null), (handOver[0].At, handOver[0].ProviderMessageId));
        var tries = await Store.Sends.FindLatestTriesAsync([old[0].MessageId, young.MessageId], Cancellation);
        Assert.Equal((SendOutcome.Accepted, null), (tries[old[0].MessageId].Outcome, tries[old[0].MessageId].ProviderMessageId));
        Assert.Equal($"id of {young.MessageId}", tries[young.MessageId].ProviderMessageId);
        ProviderId[] ids =
            [.. ((Message[])[old[0], young]).Select(m => new ProviderId("whatsapp", $"id of {m.MessageId}", account.AccountId))];
        Assert.Equal([ids[1]], (await Store.ProviderIds.FindByProviderIdsAsync(ids, Cancellation)).Keys);
        Assert.Equal([young.MessageId], (await Store.Held.ListHeldAsync(account, null, 10, Cancellation)).Select(h => h.MessageId));
        Assert.Equal(0, await _folder.MessageRetention.TrimAsync(Cancellation));
    }

    [Fact]
    public async Task Changes_are_kept_for_their_time_and_a_page_says_whether_any_is_missing()
    {
        var old = Enumerable.Range(1, 5).Select(i => Change(i)).ToArray();
        var young = Enumerable.Range(6, 5).Select(i => Change(i) with { AppendedAt = Now.AddDays(3) }).ToArray();
        await Store.Statuses.AddChangesAsync([.. old, .. young], Cancellation);
        _time.Advance(TimeSpan.FromDays(7));
        Assert.Equal(0, await _folder.Retention.TrimAsync(Cancellation));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(5, await _folder.Retention.TrimAsync(Cancellation));

        Reopen();
        foreach (var (since, complete) in new (long, bool)[] { (0, false), (4, false), (5, true), (6, true), (10, true), (11, true) })
        {
            var page = await Store.Changes.ListChangesAsync(Conversation, since, 10, Cancellation);
            Assert.Equal(complete, page.Complete);
            Assert.Equal(young.Where(c => c.Seq > since), page.Changes);
            Assert.Equal(10, page.Head);
        }
    }

    [Fact]
    public async Task A_change_of_a_clock_that_was_ahead_goes_with_those_after_it()
    {
        await Store.Statuses.AddChangesAsync([Change(1) with { AppendedAt = Now.AddYears(1) }, Change(2)], Cancellation);
        _time.Advance(TimeSpan.FromDays(7));
        await Store.Statuses.AddChangesAsync([Change(3) with { AppendedAt = Now.AddDays(7) }], Cancellation);
        Assert.Equal(0, await _folder.Retention.TrimAsync(Cancellation));
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, await _folder.Retention.TrimAsync(Cancellation));

        var page = await Store.Changes.ListChangesAsync(Conversation, 2, 10, Cancellation);
        Assert.Equal((true, 3), (page.Complete, Assert.Single(page.Changes).Seq));
        Assert.False((await Store.Changes.ListChangesAsync(Conversation, 1, 10, Cancellation)).Complete);
    }

    [Fact]
    public async Task A_conversation_whose_changes_have_all_gone_keeps_its_head_and_says_that_they_went()
    {
        await Store.Statuses.AddChangesAsync([Change(3), Change(4)], Cancellation);
        _time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(2, await _folder.Retention.TrimAsync(Cancellation));

        foreach (var (since, complete) in new (long, bool)[] { (0, false), (3, false), (4, true) })
        {
            var page = await Store.Changes.ListChangesAsync(Conversation, since, 10, Cancellation);
            Assert.Equal(complete, page.Complete);
            Assert.Empty(page.Changes);
            Assert.Equal(4, page.Head);
        }
    }

    [Fact]
    public async Task Retention_reaches_every_conversation_and_every_change()
    {
        var conversations = Enumerable.Range(0, 1_200).Select(_ => Guid.NewGuid()).ToArray();
        await Store.Statuses.AddChangesAsync([.. conversations.Select(c => Change(7) with { ConversationId = c })], Cancellation);
        await Store.Statuses.AddChangesAsync([.. Enumerable.Range(1, 4_500).Select(i => Change(i))], Cancellation);
        _time.Advance(TimeSpan.FromDays(8));

        Assert.Equal(5_700, await _folder.Retention.TrimAsync(Cancellation));
        Assert.Equal(0, await _folder.Retention.TrimAsync(Cancellation));
    }

    [Fact]
    public async Task A_revoked_token_is_forgotten_an_hour_after_it_has_expired()
    {
        await Store.RevokedTokens.RevokeAsync(new("one", Now.AddHours(2)), Cancellation);
        _time.Advance(TimeSpan.FromHours(3) - TimeSpan.FromMilliseconds(1));
        await _folder.Retention.TrimAsync(Cancellation);
        Assert.Single(await Store.RevokedTokens.ListRevokedAsync(Now, Cancellation));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _folder.Retention.TrimAsync(Cancellation);

        Assert.Empty(await Store.RevokedTokens.ListRevokedAsync(Now, Cancellation));
    }

    [Fact]
    public async Task An_idempotency_key_is_kept_for_its_lifetime_by_retention_too()
    {
        var key = new IdempotencyKey(Guid.NewGuid(), Guid.NewGuid(), "k");
        var record = new IdempotencyRecord(Guid.NewGuid(), "hash", Now);
        await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, record, TimeSpan.FromHours(24), Cancellation);
        _time.Advance(TimeSpan.FromHours(24));
        await _folder.Retention.TrimAsync(Cancellation);

        Assert.Equal(
            record,
            await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
                key, new(Guid.NewGuid(), "other", _time.GetUtcNow()), TimeSpan.FromHours(24), Cancellation));
    }

    [Fact]
    public async Task A_file_of_the_first_version_keeps_its_reasons_and_the_order_of_its_messages()
    {
        var key = NewKey();
        var failed = new Fact(Now, "131026: undeliverable", 5);
        Guid[] old = [IdAt(Now.AddSeconds(-1)), IdAt(Now)];
        _folder.Close();
        var path = Path.Combine(_folder.Options.DataFolder, "store.db");
        File.Delete(path);
        using (var session = SqliteSession.Open(path, readOnly: false))
        {
            SqliteSchema.Migrate(session, path, [StoreSchema.Steps[0]]);
            session[
                "INSERT INTO facts (message_id, conversation_id, failed_at, failed_seq, failed_reason) VALUES (?1, ?2, ?3, ?4, ?5)"]
                .Bind(1, key.MessageId).Bind(2, key.ConversationId).Bind(3, failed.At).Bind(4, failed.Seq).Bind(5, failed.Reason).Run();
            foreach (var message in old)
            {
                session[
                    """
                    INSERT INTO messages (message_id, conversation_id, organization_id, sender_id, channel, direction, type, content,
                        created_at) VALUES (?1, ?2, ?2, ?2, 'whatsapp', 'outbound', 'text', '{}', 0)
                    """].Bind(1, message).Bind(2, Conversation).Run();
            }
        }

        Replace(_folder.OpenStore());

        Assert.Equal(failed, (await FactsAsync(key))[StatusKind.Failed]);
        var late = NewMessage(IdAt(Now.AddSeconds(-2))) with { Position = 1 };
        await Store.Messages.AddMessagesAsync([late], Cancellation);
        var page = await Store.Messages.ListMessagesAsync(Conversation, null, 10, Cancellation);
        Assert.Equal([late.MessageId, old[1], old[0]], page.Items.Select(i => i.Message.MessageId));
    }

    [Fact]
    public async Task A_file_of_the_version_before_real_accounts_keeps_its_messages_and_what_providers_call_them()
    {
        var message = NewMessage(recipient: "+5511999990000") with { Position = 3 };
        _folder.Close();
        var path = Path.Combine(_folder.Options.DataFolder, "store.db");
        File.Delete(path);
        using (var session = SqliteSession.Open(path, readOnly: false))
        {
            SqliteSchema.Migrate(session, path, [.. StoreSchema.Steps.Take(5)]);
            session[
                """
                INSERT INTO messages (message_id, conversation_id, organization_id, sender_id, channel, direction, type, content, recipient,
                    created_at, position) VALUES (?1, ?2, ?3, ?4, 'whatsapp', 'outbound', 'text', ?5, ?6, ?7, ?8)
                """]
                .Bind(1, message.MessageId).Bind(2, Conversation).Bind(3, message.OrganizationId).Bind(4, message.SenderId)
                .Bind(5, message.Content).Bind(6, message.Recipient).Bind(7, message.CreatedAt).Bind(8, message.Position).Run();
            session["INSERT INTO provider_ids (channel, provider_message_id, conversation_id, message_id) VALUES (?1, ?2, ?3, ?4)"]
                .Bind(1, "whatsapp").Bind(2, "wamid.1").Bind(3, Conversation).Bind(4, message.MessageId).Run();
        }

        Replace(_folder.OpenStore());

        Assert.Equal(message, (await Store.Messages.GetStatesAsync([KeyOf(message)], Cancellation))[0].Message);
        Assert.Equal(KeyOf(message), await Store.ProviderIds.FindByProviderIdAsync("whatsapp", "wamid.1", Cancellation));
        Assert.Empty(await Store.Accounts.ListAccountsAsync(Cancellation));
    }

    [Fact]
    public async Task A_file_whose_idempotency_keys_lie_by_name_keeps_them()
    {
        var records = Enumerable.Range(0, 3).ToDictionary(
            i => new IdempotencyKey(Guid.NewGuid(), Guid.NewGuid(), $"key ✓ {i}"),
            i => new IdempotencyRecord(Guid.NewGuid(), $"hash {i}", Now.AddMinutes(-i)));
        _folder.Close();
        var path = Path.Combine(_folder.Options.DataFolder, "store.db");
        File.Delete(path);
        using (var session = SqliteSession.Open(path, readOnly: false))
        {
            SqliteSchema.Migrate(session, path, [.. StoreSchema.Steps.Take(7)]);
            foreach (var (key, record) in records)
            {
                session[
                    """
                    INSERT INTO idempotency_keys (organization_id, user_id, key, message_id, body_hash, created_at, expires_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                    """]
                    .Bind(1, key.OrganizationId).Bind(2, key.UserId).Bind(3, key.Key).Bind(4, record.MessageId)
                    .Bind(5, record.BodyHash).Bind(6, record.CreatedAt).Bind(7, record.CreatedAt.AddDays(1)).Run();
            }
        }

        Replace(_folder.OpenStore());

        foreach (var (key, record) in records)
        {
            var other = new IdempotencyRecord(Guid.NewGuid(), "other", Now);
            Assert.Equal(
                record, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, other, TimeSpan.FromDays(1), Cancellation));
        }
    }

    private void Reopen()
    {
        _folder.Close();
        Replace(_folder.OpenStore());
    }
}
