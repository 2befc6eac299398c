using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;

namespace Chat.Tests.Api;

/// <summary><c>POST /v1/messages</c> over real HTTP.</summary>
public sealed class PostMessageTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Path = "/v1/messages";

    private readonly ApiHost _api = fixture.Host;
    private readonly Desk _desk = new();

    [Fact]
    public async Task The_seeds_body_is_answered_202_once_the_message_is_in_the_log()
    {
        var token = ApiHost.Token(Bodies.User, Bodies.Organization);

        var answer = (await _api.PostAsync(Path, token, Bodies.Seed)).Is(HttpStatusCode.Accepted);

        var id = answer.Json.GetProperty("messageId").GetGuid();
        Assert.Equal($"/v1/messages/{id}", answer.Header("Location"));
        Assert.Equal(
            ["messageId", "conversationId", "channel", "status", "timestamp"], answer.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(Bodies.Conversation, answer.Json.GetProperty("conversationId").GetGuid());
        Assert.Equal("whatsapp", answer.Json.GetProperty("channel").GetString());
        Assert.Equal("ACCEPTED", answer.Json.GetProperty("status").GetString());
        Assert.Equal(MessageIds.CreatedAt(id), answer.Json.GetProperty("timestamp").GetDateTimeOffset());

        var logged = Assert.Single(await _api.ReadAsync(Topics.Messages, e => e.Key == MessageIds.Format(Bodies.Conversation), 1));
        var message = MessageEventJson.TryRead(logged.Value.Span, out _);
        Assert.NotNull(message);
        Assert.Equal(id, message.MessageId);
        Assert.Equal(Bodies.Organization, message.OrganizationId);
        Assert.Equal(Bodies.User, message.SenderId);
        Assert.Equal("""{"texto":"Olá, mundo!"}""", message.Content);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", logged.Header(HeaderNames.TraceParent));
    }

    [Fact]
    public async Task The_trace_goes_on_from_the_callers()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";

        (await _api.SendAsync(HttpMethod.Post, Path, _desk.Token, Json(_desk.Body()), r =>
            r.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01"))).Is(HttpStatusCode.Accepted);

        Assert.Contains(trace, (await LoggedAsync(1))[0].Header(HeaderNames.TraceParent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_goes_by_the_channel_and_to_the_recipient_that_it_names()
    {
        var body = _desk.Body(more: ""","canal":"instagram","destinatario":"maria" """);

        (await _api.PostAsync(Path, _desk.Token, body)).Is(HttpStatusCode.Accepted);

        var message = MessageEventJson.TryRead((await LoggedAsync(1))[0].Value.Span, out _)!;
        Assert.Equal(("instagram", "maria"), (message.Channel, message.Recipient));
    }

    [Fact]
    public async Task Whoever_posts_is_noted_for_tokens_without_an_organization()
    {
        (await _api.PostAsync(Path, _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);

        Assert.True(await _api.Store.Conversations.HasPostedAsync(_desk.Conversation, _desk.User, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("seu-token-aqui")]
    public async Task Without_a_valid_token_it_is_401(string? token)
    {
        var answer = (await _api.PostAsync(Path, token, _desk.Body())).IsProblem(HttpStatusCode.Unauthorized);

        Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal(token is not null, answer.Header("WWW-Authenticate")!.Contains("invalid_token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_expired_token_is_401() =>
        (await _api.PostAsync(Path, ApiHost.Token(_desk.User, _desk.Organization, seconds: -60), _desk.Body()))
            .IsProblem(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task A_token_in_the_query_is_no_token_here() =>
        (await _api.PostAsync($"{Path}?access_token={_desk.Token}", token: null, _desk.Body())).IsProblem(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task Another_organization_than_the_tokens_is_403() =>
        (await _api.PostAsync(Path, ApiHost.Token(_desk.User, Guid.NewGuid()), _desk.Body()))
            .IsProblem(HttpStatusCode.Forbidden, "organizacaoId");

    [Fact]
    public async Task Another_sender_than_the_tokens_user_is_403() =>
        (await _api.PostAsync(Path, ApiHost.Token(Guid.NewGuid(), _desk.Organization), _desk.Body()))
            .IsProblem(HttpStatusCode.Forbidden, "usuarioRemetenteId");

    [Fact]
    public async Task A_token_without_an_organization_may_not_post() =>
        (await _api.PostAsync(Path, ApiHost.Token(_desk.User, organization: null), _desk.Body())).IsProblem(HttpStatusCode.Forbidden);

    [Fact]
    public async Task A_conversation_of_another_organization_is_403_and_nothing_reaches_the_log()
    {
        (await _api.PostAsync(Path, _desk.Token, _desk.Body("first"))).Is(HttpStatusCode.Accepted);
        var intruder = new Desk { Conversation = _desk.Conversation };

        (await _api.PostAsync(Path, intruder.Token, intruder.Body("intruder"))).IsProblem(HttpStatusCode.Forbidden, "conversaId");

        (await _api.PostAsync(Path, _desk.Token, _desk.Body("last"))).Is(HttpStatusCode.Accepted);
        Assert.Equal(["first", "last"], (await LoggedAsync(2)).Select(Text));
        Assert.False(
            await _api.Store.Conversations.HasPostedAsync(_desk.Conversation, intruder.User, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_that_is_wrong_names_its_fields()
    {
        var answer = (await _api.PostAsync(Path, _desk.Token, """{"tipo":"pigeon"}""")).IsProblem(HttpStatusCode.BadRequest, "tipo");

        answer.IsProblem(HttpStatusCode.BadRequest, "conversaId").IsProblem(HttpStatusCode.BadRequest, "conteudo");
        Assert.Contains("tipo", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\n\"tipo\" 5}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public async Task Json_that_cannot_be_read_is_400(string body) =>
        (await _api.PostAsync(Path, _desk.Token, body)).IsProblem(HttpStatusCode.BadRequest, "$");

    [Fact]
    public async Task Malformed_json_is_told_with_its_place()
    {
        var answer = await _api.PostAsync(Path, _desk.Token, "{\n\"tipo\" 5}");

        Assert.Contains("line 2, byte 8", answer.IsProblem(HttpStatusCode.BadRequest, "$").Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public async Task Json_in_UTF_8_is_taken_however_its_charset_is_written(string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(_desk.Body()));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        var answer = await _api.SendAsync(HttpMethod.Post, Path, _desk.Token, content);

        answer.Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Another_charset_is_415_and_named()
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(_desk.Body()));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=iso-8859-1");

        var answer = (await _api.SendAsync(HttpMethod.Post, Path, _desk.Token, content))
            .IsProblem(HttpStatusCode.UnsupportedMediaType, "Content-Type");

        Assert.Contains("iso-8859-1", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("br, gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("identity", HttpStatusCode.Accepted)]
    public async Task An_encoded_body_is_415_and_the_header_named(string encoding, HttpStatusCode expected)
    {
        var content = new StringContent(_desk.Body(), Encoding.UTF8, "application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);

        var answer = await _api.SendAsync(HttpMethod.Post, Path, _desk.Token, content);

        if (expected == HttpStatusCode.Accepted) answer.Is(expected);
        else Assert.Equal("identity", answer.IsProblem(expected, "Content-Encoding").Header("Accept-Encoding"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData(null)]
    public async Task Another_content_type_than_json_is_415(string? contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(_desk.Body()));
        if (contentType is not null) content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        (await _api.SendAsync(HttpMethod.Post, Path, _desk.Token, content)).IsProblem(HttpStatusCode.UnsupportedMediaType, "Content-Type");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_above_64_kib_is_413_whether_its_length_is_told_or_not(bool chunked)
    {
        var body = _desk.Body(more: $",\"x\":\"{new string('x', 64 * 1024)}\"");

        (await _api.SendAsync(HttpMethod.Post, Path, _desk.Token, Json(body), r => r.Headers.TransferEncodingChunked = chunked))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge, "$");
    }

    [Fact]
    public async Task A_retry_under_an_idempotency_key_gets_the_same_message_and_sends_it_once()
    {
        var first = (await _api.PostAsync(Path, _desk.Token, _desk.Body("once"), "key-1")).Is(HttpStatusCode.Accepted);
        var stored = MessageEventJson.TryRead((await LoggedAsync(1))[0].Value.Span, out _)!;
        await _api.Store.Messages.AddMessagesAsync([stored], TestContext.Current.CancellationToken);

        var second = (await _api.PostAsync(Path, _desk.Token, _desk.Body("once"), "key-1")).Is(HttpStatusCode.Accepted);

        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Header("Location"), second.Header("Location"));
        (await _api.PostAsync(Path, _desk.Token, _desk.Body("last"))).Is(HttpStatusCode.Accepted);
        Assert.Equal(["once", "last"], (await LoggedAsync(2)).Select(Text));
    }

    [Fact]
    public async Task A_retry_of_a_message_that_the_store_does_not_have_yet_appends_it_again_under_its_id()
    {
        var first = (await _api.PostAsync(Path, _desk.Token, _desk.Body(), "key-2")).Is(HttpStatusCode.Accepted);
        (await _api.PostAsync(Path, _desk.Token, _desk.Body(), "key-2")).Is(HttpStatusCode.Accepted);

        var id = first.Json.GetProperty("messageId").GetGuid();
        Assert.All(await LoggedAsync(2), e => Assert.Equal(id, MessageEventJson.TryRead(e.Value.Span, out _)!.MessageId));
    }

    [Fact]
    public async Task Another_body_under_a_used_idempotency_key_is_422()
    {
        (await _api.PostAsync(Path, _desk.Token, _desk.Body("one"), "key-3")).Is(HttpStatusCode.Accepted);

        (await _api.PostAsync(Path, _desk.Token, _desk.Body("two"), "key-3"))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "Idempotency-Key");
    }

    [Fact]
    public async Task Another_user_may_use_the_same_idempotency_key()
    {
        var colleague = new Desk { Conversation = _desk.Conversation, Organization = _desk.Organization };

        var one = (await _api.PostAsync(Path, _desk.Token, _desk.Body("one"), "key-4")).Is(HttpStatusCode.Accepted);
        var two = (await _api.PostAsync(Path, colleague.Token, colleague.Body("two"), "key-4")).Is(HttpStatusCode.Accepted);

        Assert.NotEqual(one.Json.GetProperty("messageId").GetGuid(), two.Json.GetProperty("messageId").GetGuid());
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData(256)]
    public async Task An_idempotency_key_that_is_none_is_400(object key)
    {
        var text = key as string ?? new string('k', (int)key);

        (await _api.PostAsync(Path, _desk.Token, _desk.Body(), text)).IsProblem(HttpStatusCode.BadRequest, "Idempotency-Key");
    }

    [Fact]
    public async Task Another_method_is_405_with_problem_details() =>
        (await _api.SendAsync(HttpMethod.Put, Path, _desk.Token, Json("{}"))).IsProblem(HttpStatusCode.MethodNotAllowed);

    [Fact]
    public async Task An_address_that_is_none_is_404_with_problem_details() =>
        (await _api.GetAsync("/v1/nothing", _desk.Token)).IsProblem(HttpStatusCode.NotFound);

    private Task<IReadOnlyList<LogEvent>> LoggedAsync(int count) =>
        _api.ReadAsync(Topics.Messages, e => e.Key == MessageIds.Format(_desk.Conversation), count);

    private static string Text(LogEvent logged)
    {
        using var content = System.Text.Json.JsonDocument.Parse(MessageEventJson.TryRead(logged.Value.Span, out _)!.Content);
        return content.RootElement.GetProperty("texto").GetString()!;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
