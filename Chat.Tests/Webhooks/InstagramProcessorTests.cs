using System.Text;
using Chat.Core.Contacts;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using static Chat.Tests.Webhooks.WebhookFixture;

namespace Chat.Tests.Webhooks;

/// <summary>What is Instagram's own: echoes of what we sent and of what we did not, and what a person has seen.</summary>
public sealed class InstagramProcessorTests : IDisposable
{
    private readonly WebhookFixture _it = new();

    public void Dispose() => _it.Dispose();

    [Fact]
    public async Task Echo_when_its_id_is_known_is_of_our_message_and_says_that_it_was_sent()
    {
        var sent = await AddAsync("Oi", "m1");

        await _it.ProcessInstagramAsync(Instagram(Echo("m1", "Oi")));

        Assert.Equal([(StatusKind.Sent, sent.MessageId)], Facts);
        Assert.Empty(_it.Inbound("instagram"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SendOutcome.Unknown)]
    public async Task Echo_when_it_comes_before_the_answer_is_of_the_message_that_is_being_sent(SendOutcome? outcome)
    {
        var sent = await AddAsync("Oi");
        _it.Store.Add(Try(sent, outcome));
        var early = new StatusEvent(
            null, null, Organization, "instagram", StatusKind.Read, Now, ProviderMessageId: "m1", AccountId: "178");
        _it.Store.Parked.Add(new(ParkedStatuses.SubjectOf(early), 7, StatusEventJson.Write(early), Now));

        await _it.ProcessInstagramAsync(Instagram(Echo("m1", "Oi")));

        Assert.Empty(_it.Inbound("instagram"));
        var proven = _it.Store.Tries[sent.MessageId];
        Assert.Equal((SendOutcome.Accepted, "m1"), (proven.Outcome, proven.ProviderMessageId));
        Assert.Equal(new MessageKey(sent.ConversationId, sent.MessageId), _it.MessageOf("instagram", "m1"));
        Assert.Equal([(StatusKind.Read, sent.MessageId), (StatusKind.Sent, sent.MessageId)], Facts);
    }

    // The answer is in the ledger, and its id nowhere else yet.
    [Fact]
    public async Task Echo_when_only_the_ledger_knows_its_id_is_of_our_message()
    {
        var sent = await AddAsync("Oi");
        _it.Store.Add(Try(sent, SendOutcome.Accepted, "m0 m1"));

        await _it.ProcessInstagramAsync(Instagram(Echo("m1", "a part of it")));

        Assert.Empty(_it.Inbound("instagram"));
        Assert.Equal([(StatusKind.Sent, sent.MessageId)], Facts);
    }

    [Fact]
    public async Task Echoes_when_several_messages_have_one_text_are_of_each_in_the_order_of_sending()
    {
        var (first, second) = (await AddAsync("Oi", secondsAgo: 60), await AddAsync("Oi", secondsAgo: 50));
        _it.Store.Add(Try(first));
        _it.Store.Add(Try(second));

        await _it.ProcessInstagramAsync(Instagram(Echo("m1", "Oi"), Echo("m1", "Oi"), Echo("m2", "Oi")));

        Assert.Empty(_it.Inbound("instagram"));
        Assert.Equal(
            [first.MessageId, second.MessageId],
            [_it.MessageOf("instagram", "m1")?.MessageId, _it.MessageOf("instagram", "m2")?.MessageId]);
    }

    // Their answers are noted together, after the last one; the first part's echo says SENT meanwhile.
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Echoes_when_a_message_goes_in_parts_are_all_of_it_and_its_answer_stays_open(bool isFile, bool isSentBefore)
    {
        var (head, tail) = (new string('a', 990), new string('b', 300));
        var sent = Sent($"{head} {tail}", "instagram");
        if (isFile) sent = sent with { Type = "image", Content = $$$"""{"midia":{"id":"7"},"legenda":"{{{head}}} {{{tail}}}"}""" };
        await AddAsync(sent, null, [.. isSentBefore ? [(StatusKind.Sent, Now)] : Array.Empty<(StatusKind, DateTimeOffset)>()]);
        _it.Store.Add(Try(sent));
        List<string> echoes = [Echo("m2", head), Echo("m3", tail)];
        if (isFile && !isSentBefore) echoes.Insert(0, EchoOfImage("m1"));

        await _it.ProcessInstagramAsync(Instagram([.. echoes]));
        await _it.ProcessInstagramAsync([.. echoes.Select(e => Instagram(e))]);

        Assert.Empty(_it.Inbound("instagram"));
        Assert.Equal(isFile && !isSentBefore ? ["m1", "m2", "m3"] : ["m2", "m3"], _it.Store.Ids.Keys.Select(i => i.Id).Order());
        Assert.All(_it.Store.Ids.Values, key => Assert.Equal(sent.MessageId, key.MessageId));
        Assert.All(Facts, f => Assert.Equal((StatusKind.Sent, sent.MessageId), f));
        Assert.Null(_it.Store.Tries[sent.MessageId].Outcome);
    }

    [Fact]
    public async Task Echo_when_it_is_like_a_message_in_parts_and_none_of_them_is_what_a_person_wrote()
    {
        var sent = Sent("", "instagram") with { Type = "image", Content = """{"midia":{"id":"7"},"legenda":"Oi, tudo bem?"}""" };
        await AddAsync(sent, null, (StatusKind.Sent, Now));
        _it.Store.Add(Try(sent, SendOutcome.Unknown));

        await _it.ProcessInstagramAsync(Instagram(Echo("m2", "Oi"), EchoOfImage("m3")));

        Assert.Equal(["m2", "m3"], _it.Inbound("instagram").Select(m => m.ProviderMessageId));
    }

    [Fact]
    public async Task Echo_when_a_person_wrote_it_in_the_providers_app_is_kept_as_sent_and_once()
    {
        var sent = await AddAsync("Oi");
        _it.Store.Add(Try(sent, SendOutcome.Accepted, "m1"));

        await _it.ProcessInstagramAsync(Instagram(Echo("m2", "Do celular")));
        await _it.ProcessInstagramAsync(Instagram(Echo("m2", "Do celular")));

        var kept = Assert.Single(_it.Inbound("instagram").DistinctBy(m => m.MessageId));
        Assert.Equal(
            (MessageDirection.Outbound, "m2", "{\"texto\":\"Do celular\"}", "178", sent.ConversationId),
            (kept.Direction, kept.ProviderMessageId, kept.Content, kept.AccountId, kept.ConversationId));
        Assert.Equal([(StatusKind.Sent, kept.MessageId), (StatusKind.Sent, kept.MessageId)], Facts);
        Assert.All(_it.Store.Notes, n => Assert.False(n.IsInbound));
    }

    [Fact]
    public async Task Echo_without_a_time_when_it_is_delivered_again_is_the_same_message()
    {
        var echo = Echo("m2", "Do celular").Replace("\"timestamp\":1790000000000,", "", StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes(Instagram(echo));

        await _it.ProcessAsync("instagram", [_it.Event("instagram", body)]);
        await _it.ProcessAsync("instagram", [_it.Event("instagram", body, secondsLater: 30)]);

        Assert.Equal(2, _it.Inbound("instagram").Count);
        Assert.Single(_it.Inbound("instagram").Select(m => (m.MessageId, m.CreatedAt)).Distinct());
    }

    [Fact]
    public async Task Message_that_was_seen_when_a_person_saw_it_is_read_with_all_that_was_sent_before()
    {
        var before = Now.AddSeconds(-55);
        var other = Sent("Outra conversa", "instagram", conversation: Guid.NewGuid());
        _it.Store.Add(other, (StatusKind.Sent, before));
        var read = await AddAsync("já lida", facts: [(StatusKind.Sent, before), (StatusKind.Read, before)]);
        var first = await AddAsync("um", facts: [(StatusKind.Sent, before)]);
        // Its SENT is on its way.
        var second = await AddAsync("dois");
        var made = Try(second, SendOutcome.Accepted, "m2");
        _it.Store.Add(made with { Try = made.Try with { At = before } });
        // Posted before, and sent after the chat was seen.
        var waited = await AddAsync("esperou", facts: [(StatusKind.Sent, Now)]);
        var tried = await AddAsync("esperou mais");
        _it.Store.Add(Try(tried, SendOutcome.Accepted, "m5"));
        var failed = await AddAsync("não foi", facts: [(StatusKind.Failed, Now)]);
        var unknown = await AddAsync("quem sabe");
        _it.Store.Add(Try(unknown, SendOutcome.Unknown));
        var seen = await AddAsync("três", "m3", facts: [(StatusKind.Sent, before)]);
        var later = await AddAsync("depois", "m4", facts: [(StatusKind.Sent, Now)]);

        await _it.ProcessInstagramAsync(Instagram(Seen("m3")));

        Assert.Equal(
            new[] { seen.MessageId, second.MessageId, first.MessageId }.Select(id => (StatusKind.Read, id)), Facts);
        Assert.All(_it.Statuses, s => Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_790_000_050), s.Timestamp));
        Assert.DoesNotContain(Facts, f => new[] { read, waited, tried, failed, unknown, later, other }.Any(m => m.MessageId == f.Message));
    }

    [Fact]
    public async Task Message_that_was_seen_when_nobody_knows_it_yet_waits_under_its_id()
    {
        await _it.ProcessInstagramAsync(Instagram(Seen("m9")));

        var status = Assert.Single(_it.Statuses);
        Assert.Equal((StatusKind.Read, null, "m9", "178"), (status.Status, status.MessageId, status.ProviderMessageId, status.AccountId));
    }

    // As a person does who comes back to a chat.
    [Fact]
    public async Task Messages_that_were_seen_when_each_of_them_is_reported_are_read_once_each()
    {
        var sent = new List<Message>();
        for (var i = 0; i < 30; i++) sent.Add(await AddAsync("Oi", $"m{i}", 90 - i, (StatusKind.Sent, Now.AddSeconds(-90 + i))));

        await _it.ProcessInstagramAsync(
            Instagram([.. Enumerable.Range(0, 30).Select(i => Seen($"m{i}"))]),
            Instagram([.. Enumerable.Range(0, 30).Select(i => Seen("m29", 50 + i))]),
            Instagram(Seen("m99"), Seen("m99")));

        var known = _it.Statuses.Where(s => s.MessageId is not null).ToList();
        Assert.Equal(sent.Select(m => m.MessageId).Order(), known.Select(s => s.MessageId!.Value).Order());
        Assert.All(known, s => Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_790_000_050), s.Timestamp));
        Assert.Equal("m99", Assert.Single(_it.Statuses, s => s.MessageId is null).ProviderMessageId);
        Assert.Equal(1, _it.Store.Pages);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Messages_that_were_seen_more_than_once_are_read_when_the_first_of_those_says(params int[] order)
    {
        await AddAsync("um", facts: [(StatusKind.Sent, Now.AddSeconds(-95))]);
        await AddAsync("dois", "m2", facts: [(StatusKind.Sent, Now.AddSeconds(-95))]);
        await AddAsync("três", facts: [(StatusKind.Sent, Now.AddSeconds(-75))]);
        await AddAsync("quatro", "m4", 50, (StatusKind.Sent, Now.AddSeconds(-75)));

        string[] seen = [Seen("m2", 10), Seen("m4", 40)];
        await _it.ProcessInstagramAsync(Instagram([.. order.Select(i => seen[i])]));

        Assert.Equal([10, 10, 40, 40], _it.Statuses.Select(s => s.Timestamp!.Value.ToUnixTimeSeconds() - 1_790_000_000).Order());
    }

    // What the first page has of the second mark is not all that it covers.
    [Fact]
    public async Task Messages_that_were_seen_when_two_reports_reach_far_back_are_all_read()
    {
        var sent = new List<Message>();
        for (var i = 0; i < 450; i++) sent.Add(await AddAsync("Oi", $"m{i}", 600 - i, (StatusKind.Sent, Now.AddSeconds(-600 + i))));

        await _it.ProcessInstagramAsync(Instagram(Seen("m300"), Seen("m449"), Seen("m400")));

        Assert.Equal(sent.Skip(100).Select(m => m.MessageId).Order(), Facts.Select(f => f.Message).Order());
        Assert.Equal(2, _it.Store.Pages);
    }

    [Fact]
    public async Task Person_when_they_write_has_a_conversation_with_the_account()
    {
        await _it.ProcessInstagramAsync(Instagram(Wrote("m1", "Oi"), Wrote("m2", "Tudo?")));

        Assert.Single(_it.Inbound("instagram").Select(m => m.ConversationId).Distinct());
        Assert.Contains((Key("instagram"), new ContactAddress(AddressKinds.InstagramScopedId, "990")), _it.Store.Addresses.Keys);
    }

    private IEnumerable<(StatusKind Kind, Guid Message)> Facts => _it.Statuses.Select(s => (s.Status!.Value, s.MessageId!.Value));

    /// <summary>A message of ours in the conversation with the person 990.</summary>
    private async Task<Message> AddAsync(
        string text, string? id = null, int secondsAgo = 60, params (StatusKind Kind, DateTimeOffset At)[] facts)
    {
        var sent = Sent(text, "instagram", secondsAgo);
        await AddAsync(sent, id, facts);
        return sent;
    }

    private async Task AddAsync(Message sent, string? id, params (StatusKind Kind, DateTimeOffset At)[] facts)
    {
        _it.Store.Add(sent, facts);
        await _it.Store.ClaimAddressAsync(
            Key("instagram"), new(AddressKinds.InstagramScopedId, "990"), sent.ConversationId, TestContext.Current.CancellationToken);
        if (id is not null)
        {
            await _it.Store.AddProviderIdAsync(
                new("instagram", id, "178"), new(sent.ConversationId, sent.MessageId), TestContext.Current.CancellationToken);
        }
    }
}
