using System.Net;
using System.Text;
using System.Text.Json;
using Chat.Core.Log;
using Chat.Tests.Graph;

namespace Chat.Tests.Api.Operations;

public sealed class DeadLetterOperationsTests : IAsyncLifetime
{
    private const string Text = "segredo-do-cliente-7c1e";
    private const string Number = "5511987650321";
    private const string List = "/v1/operations/dead-letters";

    private ApiHost _api = null!;
    private long _offset = 7;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task One_is_listed_looked_at_and_put_back_once_with_who_did_it()
    {
        var (message, conversation) = (Guid.NewGuid(), Guid.NewGuid());
        await PutAsideAsync("msg.status", $$"""{"message_id":"{{message}}","status":"READ"}""", "organizacao_id: wrong", $"{conversation}");

        var listed = Assert.Single(Items(await ListAsync()));
        Assert.Equal(
            ("msg.status", $"{conversation}", "organizacao_id: wrong", JsonValueKind.Null),
            (listed.Text("topic"), listed.Text("key"), listed.Text("reason"), listed.GetProperty("putBack").ValueKind));
        var detail = (await _api.GetAsync(PathOf(listed), Operator.Token)).Is(HttpStatusCode.OK).Json;
        Assert.Contains($"\"message_id\": \"{message}\"", detail.Text("event"), StringComparison.Ordinal);

        var back = (await PutBackAsync(listed)).Is(HttpStatusCode.OK).Json;
        Assert.Equal($"{Operator.User}", back.GetProperty("putBack").Text("by"));
        (await PutBackAsync(listed)).IsProblem(HttpStatusCode.Conflict);
        (await PutBackAsync(listed)).IsProblem(HttpStatusCode.Conflict);

        var again = Assert.Single(await _api.ReadAsync("msg.status", _ => true, 1));
        Assert.Equal(($"{conversation}", "1"), (again.Key, again.Header(HeaderNames.PutBack)));
        var record = Assert.Single(Items(await ListAsync())).GetProperty("putBack");
        Assert.Equal($"{Operator.User}", record.Text("by"));
        Assert.Single(_api.Logs.Lines, l => l.Contains(
            $"Operator {Operator.User} put the dead letter {listed.Text("location")} back into msg.status", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Put_back_by_many_at_once_it_goes_back_once()
    {
        await PutAsideAsync("messages", "{}", "broken");
        var letter = Assert.Single(Items(await ListAsync()));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutBackAsync(letter)));

        Assert.Equal(
            [HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.Conflict, 7)], answers.Select(a => a.Status).Order());
        await PutAsideAsync("messages", "[]", "the last one");
        Assert.Single(await _api.ReadAsync("messages", _ => true, 1));
    }

    [Fact]
    public async Task A_copy_is_the_dead_letter_that_it_is_a_copy_of()
    {
        foreach (var _ in (int[])[1, 2]) await PutAsideAsync("messages", "{}", "broken", offset: 5);
        var first = Assert.Single(Items(await ListAsync()));
        var copy = first.GetProperty("offset").GetInt64() + 1;

        var path = $"{List}/messages/{first.GetProperty("partition")}/{copy}";
        var back = (await _api.SendAsync(HttpMethod.Post, $"{path}/put-back", Operator.Token, null)).Is(HttpStatusCode.OK).Json;

        Assert.Equal(first.Text("location"), back.Text("location"));
        (await PutBackAsync(first)).IsProblem(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task One_whose_event_is_gone_or_that_the_log_refuses_stays()
    {
        await _api.Log.AppendAsync(DeadLetters.PointerTo(new("messages", 0), 4711, "refused: too large"), Cancellation);
        var gone = Assert.Single(Items(await ListAsync()));
        Assert.Equal(("messages[0]:4711", false), (gone.Text("target"), gone.GetProperty("canGoBack").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, gone.GetProperty("bytes").ValueKind);

        Assert.Contains("no longer has", (await PutBackAsync(gone)).IsProblem(HttpStatusCode.Conflict).Body, StringComparison.Ordinal);
        await PutAsideAsync("msg.status", "{}", "large", headers: new EventHeader("large", new string('x', 1_048_588)));
        var large = Items(await ListAsync("?topic=msg.status"))[0];
        Assert.Contains("refuses", (await PutBackAsync(large)).IsProblem(HttpStatusCode.Conflict).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("messages/0/0")]
    [InlineData("messages/99/0")]
    [InlineData("messages/0/-1")]
    [InlineData("messages/0/99999999999999999999")]
    [InlineData("nowhere/0/0")]
    [InlineData("messages.dlq/0/0")]
    [InlineData("../0/0")]
    [InlineData("%1b[2J/x/y")]
    public async Task At_a_place_where_there_is_none_it_is_404(string place)
    {
        (await _api.GetAsync($"{List}/{place}", Operator.Token)).IsProblem(HttpStatusCode.NotFound);
        (await _api.SendAsync(HttpMethod.Post, $"{List}/{place}/put-back", Operator.Token, null)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Pages_have_each_one_once_the_newest_first_and_no_more_than_asked_for()
    {
        for (var i = 0; i < 25; i++) await PutAsideAsync(i % 2 == 0 ? "messages" : "msg.status", $"[{i}]", $"number {i}", $"key {i}");

        var (seen, times, next) = (new List<string>(), new List<string>(), "");
        do
        {
            var page = await ListAsync($"?limit=4{next}");
            Assert.InRange(page.GetProperty("items").GetArrayLength(), 1, 4);
            seen.AddRange(Items(page).Select(i => i.Text("location")!));
            times.AddRange(Items(page).Select(i => i.Text("at")!));
            next = page.Text("next") is { } cursor ? $"&after={Uri.EscapeDataString(cursor)}" : "";
        }
        while (next.Length > 0);

        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(25, seen.Count);
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
        Assert.Equal(12, Items(await ListAsync("?topic=msg.status")).Count);
    }

    [Fact]
    public async Task Only_the_newest_of_each_partition_are_listed_and_the_answer_says_so()
    {
        for (var i = 0; i < 201; i++) await PutAsideAsync("messages", $"[{i}]", $"number {i}", "one key");

        var page = await ListAsync("?limit=200");

        Assert.Equal((200, false), (page.GetProperty("items").GetArrayLength(), page.GetProperty("isWhole").GetBoolean()));
        Assert.DoesNotContain(Items(page), i => i.Text("reason") == "number 0");
        Assert.Null(page.Text("next"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("topic=messages.dlq", "topic")]
    [InlineData("topic=", "topic")]
    [InlineData("after=x", "after")]
    [InlineData("after=1~messages.dlq~0", "after")]
    [InlineData("after=1~messages.dlq~0~-5", "after")]
    public async Task A_parameter_that_makes_no_sense_is_named(string query, string field) =>
        (await _api.GetAsync($"{List}?{query}", Operator.Token)).IsProblem(HttpStatusCode.BadRequest, field);

    [Fact]
    public async Task Neither_the_list_nor_a_look_shows_what_a_person_wrote()
    {
        string[] values =
        [
            $$"""{"message_id":"{{Guid.NewGuid()}}","content":{"texto":"{{Text}}"},"recipient":"{{Number}}","type":"text"}""",
            $$"""{"status":"{{Text}}","channel":"{{Number}}","timestamp":"{{Text}}","{{Text}}":{{Number}},"joins":"{{Text}}"}""",
            $$"""{"recipient":{{Number}},"content":[["{{Text}}",{{Number}}]]}""", $"{Text} {Number}", $"\"{Text}\"", $"[\"{Text}\"]",
            $$"""{"content":"{{Text}}""",
        ];
        foreach (var value in values) await PutAsideAsync("messages", value, "not a message");

        var answers = new List<string> { (await _api.GetAsync(List, Operator.Token)).Body };
        foreach (var letter in Items(await ListAsync())) answers.Add((await _api.GetAsync(PathOf(letter), Operator.Token)).Body);

        Assert.Equal(values.Length + 1, answers.Count);
        Assert.All(answers, a =>
        {
            Assert.DoesNotContain(Text, a, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Number, a, StringComparison.Ordinal);
        });
        Assert.Contains(answers, a => a.Contains("(23 characters)", StringComparison.Ordinal));
    }

    private static List<JsonElement> Items(JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];

    private static string PathOf(JsonElement letter) =>
        $"{List}/{letter.Text("topic")}/{letter.GetProperty("partition")}/{letter.GetProperty("offset")}";

    // What was listed a moment ago is listed from memory: each test's own host is read anew once something was put back.
    private async Task<JsonElement> ListAsync(string query = "") =>
        (await _api.GetAsync($"{List}{query}", Operator.Token)).Is(HttpStatusCode.OK).Json;

    private Task<Answer> PutBackAsync(JsonElement letter) =>
        _api.SendAsync(HttpMethod.Post, $"{PathOf(letter)}/put-back", Operator.Token, content: null);

    private async Task PutAsideAsync(
        string topic, string value, string reason, string key = "the key", long? offset = null, params EventHeader[] headers) =>
        await _api.Log.AppendAsync(
            DeadLetters.From(
                new(topic, 0),
                new(offset ?? _offset++, key, Encoding.UTF8.GetBytes(value), DateTimeOffset.UnixEpoch, headers),
                reason),
            Cancellation);
}
