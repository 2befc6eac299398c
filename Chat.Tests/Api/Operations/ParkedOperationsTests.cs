using System.Net;
using System.Text;
using System.Text.Json;
using Chat.Api.Operations.Parked;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Tests.Compliance.Store;
using Chat.Tests.Graph;

namespace Chat.Tests.Api.Operations;

public sealed class ParkedOperationsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 7, 0, 0, TimeSpan.Zero);

    private ApiHost _api = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Pages_have_each_parked_status_once_the_one_that_has_waited_longest_first()
    {
        var parked = Enumerable.Range(0, 7).Select(i => Parked($"whatsapp:wamid.{i} ü", i, At.AddSeconds(i / 2))).ToList();
        await _api.Store.Parked.ParkAsync(parked, Cancellation);

        var (seen, next) = (new List<string>(), "");
        do
        {
            var page = (await _api.GetAsync($"/v1/operations/parked?limit=3{next}", Operator.Token)).Is(HttpStatusCode.OK).Json;
            foreach (var item in page.GetProperty("items").EnumerateArray())
                seen.Add($"{item.Text("subject")} {item.Text("status")} {item.Text("channel")}");
            next = page.Text("next") is { } cursor ? $"&after={cursor}" : "";
        }
        while (next.Length > 0);

        Assert.Equal(parked.Select(p => $"{p.Subject} READ whatsapp"), seen);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("after=x", "after")]
    [InlineData("after=!!", "after")]
    [InlineData("after=_____w", "after")]
    [InlineData("after=OTk5OTk5OTk5OTk5OTk5OTk5IDEgYQ", "after")]
    public async Task A_parameter_that_makes_no_sense_is_named(string query, string field) =>
        (await _api.GetAsync($"/v1/operations/parked?{query}", Operator.Token)).IsProblem(HttpStatusCode.BadRequest, field);

    [Fact]
    public void A_cursor_when_read_is_the_place_that_it_was_made_of()
    {
        foreach (var place in new[] { new ParkedPlace(At, "a b ~ \u001b ü", long.MinValue), new ParkedPlace(At, "", 5) })
            Assert.Equal(place, ListParked.Parse(ListParked.Format(place)));
    }

    [Fact]
    public async Task A_messages_way_is_shown_whosever_it_is_and_not_what_it_says()
    {
        var (conversation, organization) = (Guid.NewGuid(), Guid.NewGuid());
        var message = new Message(
            Guid.CreateVersion7(At), conversation, organization, Guid.NewGuid(), "whatsapp", "outbound", "text",
            """{"texto":"segredo"}""", "5511987650321", At);
        var key = new MessageKey(conversation, message.MessageId);
        await _api.Store.Conversations.ClaimConversationAsync(new(conversation, organization, At), Cancellation);
        await _api.Store.Messages.AddMessagesAsync([message], Cancellation);
        await _api.Store.Statuses.RecordStatusesAsync(
            [
                new(key, StatusKind.Sent, new(At.AddSeconds(1), null, 5), "whatsapp", At.AddSeconds(1), At.AddSeconds(1), null),
                new(key, StatusKind.Failed, new(At.AddSeconds(2), "no such number", 6), "whatsapp", null, At.AddSeconds(2), null),
            ],
            Cancellation);

        var answer = (await _api.GetAsync($"/v1/operations/messages/{message.MessageId}", Operator.Token)).Is(HttpStatusCode.OK);

        Assert.Equal(
            (conversation, organization, "FAILED", "no such number"),
            (answer.Json.Id("conversationId"), answer.Json.Id("organizationId"), answer.Json.Text("status"), answer.Json.Text("reason")));
        Assert.Equal(["SENT", "FAILED"], answer.Json.GetProperty("timeline").EnumerateArray().Select(e => e.Text("status")));
        Assert.DoesNotContain("segredo", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("5511987650321", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_only_statuses_know_shows_those_that_wait_for_it()
    {
        var message = Guid.CreateVersion7();
        await _api.Store.Parked.ParkAsync([Parked(ParkedStatuses.SubjectOf(message), SequenceNumber.InPartition(2, 42), At)], Cancellation);

        var known = (await _api.GetAsync($"/v1/operations/messages/{message}", Operator.Token)).Is(HttpStatusCode.OK).Json;

        Assert.Equal(JsonValueKind.Null, known.GetProperty("conversationId").ValueKind);
        Assert.Equal(42, Assert.Single(known.GetProperty("parked").EnumerateArray()).Seq());
        (await _api.GetAsync($"/v1/operations/messages/{Guid.CreateVersion7()}", Operator.Token)).IsProblem(HttpStatusCode.NotFound);
        (await _api.GetAsync("/v1/operations/messages/x", Operator.Token)).IsProblem(HttpStatusCode.BadRequest, "id");
    }

    private static ParkedStatus Parked(string subject, long seq, DateTimeOffset at) => new(
        subject, seq, Encoding.UTF8.GetBytes("""{"provider_message_id":"wamid","channel":"whatsapp","status":"READ"}"""), at);
}
