using System.Net;
using System.Text.Json;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;

namespace Chat.Tests.Api;

/// <summary><c>POST /v1/conversations/{id}/read</c> and <c>/typing</c>, over real HTTP.</summary>
public sealed class ConversationSignalTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _api = fixture.Host;
    private readonly Desk _desk = new();
    private readonly IdSource _ids = new(TimeProvider.System);

    [Theory]
    [InlineData("read", MessageTypes.MarkRead)]
    [InlineData("typing", MessageTypes.Typing)]
    public async Task The_provider_of_the_persons_last_message_is_told(string path, string type)
    {
        var (first, last) = (Inbound("wamid.IN1"), Inbound("wamid.IN2"));
        await AddAsync(first, last, Outbound());

        var answer = (await SignalAsync(path)).Is(HttpStatusCode.Accepted).Json;

        Assert.Equal(last.MessageId, answer.GetProperty("messageId").GetGuid());
        var told = Assert.Single(await ToldAsync(1));
        Assert.Equal(
            (type, "wamid.IN2", "100200300", "+5511900000001", MessageDirection.Outbound),
            (told.Type, told.ProviderMessageId, told.AccountId, told.Recipient, told.Direction));
        Assert.Equal(
            (_desk.Conversation, _desk.Organization, _desk.User), (told.ConversationId, told.OrganizationId, told.SenderId));
        Assert.NotEqual(last.MessageId, told.MessageId);
        Assert.DoesNotContain("texto", told.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_simulated_channel_and_of_a_conversation_without_an_inbound_message_nobody_is_told()
    {
        Assert.Equal(JsonValueKind.Null, (await SignalAsync("read")).Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").ValueKind);
        await AddAsync(Inbound(providerId: null), Outbound());
        Assert.Equal(JsonValueKind.Null, (await SignalAsync("read")).Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").ValueKind);

        // What is told of the next one is the first that is told.
        await AddAsync(Inbound("wamid.IN3"));
        await SignalAsync("typing");
        Assert.Equal(MessageTypes.Typing, Assert.Single(await ToldAsync(1)).Type);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("typing")]
    public async Task A_conversation_of_another_organization_is_not_told_of(string path)
    {
        await AddAsync(Inbound("wamid.IN4"));
        var answer = await _api.PostAsync($"/v1/conversations/{_desk.Conversation}/{path}", new Desk().Token, "");
        answer.IsProblem(HttpStatusCode.Forbidden, "id");
    }

    [Fact]
    public async Task A_user_without_an_organization_may_only_watch() =>
        (await _api.PostAsync($"/v1/conversations/{_desk.Conversation}/read", ApiHost.Token(_desk.User, null), ""))
            .IsProblem(HttpStatusCode.Forbidden);

    private Task<Answer> SignalAsync(string path) => _api.PostAsync($"/v1/conversations/{_desk.Conversation}/{path}", _desk.Token, "");

    private async Task AddAsync(params Message[] messages)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await _api.Store.Conversations.ClaimConversationAsync(
            new(_desk.Conversation, _desk.Organization, DateTimeOffset.UnixEpoch), cancellation);
        await _api.Store.Messages.AddMessagesAsync(messages, cancellation);
    }

    private Message Outbound() => Inbound(providerId: null) with { Direction = MessageDirection.Outbound };

    private Message Inbound(string? providerId)
    {
        var id = _ids.Next();
        return new(
            id,
            _desk.Conversation,
            _desk.Organization,
            Guid.NewGuid(),
            "whatsapp",
            MessageDirection.Inbound,
            "text",
            "{\"texto\":\"Oi\"}",
            "+5511900000001",
            MessageIds.CreatedAt(id)!.Value,
            Position: _position++,
            AccountId: providerId is null ? null : "100200300",
            ProviderMessageId: providerId);
    }

    private long _position = 1;

    private async Task<IReadOnlyList<Message>> ToldAsync(int count)
    {
        var events = await _api.ReadAsync(Topics.Outbound("whatsapp"), e => e.Key == MessageIds.Format(_desk.Conversation), count);
        return [.. events.Select(e => MessageEventJson.TryRead(e.Value.Span, out _)!)];
    }
}
