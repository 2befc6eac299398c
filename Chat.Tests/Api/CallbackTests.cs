using System.Net;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Statuses;

namespace Chat.Tests.Api;

/// <summary><c>POST /v1/callbacks/status</c> over real HTTP.</summary>
public sealed class CallbackTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Path = "/v1/callbacks/status";

    private readonly ApiHost _api = fixture.Host;
    private readonly Guid _message = new IdSource(TimeProvider.System).Next();
    private readonly Guid _conversation = Guid.NewGuid();

    [Fact]
    public async Task A_status_is_answered_202_once_it_is_in_the_log_under_its_conversation()
    {
        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("SENT", $",\"conversation_id\":\"{_conversation}\"")))
            .Is(HttpStatusCode.Accepted);

        var logged = Assert.Single(await LoggedAsync(1));
        Assert.Equal(MessageIds.Format(_conversation), logged.Key);
        Assert.Equal(StatusKind.Sent, StatusEventJson.TryRead(logged.Value.Span, out _)!.Status);
    }

    [Fact]
    public async Task An_array_of_statuses_keeps_its_order()
    {
        var more = $",\"conversationId\":\"{_conversation}\"";

        var answer = await _api.PostAsync(
            Path, ApiHost.CallbackKey, $"[{Status("SENT", more)},{Status("DELIVERED", more)},{Status("READ", more)}]");

        Assert.Equal(3, answer.Is(HttpStatusCode.Accepted).Json.GetProperty("accepted").GetInt32());
        Assert.Equal(
            [StatusKind.Sent, StatusKind.Delivered, StatusKind.Read],
            (await LoggedAsync(3)).Select(e => StatusEventJson.TryRead(e.Value.Span, out _)!.Status));
    }

    [Fact]
    public async Task A_status_without_its_conversation_goes_under_the_one_of_its_message()
    {
        await _api.Store.Messages.AddMessagesAsync(
            [
                new(_message, _conversation, Guid.NewGuid(), Guid.NewGuid(), "whatsapp", "outbound", "text", "{}", null,
                    MessageIds.CreatedAt(_message)!.Value),
            ],
            TestContext.Current.CancellationToken);

        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("SENT"))).Is(HttpStatusCode.Accepted);

        var logged = Assert.Single(await LoggedAsync(1));
        Assert.Equal(MessageIds.Format(_conversation), logged.Key);
        Assert.Equal(_conversation, StatusEventJson.TryRead(logged.Value.Span, out _)!.ConversationId);
    }

    [Fact]
    public async Task A_status_by_the_providers_id_goes_to_the_message_that_it_stands_for()
    {
        var provider = $"wamid.{_message:N}";
        await _api.Store.ProviderIds.AddProviderIdAsync(
            new("whatsapp", provider), new(_conversation, _message), TestContext.Current.CancellationToken);

        (await _api.PostAsync(
            Path, ApiHost.CallbackKey, $$"""{"provider_message_id":"{{provider}}","channel":"whatsapp","status":"SENT"}"""))
            .Is(HttpStatusCode.Accepted);

        Assert.Equal(MessageIds.Format(_conversation), Assert.Single(await LoggedAsync(1)).Key);
    }

    [Fact]
    public async Task A_status_of_a_message_that_nobody_knows_is_kept_under_the_messages_id()
    {
        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("SENT"))).Is(HttpStatusCode.Accepted);

        Assert.Equal(MessageIds.Format(_message), Assert.Single(await LoggedAsync(1)).Key);
    }

    [Fact]
    public async Task Only_the_router_says_that_a_message_is_there() =>
        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("ACCEPTED"))).IsProblem(HttpStatusCode.BadRequest, "status");

    [Theory]
    [InlineData(null)]
    [InlineData("the key of whatsapp's connector, for the testt")]
    [InlineData("the key of whatsapp's connector, for the tests-")]
    [InlineData("")]
    public async Task Without_the_connectors_key_it_is_401(string? key)
    {
        var answer = (await _api.PostAsync(Path, string.IsNullOrEmpty(key) ? null : key, Status("SENT")))
            .IsProblem(HttpStatusCode.Unauthorized);

        Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_states_facts_of_its_own_channel_alone()
    {
        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("SENT").Replace("whatsapp", "instagram", StringComparison.Ordinal)))
            .IsProblem(HttpStatusCode.BadRequest, "channel");
        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("SENT", ",\"authenticated\":false"))).Is(HttpStatusCode.Accepted);

        var logged = StatusEventJson.TryRead(Assert.Single(await LoggedAsync(1)).Value.Span, out _)!;
        Assert.Equal(("whatsapp", true), (logged.Channel!, logged.Authenticated));
    }

    [Fact]
    public async Task A_channel_has_several_keys_while_one_replaces_the_other()
    {
        var (old, fresh) = (new string('o', 32), new string('f', 32));
        await using var api = await ApiHost.StartAsync(new()
        {
            ["Callbacks:Keys:whatsapp"] = null,
            ["Callbacks:Keys:whatsapp:0"] = fresh,
            ["Callbacks:Keys:whatsapp:1"] = old,
        });

        (await api.PostAsync(Path, old, Status("SENT"))).Is(HttpStatusCode.Accepted);
        (await api.PostAsync(Path, fresh, Status("SENT"))).Is(HttpStatusCode.Accepted);
        (await api.PostAsync(Path, ApiHost.CallbackKey, Status("SENT"))).IsProblem(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_users_token_is_no_connectors_key() =>
        (await _api.PostAsync(Path, new Desk().Token, Status("SENT"))).IsProblem(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task The_connectors_key_is_no_users_token() =>
        (await _api.GetAsync("/v1/channels", ApiHost.CallbackKey)).IsProblem(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task A_status_that_nobody_knows_is_named_and_the_others_of_its_array_are_taken()
    {
        var answer = (await _api.PostAsync(Path, ApiHost.CallbackKey, $"[{Status("SENT")},{Status("SEEN")},5]"))
            .Is(HttpStatusCode.Accepted);

        Assert.Equal(1, answer.Json.GetProperty("accepted").GetInt32());
        Assert.Equal(
            [(1, "status"), (2, "$")],
            answer.Json.GetProperty("rejected").EnumerateArray()
                .Select(r => (r.GetProperty("index").GetInt32(), r.GetProperty("field").GetString()!)));
        Assert.All(answer.Json.GetProperty("rejected").EnumerateArray(), r => Assert.NotEmpty(r.GetProperty("error").GetString()!));
        Assert.Equal(StatusKind.Sent, StatusEventJson.TryRead((await LoggedAsync(1))[0].Value.Span, out _)!.Status);
    }

    [Fact]
    public async Task Where_none_of_an_array_can_be_used_it_is_400() =>
        (await _api.PostAsync(Path, ApiHost.CallbackKey, $"[5,{Status("SEEN")}]"))
            .IsProblem(HttpStatusCode.BadRequest, "[0]")
            .IsProblem(HttpStatusCode.BadRequest, "[1].status");

    [Fact]
    public async Task A_body_full_of_what_JSON_may_escape_is_small_in_the_log()
    {
        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("FAILED", $",\"reason\":\"{new string('<', 166_000)}\"")))
            .Is(HttpStatusCode.Accepted);

        var logged = Assert.Single(await LoggedAsync(1));
        Assert.InRange(logged.Value.Length, 1024, 2048);
        Assert.EndsWith("<…", StatusEventJson.TryRead(logged.Value.Span, out _)!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_providers_id_longer_than_a_key_may_be_is_400_and_reaches_no_store() =>
        (await _api.PostAsync(Path, ApiHost.CallbackKey, $$"""{"provider_message_id":"{{new string('x', 70_000)}}","status":"SENT"}"""))
            .IsProblem(HttpStatusCode.BadRequest, "provider_message_id");

    [Fact]
    public async Task A_body_above_256_kib_is_413() =>
        (await _api.PostAsync(Path, ApiHost.CallbackKey, Status("SENT", $",\"x\":\"{new string('x', 256 * 1024)}\"")))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge);

    [Fact]
    public async Task A_key_is_made_at_the_first_start_and_kept()
    {
        var folder = ApiHost.NewFolder();
        try
        {
            string key;
            await using (await ApiHost.StartAsync(new() { ["Callbacks:Keys:whatsapp"] = null }, folder: folder))
            {
                key = await File.ReadAllTextAsync(
                    System.IO.Path.Combine(folder, "callbacks.whatsapp.key"), TestContext.Current.CancellationToken);
            }
            await using var again = await ApiHost.StartAsync(new() { ["Callbacks:Keys:whatsapp"] = null }, folder: folder);
            (await again.PostAsync(Path, key, Status("SENT"))).Is(HttpStatusCode.Accepted);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Status(string status, string more = "") =>
        $$"""{"message_id":"{{_message}}","channel":"whatsapp","status":"{{status}}"{{more}}}""";

    private Task<IReadOnlyList<LogEvent>> LoggedAsync(int count) =>
        _api.ReadAsync(Topics.Status, e => StatusEventJson.TryRead(e.Value.Span, out _)?.MessageId == _message, count);
}
