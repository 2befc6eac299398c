using System.Net;
using System.Text.Json;
using Chat.Core.Channels;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.RouterWorker;
using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Api;

/// <summary>What the API shows of messages, over real HTTP.</summary>
public sealed class ReadMessagesTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _api = fixture.Host;
    private readonly Desk _desk = new();
    private readonly IdSource _ids = new(TimeProvider.System);

    [Fact]
    public async Task A_message_has_its_status_and_what_it_stands_on()
    {
        var message = await AddAsync("Olá");
        var sent = message.CreatedAt.AddSeconds(1);
        await RecordAsync(message, StatusKind.Sent, sent, seq: 11);
        await RecordAsync(message, StatusKind.Failed, sent.AddSeconds(1), seq: 12, "no such number");

        var json = (await _api.GetAsync($"/v1/messages/{message.MessageId}", _desk.Token)).Is(HttpStatusCode.OK).Json;

        Assert.Equal(
            [
                "messageId", "conversationId", "channel", "direction", "type", "content", "senderId", "createdAt", "status", "facts",
                "reason", "position",
            ],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(message.MessageId, json.GetProperty("messageId").GetGuid());
        Assert.Equal("Olá", json.GetProperty("content").GetProperty("texto").GetString());
        Assert.Equal("FAILED", json.GetProperty("status").GetString());
        Assert.Equal("no such number", json.GetProperty("reason").GetString());
        var facts = json.GetProperty("facts");
        Assert.Equal(["sent", "delivered", "read", "failed"], facts.EnumerateObject().Select(p => p.Name));
        Assert.Equal(11, facts.GetProperty("sent").GetProperty("seq").GetInt64());
        Assert.Equal(
            DateTimeOffset.FromUnixTimeMilliseconds(sent.ToUnixTimeMilliseconds()),
            facts.GetProperty("sent").GetProperty("at").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, facts.GetProperty("delivered").ValueKind);
        Assert.Equal("no such number", facts.GetProperty("failed").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_message_that_comes_while_it_is_asked_for_is_found()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Messages:FindWait"] = "00:00:30" });
        var message = Message("late");
        await ClaimAsync(api.Store);

        var asked = api.GetAsync($"/v1/messages/{message.MessageId}", _desk.Token);
        Assert.False(asked.IsCompleted);
        await api.Store.Messages.AddMessagesAsync([message], TestContext.Current.CancellationToken);

        (await asked).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_message_is_found_right_after_its_202()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Messages:FindWait"] = "00:00:30" }, configure: builder => builder.AddRouterWorker());
        var posted = (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body("now"))).Is(HttpStatusCode.Accepted);

        var found = (await api.GetAsync(posted.Header("Location")!, _desk.Token)).Is(HttpStatusCode.OK).Json;

        Assert.Equal("ACCEPTED", found.GetProperty("status").GetString());
        Assert.Equal("now", found.GetProperty("content").GetProperty("texto").GetString());
        Assert.Equal(posted.Json.GetProperty("timestamp").GetString(), found.GetProperty("createdAt").GetString());
    }

    [Fact]
    public async Task A_message_that_may_still_come_is_404_with_retry_after()
    {
        var answer = (await _api.GetAsync($"/v1/messages/{_ids.Next()}", _desk.Token)).IsProblem(HttpStatusCode.NotFound);

        Assert.Equal("1", answer.Header("Retry-After"));
    }

    [Theory]
    [InlineData("11111111-1111-4111-8111-111111111111")]
    [InlineData("0198c0de-0000-7000-8000-000000000001")]
    public async Task A_message_that_will_not_come_is_404_without_retry_after(string id) =>
        Assert.Null((await _api.GetAsync($"/v1/messages/{id}", _desk.Token)).IsProblem(HttpStatusCode.NotFound).Header("Retry-After"));

    [Fact]
    public async Task A_message_of_another_organization_is_404_as_if_it_was_not_there()
    {
        var message = await AddAsync("secret");
        var stranger = new Desk();

        var hidden = (await _api.GetAsync($"/v1/messages/{message.MessageId}", stranger.Token)).IsProblem(HttpStatusCode.NotFound);
        var missing = (await _api.GetAsync($"/v1/messages/{_ids.Next()}", stranger.Token)).IsProblem(HttpStatusCode.NotFound);

        Assert.Equal(missing.Header("Retry-After"), hidden.Header("Retry-After"));
        Assert.Equal(missing.Json.GetProperty("detail").GetString(), hidden.Json.GetProperty("detail").GetString());
        (await _api.GetAsync($"/v1/messages/{message.MessageId}/timeline", stranger.Token)).IsProblem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/v1/messages/5", "id")]
    [InlineData("/v1/messages/5/timeline", "id")]
    [InlineData("/v1/conversations/5/messages", "id")]
    [InlineData("/v1/conversations/123e4567-e89b-12d3-a456-426614174000/messages?limit=0", "limit")]
    [InlineData("/v1/conversations/123e4567-e89b-12d3-a456-426614174000/messages?limit=201", "limit")]
    [InlineData("/v1/conversations/123e4567-e89b-12d3-a456-426614174000/messages?limit=-1", "limit")]
    [InlineData("/v1/conversations/123e4567-e89b-12d3-a456-426614174000/messages?limit=", "limit")]
    [InlineData("/v1/conversations/123e4567-e89b-12d3-a456-426614174000/messages?before=yesterday", "before")]
    public async Task A_parameter_that_is_wrong_is_named(string path, string parameter) =>
        (await _api.GetAsync(path, _desk.Token)).IsProblem(HttpStatusCode.BadRequest, parameter);

    [Theory]
    [InlineData("/v1/messages/0198c0de-0000-7000-8000-000000000001")]
    [InlineData("/v1/messages/0198c0de-0000-7000-8000-000000000001/timeline")]
    [InlineData("/v1/conversations/123e4567-e89b-12d3-a456-426614174000/messages")]
    [InlineData("/v1/channels")]
    public async Task Without_a_token_it_is_401(string path) => (await _api.GetAsync(path)).IsProblem(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task A_conversation_is_paged_from_the_newest_to_the_oldest()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++) ids.Add((await AddAsync($"{i}")).MessageId);
        // Ids of one millisecond have no order of their own.
        ids = [.. ids.OrderByDescending(i => i.ToString("D"), StringComparer.Ordinal)];
        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var before = cursor is null ? "" : $"&before={cursor}";
            var page = (await _api.GetAsync($"/v1/conversations/{_desk.Conversation}/messages?limit=2{before}", _desk.Token))
                .Is(HttpStatusCode.OK).Json;
            Assert.Equal(["items", "next", "seq"], page.EnumerateObject().Select(p => p.Name));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("messageId").GetGuid()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task A_page_tells_the_number_to_go_on_from()
    {
        var message = await AddAsync("x");
        await _api.Store.Statuses.AddChangesAsync(
            [new(_desk.Conversation, 77, message.MessageId, MessageStatus.Sent, "whatsapp", message.CreatedAt, null, message.CreatedAt)],
            TestContext.Current.CancellationToken);

        var page = (await _api.GetAsync($"/v1/conversations/{_desk.Conversation}/messages", _desk.Token)).Json;

        Assert.Equal(77, page.GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task A_conversation_that_nobody_owns_is_an_empty_page()
    {
        var page = (await _api.GetAsync($"/v1/conversations/{Guid.NewGuid()}/messages", _desk.Token)).Is(HttpStatusCode.OK);

        Assert.Equal("""{"items":[],"next":null,"seq":0}""", page.Body);
    }

    [Fact]
    public async Task A_conversation_of_another_organization_is_403()
    {
        await AddAsync("secret");

        var answer = await _api.GetAsync($"/v1/conversations/{_desk.Conversation}/messages", new Desk().Token);

        Assert.DoesNotContain("secret", answer.IsProblem(HttpStatusCode.Forbidden, "id").Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_without_an_organization_sees_only_where_its_user_posted()
    {
        var message = await AddAsync("mine");
        await _api.Store.Conversations.AddPosterAsync(_desk.Conversation, _desk.User, TestContext.Current.CancellationToken);
        var poster = ApiHost.Token(_desk.User, organization: null);
        var other = ApiHost.Token(Guid.NewGuid(), organization: null);

        (await _api.GetAsync($"/v1/conversations/{_desk.Conversation}/messages", poster)).Is(HttpStatusCode.OK);
        (await _api.GetAsync($"/v1/messages/{message.MessageId}", poster)).Is(HttpStatusCode.OK);
        (await _api.GetAsync($"/v1/conversations/{_desk.Conversation}/messages", other)).IsProblem(HttpStatusCode.Forbidden);
        (await _api.GetAsync($"/v1/messages/{message.MessageId}", other)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_timeline_has_every_event_and_says_which_changed_nothing()
    {
        var message = await AddAsync("x");
        await RecordAsync(message, StatusKind.Sent, message.CreatedAt, seq: 1);
        await RecordAsync(message, StatusKind.Sent, message.CreatedAt, seq: 2);

        var json = (await _api.GetAsync($"/v1/messages/{message.MessageId}/timeline", _desk.Token)).Is(HttpStatusCode.OK).Json;

        var items = json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([true, false], items.Select(i => i.GetProperty("applied").GetBoolean()));
        Assert.Equal(
            ["seq", "status", "reportedAt", "at", "receivedAt", "reason", "channel", "joins", "applied", "notApplied", "shown"],
            items[0].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task The_channels_say_what_they_can_report()
    {
        var items = (await _api.GetAsync("/v1/channels", _desk.Token)).Is(HttpStatusCode.OK).Json.GetProperty("items");

        Assert.Equal(ChannelCatalog.Names, items.EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        Assert.Equal(
            ["SENT", "DELIVERED", "READ", "FAILED"], items[0].GetProperty("reports").EnumerateArray().Select(r => r.GetString()));
    }

    [Fact]
    public async Task A_channel_that_does_not_report_deliveries_says_so()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Connectors:Channels:instagram:ReportsDelivered"] = "false" });

        var items = (await api.GetAsync("/v1/channels", _desk.Token)).Json.GetProperty("items");

        Assert.Equal(["SENT", "READ", "FAILED"], items[1].GetProperty("reports").EnumerateArray().Select(r => r.GetString()));
    }

    private async Task<Message> AddAsync(string text)
    {
        await ClaimAsync(_api.Store);
        var message = Message(text);
        await _api.Store.Messages.AddMessagesAsync([message], TestContext.Current.CancellationToken);
        return message;
    }

    private async Task ClaimAsync(StorePorts store) => await store.Conversations.ClaimConversationAsync(
        new(_desk.Conversation, _desk.Organization, DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);

    private Message Message(string text)
    {
        var id = _ids.Next();
        return new(
            id,
            _desk.Conversation,
            _desk.Organization,
            _desk.User,
            "whatsapp",
            "outbound",
            "text",
            $$"""{"texto":"{{text}}"}""",
            Recipient: null,
            MessageIds.CreatedAt(id)!.Value);
    }

    private async Task RecordAsync(Message message, StatusKind kind, DateTimeOffset at, long seq, string? reason = null) =>
        await _api.Store.Statuses.RecordStatusesAsync(
            [new(new(message.ConversationId, message.MessageId), kind, new(at, reason, seq), message.Channel, at, at, Joins: null)],
            TestContext.Current.CancellationToken);
}
