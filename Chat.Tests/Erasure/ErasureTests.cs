using System.Text;
using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Erasure;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Engines.Embedded.Log;
using Chat.Tests.Compliance;
using Chat.Tests.Compliance.Store;
using Chat.Tools;
using Chat.Tools.Erasure;

namespace Chat.Tests.Erasure;

/// <summary>The command on the embedded engines, and what it leaves in their files.</summary>
public sealed class ErasureTests : IDisposable
{
    private const string Phone = "+5511912345678";
    private const string Words = "Meu segredo é este";
    private const string Provider = "wamid.HBgNNTUxMTk5";
    private const string Why = "O número não existe mais";
    private const string IdempotencyKey = "chave-da-maria-0001";

    private readonly EmbeddedFolder _folder = new();
    private readonly IdSource _ids = new(TimeProvider.System);
    private readonly Guid _organization = Guid.NewGuid();
    private readonly Guid _conversation = Guid.NewGuid();
    private EmbeddedEventLog _log;
    private StorePorts _store;

    public ErasureTests() => (_log, _store) = (_folder.OpenLog(), _folder.OpenStore());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--conversation")]
    [InlineData("--recipient")]
    public async Task Nothing_of_the_person_is_found_in_any_file_afterwards_and_the_others_are_there(string how)
    {
        var person = await FillAsync(_conversation, Phone, Words, Provider);
        var other = await FillAsync(Guid.NewGuid(), "+5521900000000", "Outra pessoa", "wamid.other");
        _folder.Close();
        foreach (var trace in Traces(person)) Assert.True(IsInAFile(trace), $"{Show(trace)} was never there");

        var (code, text) = await RunAsync(how, how == "--recipient" ? Phone : $"{_conversation}");

        Assert.True(code == 0, text);
        Assert.DoesNotContain(Phone, text, StringComparison.Ordinal);
        Assert.Matches("messages +1 removed", text);
        Assert.Matches("msg.status.dlq +1 removed", text);
        foreach (var trace in Traces(person)) Assert.False(IsInAFile(trace), $"{Show(trace)} is in a file:\n{text}");
        Assert.True(IsInAFile(Encoding.UTF8.GetBytes("Outra pessoa")));
        Reopen();
        Assert.Single((await _store.Messages.ListMessagesAsync(other.ConversationId, null, 10, Cancellation)).Items);
        Assert.Equal(2, (await ReadAsync(Topics.Status)).Count);
        Assert.Single(await ReadAsync(Topics.Messages));
        // And the log goes on where it was; another partition may be the other conversation's.
        var place = await _log.AppendAsync(new NewEvent(Topics.Messages, $"{_conversation}", "{}"u8.ToArray()), Cancellation);
        Assert.InRange(place.Offset, 1, 2);
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_removes_nothing_and_a_second_run_finds_nothing()
    {
        var person = await FillAsync(_conversation, Phone, Words, Provider);
        _folder.Close();

        var (_, dry) = await RunAsync("--conversation", $"{_conversation}", "--dry-run");
        foreach (var trace in Traces(person)) Assert.True(IsInAFile(trace));
        var (_, done) = await RunAsync("--conversation", $"{_conversation}");
        var (code, again) = await RunAsync("--conversation", $"{_conversation}");

        Assert.Equal(dry.Replace("would be removed", "removed", StringComparison.Ordinal), done);
        Assert.Equal(0, code);
        Assert.Matches("messages +0 removed", again);
        Assert.Contains("nothing of it", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_organizations_conversation_is_left_with_an_error()
    {
        await FillAsync(_conversation, Phone, Words, Provider);
        _folder.Close();
        var error = new StringWriter();

        var code = await ToolProgram.RunAsync(
            ["erase", "--organization", $"{Guid.NewGuid()}", "--conversation", $"{_conversation}", "--data", _folder.Path],
            new StringWriter(),
            error);

        Assert.Equal(2, code);
        Assert.Contains("belongs to another organization", error.ToString(), StringComparison.Ordinal);
        Reopen();
        Assert.Single((await _store.Messages.ListMessagesAsync(_conversation, null, 10, Cancellation)).Items);
    }

    [Fact]
    public async Task A_conversation_with_another_recipient_too_is_left_and_named()
    {
        await FillAsync(_conversation, Phone, Words, Provider);
        await _store.Messages.AddMessagesAsync([MessageIn(_conversation, "+5521900000000", "oi")], Cancellation);
        _folder.Close();

        var (code, text) = await RunAsync("--recipient", Phone);

        Assert.Equal(0, code);
        Assert.Contains("conversations: 0", text, StringComparison.Ordinal);
        Assert.Contains($"  {_conversation}", text, StringComparison.Ordinal);
        Reopen();
        Assert.Equal(2, (await _store.Messages.ListMessagesAsync(_conversation, null, 10, Cancellation)).Items.Count);
        Assert.Single(await ReadAsync(Topics.Messages));
    }

    [Fact]
    public async Task A_message_that_the_log_alone_has_is_removed_with_its_idempotency_key()
    {
        var message = MessageIn(_conversation, Phone, Words);
        await _log.AppendAsync(new NewEvent(Topics.Messages, $"{_conversation}", MessageEventJson.Write(message)), Cancellation);
        await _store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
            new(_organization, message.SenderId, IdempotencyKey),
            new(message.MessageId, "hash", Now),
            TimeSpan.FromDays(1),
            Cancellation);

        var report = await Eraser.EraseRecipientAsync(_organization, Phone, dryRun: false, Cancellation);

        Assert.Equal([new(Topics.Messages, 1)], report.Events!);
        Assert.Equal(1, report.Rows.Single(r => r.Table == "idempotency_keys").Count);
        Assert.Empty(await ReadAsync(Topics.Messages));
    }

    [Fact]
    public async Task Another_organizations_message_that_a_callback_named_with_the_conversation_is_left()
    {
        await FillAsync(_conversation, Phone, Words, Provider);
        var theirs = MessageIn(Guid.NewGuid(), "+5521900000000", "oi") with { OrganizationId = Guid.NewGuid() };
        // One that the store has, and one that is still on its way.
        var coming = theirs with { MessageId = _ids.Next() };
        await _store.Messages.AddMessagesAsync([theirs], Cancellation);
        await _store.HandOvers.RecordHandOversAsync([new(theirs.MessageId, "whatsapp", Now, "wamid.theirs")], Cancellation);
        var key = new Core.Idempotency.IdempotencyKey(theirs.OrganizationId, theirs.SenderId, "theirs");
        await _store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, new(coming.MessageId, "hash", Now), TimeSpan.FromDays(1), Cancellation);
        foreach (var message in (Message[])[theirs, coming])
        {
            var named = new StatusEvent(message.MessageId, _conversation, null, "whatsapp", StatusKind.Read, Now);
            await _log.AppendAsync(
                [
                    new(Topics.Messages, $"{message.ConversationId}", MessageEventJson.Write(message)),
                    new(Topics.Status, $"{_conversation}", StatusEventJson.Write(named)),
                ],
                Cancellation);
        }

        await Eraser.EraseConversationAsync(_organization, _conversation, dryRun: false, Cancellation);

        Assert.Equal(2, (await ReadAsync(Topics.Messages)).Count);
        Assert.Empty(await ReadAsync(Topics.Status));
        Assert.Single((await _store.Messages.ListMessagesAsync(theirs.ConversationId, null, 10, Cancellation)).Items);
        var handOver = await _store.HandOvers.RecordHandOversAsync([new(theirs.MessageId, "whatsapp", Now, null)], Cancellation);
        Assert.Equal("wamid.theirs", handOver[0].ProviderMessageId);
        var claimed = await _store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
            key, new(Guid.NewGuid(), "other", Now), TimeSpan.FromDays(1), Cancellation);
        Assert.Equal(coming.MessageId, claimed.MessageId);
    }

    [Theory]
    [InlineData("{\"id\":\"wamid.HBgNNTUxMTk5\"", null, true)]
    [InlineData("{", "whatsapp:wamid.HBgNNTUxMTk5", true)]
    [InlineData("{\"id\":\"wamid.HBgNNTUxMTk5x\"", "whatsapp", false)]
    public void Unreadable_event_is_found_by_a_providers_id(string text, string? key, bool found)
    {
        var scope = new ErasureScope(_organization, [_conversation]);
        scope.AddProviderId(new("whatsapp", Provider));

        Assert.Equal(found, scope.Concerns(new LogEvent(0, key, Encoding.UTF8.GetBytes(text), Now, [])));
    }

    [Theory]
    [InlineData("{\"phone_number_id\":\"700800900\",\"from\":\"5511912345678\"}", true)]
    [InlineData("{\"phone_number_id\":\"700800901\",\"from\":\"5511912345678\"}", false)]
    [InlineData("{\"phone_number_id\":\"700800900\",\"from\":\"55119123456780\"}", false)]
    [InlineData("{\"phone_number_id\":\"700800901\",\"id\":\"wamid.HBgN\\/NTUx==\"}", true)]
    [InlineData("{\"phone_number_id\":\"700800901\",\"id\":\"wamid.HBgN/NTUx==\"}", true)]
    public void Webhook_is_found_by_an_id_or_by_an_address_at_the_account_that_it_is_for(string text, bool found)
    {
        var scope = new ErasureScope(_organization, [_conversation]);
        scope.AddAddress(new("whatsapp", "700800900"), "5511912345678");
        scope.AddProviderId(new("whatsapp", "wamid.HBgN/NTUx==", "700800900"));

        Assert.Equal(found, scope.Concerns(new LogEvent(0, "a hash", Encoding.UTF8.GetBytes(text), Now, [])));
    }

    [Theory]
    [InlineData("700800900", true)]
    [InlineData("700800901", false)]
    [InlineData(null, false)]
    public void Status_is_found_by_a_providers_id_together_with_its_account(string? account, bool found)
    {
        var scope = new ErasureScope(_organization, [_conversation]);
        scope.AddProviderId(new("whatsapp", Provider, "700800900"));
        var status = new StatusEvent(
            null, null, null, "whatsapp", StatusKind.Read, Now, ProviderMessageId: Provider, AccountId: account);

        Assert.Equal(found, scope.Concerns(new LogEvent(0, null, StatusEventJson.Write(status), Now, [])));
    }

    [Fact]
    public void Message_that_the_log_alone_has_brings_its_providers_id()
    {
        var scope = new ErasureScope(_organization, [_conversation]);
        var received = MessageIn(_conversation, Phone, Words) with { AccountId = "700800900", ProviderMessageId = Provider };

        scope.Learn(new LogEvent(0, null, MessageEventJson.Write(received), Now, []));

        Assert.Equal([new("whatsapp", Provider, "700800900")], scope.ProviderIds);
    }

    [Fact]
    public async Task Log_that_does_not_answer_leaves_everything_as_it_was()
    {
        await FillAsync(_conversation, Phone, Words, Provider);

        await Assert.ThrowsAsync<IOException>(() => new Eraser(_store.Conversations, _store.Erasure, new KeepingLog(isAway: true))
            .EraseConversationAsync(_organization, _conversation, dryRun: false, Cancellation));

        Assert.Single((await _store.Messages.ListMessagesAsync(_conversation, null, 10, Cancellation)).Items);
    }

    [Fact]
    public async Task A_consumer_that_is_up_reads_past_what_was_removed()
    {
        var message = MessageIn(_conversation, Phone, Words);
        NewEvent[] events =
        [
            new(Topics.Messages, $"{_conversation}", MessageEventJson.Write(message)),
            new(Topics.Messages, $"{_conversation}", "\"the next\""u8.ToArray()),
        ];
        await _log.AppendAsync(events, Cancellation);
        await Eraser.EraseConversationAsync(_organization, _conversation, dryRun: false, Cancellation);
        await _log.AppendAsync(new NewEvent(Topics.Messages, $"{_conversation}", "\"the last\""u8.ToArray()), Cancellation);

        var read = new TaskCompletionSource<LogEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var consuming = _log.ConsumeAsync(
            new("group", Topics.Messages),
            async (partition, ct) =>
            {
                while (true) read.TrySetResult((await partition.ReadAsync(1, ct))[0]);
            },
            stop.Token);

        Assert.Equal("\"the last\"", Encoding.UTF8.GetString((await read.Task.WaitAsync(Cancellation)).Value.Span));
        await stop.CancelAsync();
        await consuming;
    }

    [Fact]
    public async Task Log_that_can_not_remove_events_is_said_to_hold_them_until_its_retention_ends()
    {
        await FillAsync(_conversation, Phone, Words, Provider);
        var output = new StringWriter { NewLine = "\n" };
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));

        await EraseCommand.RunAsync(
            new(_store.Conversations, _store.Erasure, new KeepingLog()),
            new(_organization, _conversation, null),
            time,
            output,
            Cancellation);

        Assert.Matches("msg.status +until about 2026-12-06T12:00:00.000Z at the latest", output.ToString());
        Assert.Matches("messages +for good", output.ToString());
    }

    [Fact]
    public async Task Owner_of_a_conversation_is_said_and_when_it_was_erased()
    {
        await FillAsync(_conversation, Phone, Words, Provider);
        _folder.Close();
        var unknown = new StringWriter();
        Assert.Equal(
            1,
            await ToolProgram.RunAsync(["conversation", "owner", "--conversation", $"{Guid.NewGuid()}", "--data", _folder.Path], unknown));
        Assert.Contains("nobody", unknown.ToString(), StringComparison.Ordinal);
        await RunAsync("--conversation", $"{_conversation}");

        var output = new StringWriter();
        Assert.Equal(
            0, await ToolProgram.RunAsync(["conversation", "owner", "--conversation", $"{_conversation}", "--data", _folder.Path], output));
        Assert.Contains($"organization {_organization}", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("erased", output.ToString(), StringComparison.Ordinal);
    }

    private static DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    private Eraser Eraser => new(_store.Conversations, _store.Erasure, new EmbeddedLogErasure(_log));

    private void Reopen() => (_log, _store) = (_folder.OpenLog(), _folder.OpenStore());

    private async Task<(int Code, string Text)> RunAsync(params string[] which)
    {
        var output = new StringWriter { NewLine = "\n" };
        var code = await ToolProgram.RunAsync(
            ["erase", "--organization", $"{_organization}", "--data", _folder.Path, .. which], output, output);
        return (code, output.ToString());
    }

    /// <summary>A conversation as the services make one, with statuses, a dead letter and one that waits, in both engines.</summary>
    private async Task<Message> FillAsync(Guid conversation, string phone, string words, string provider)
    {
        var message = MessageIn(conversation, phone, words);
        var key = new MessageKey(conversation, message.MessageId);
        var failed = new StatusEvent(key.MessageId, conversation, _organization, "whatsapp", StatusKind.Failed, Now, $"{Why}: {words}");
        var early = new StatusEvent(null, null, null, "whatsapp", StatusKind.Sent, Now, ProviderMessageId: provider);
        await _log.AppendAsync(
            [
                new(Topics.Messages, $"{conversation}", MessageEventJson.Write(message)),
                new(Topics.Outbound("whatsapp"), $"{conversation}", MessageEventJson.Write(message)),
                new(Topics.Status, $"{conversation}", StatusEventJson.Write(failed)),
                new(Topics.Status, $"{conversation}", StatusEventJson.Write(early)),
            ],
            Cancellation);
        var unreadable = $"{{\"message_id\":\"{key.MessageId:N}\",\"x\":\"{words}";
        await _log.AppendAsync(
            DeadLetters.From(
                new(Topics.Status, 0),
                new(7, null, Encoding.UTF8.GetBytes(unreadable), Now, []),
                "unreadable"),
            Cancellation);
        await _store.Conversations.ClaimConversationAsync(new(conversation, _organization, Now), Cancellation);
        await _store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
            new(_organization, message.SenderId, phone == Phone ? IdempotencyKey : phone),
            new(key.MessageId, "hash", Now),
            TimeSpan.FromDays(1),
            Cancellation);
        await _store.Messages.AddMessagesAsync([message], Cancellation);
        await _store.Statuses.RecordStatusesAsync(
            [new(key, StatusKind.Failed, new(Now, failed.Reason, 5), "whatsapp", Now, Now, null)], Cancellation);
        await _store.Statuses.AddChangesAsync(
            [new(conversation, 5, key.MessageId, MessageStatus.Failed, "whatsapp", Now, failed.Reason, Now)], Cancellation);
        await _store.HandOvers.RecordHandOversAsync([new(key.MessageId, "whatsapp", Now, provider)], Cancellation);
        await _store.ProviderIds.AddProviderIdAsync(new("whatsapp", provider), key, Cancellation);
        await _store.Parked.ParkAsync(
            [new(ParkedStatuses.SubjectOf(new ProviderId("whatsapp", provider)), 9, StatusEventJson.Write(early), Now)], Cancellation);
        var account = new AccountKey("whatsapp", "700800900");
        var address = new ContactAddress(AddressKinds.Phone, PhoneNumbers.Canonical(phone)!);
        var sendTry = new SendTry(key.MessageId, conversation, account, 1, Guid.NewGuid(), Now);
        await _store.Sends.RecordAnswersAsync([new(sendTry, SendOutcome.Accepted, $"{provider} {provider}.2")], Cancellation);
        await _store.Held.HoldAsync(
            [new(account, key.MessageId, _ids.Next(), conversation, phone, MessageEventJson.Write(message), Now)], Cancellation);
        await _store.Contacts.ClaimAddressAsync(account, address, conversation, Cancellation);
        await _store.Contacts.NoteContactsAsync(
            [new(conversation, _organization, account, [address], phone, $"Nome de {phone}", Now, IsInbound: true)], Cancellation);
        var webhook = $"{{\"entry\":[{{\"phone_number_id\":\"700800900\",\"from\":\"{phone[1..]}\",\"body\":\"{words}\"}}]}}";
        await _log.AppendAsync(new NewEvent("webhooks.whatsapp", $"{Guid.NewGuid():N}", Encoding.UTF8.GetBytes(webhook)), Cancellation);
        return message;
    }

    private Message MessageIn(Guid conversation, string phone, string words)
    {
        var id = _ids.Next();
        return new(
            id, conversation, _organization, Guid.NewGuid(), "whatsapp", "outbound", "text", $"{{\"texto\":\"{words}\"}}", phone, Now, 1);
    }

    // The message's id stays in the connectors' ledger, as bytes.
    private static IEnumerable<byte[]> Traces(Message person) =>
        new[] { Phone, Phone[1..], "Nome de +55119", "Meu segredo", Provider, IdempotencyKey, $"{person.MessageId:D}" }
            .Select(Encoding.UTF8.GetBytes);

    private static string Show(byte[] trace) => Encoding.UTF8.GetString(trace);

    private bool IsInAFile(byte[] trace) => Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
        .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(trace) >= 0);

    private async Task<List<LogEvent>> ReadAsync(string topic)
    {
        var reader = new EmbeddedLogReader(_log);
        var events = new List<LogEvent>();
        foreach (var range in await reader.GetRangesAsync(topic, Cancellation))
        {
            await foreach (var e in reader.ReadAsync(new(topic, range.Partition), range.Start, range.End, Cancellation)) events.Add(e);
        }
        return events;
    }

    private sealed class KeepingLog(bool isAway = false) : ILogErasure
    {
        public ValueTask LearnAsync(Action<LogEvent> learn, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<IReadOnlyList<ErasedRows>?> EraseAsync(
            Predicate<LogEvent> concerns, bool dryRun, CancellationToken cancellationToken) =>
            new((IReadOnlyList<ErasedRows>?)null);

        public ValueTask CompactAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<IReadOnlyDictionary<string, TimeSpan?>> GetRetentionAsync(CancellationToken cancellationToken) =>
            isAway
                ? throw new IOException("away")
                : new(new Dictionary<string, TimeSpan?> { [Topics.Status] = TimeSpan.FromDays(7), [Topics.Messages] = null });
    }
}
