using System.Net;
using Chat.Connectors;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Telemetry;

/// <summary>What a message costs in log records, and what they say of it.</summary>
public sealed class PipelineLogTests(ITestOutputHelper output)
{
    private const int Messages = 20;

    // The lines that the first version told its users to look for.
    private static readonly string[] Seeds = ["Status recebido", "[WHATSAPP] ->", "[INSTAGRAM] ->", "[CALLBACK]", "WebSocket"];

    [Fact]
    public async Task A_message_is_two_records_at_most_besides_the_seed_s_and_each_says_whose_it_is()
    {
        var desk = new Desk();
        var ids = new List<Guid>();
        var api = await ApiHost.StartAsync(
            new()
            {
                ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
                ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
            },
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.AddStatusWorker();
                builder.AddConnectors();
            });
        await using (api)
        {
            await PostAsync(api, desk); // what the first of all costs is not a message's
            api.Logs.Records.Clear();
            // One after the other: each is a batch of its own, which is when a message costs the most.
            for (var i = 0; i < Messages; i++) ids.Add(await PostAsync(api, desk));
        }

        var records = api.Logs.Records.Where(r => r.Level >= LogLevel.Information).ToList();
        foreach (var group in records.GroupBy(r => (r.Category, r.Event.Id)).OrderByDescending(g => g.Count()))
            output.WriteLine($"{group.Count(),4} {group.Key.Category} {group.Key.Id}: {group.First().Message}");
        var others = records.Where(r => !Seeds.Any(s => r.Message.Contains(s, StringComparison.Ordinal))).ToList();
        Assert.InRange(others.Count, 1, 2 * Messages);
        foreach (var id in ids)
        {
            var own = records.Where(r => IsOf(r, id)).ToList();
            Assert.Single(own, r => r.Message.StartsWith("[WHATSAPP] ->", StringComparison.Ordinal));
            Assert.Equal(3, own.Count(IsReceived));
            Assert.All(own, r => Assert.Equal(
                (desk.Conversation, desk.Organization), (r.Scopes["ConversationId"], r.Scopes["OrganizationId"])));
        }
    }

    private static bool IsOf(CapturedRecord record, Guid id) =>
        record.Scopes.GetValueOrDefault("MessageId") is Guid message && message == id;

    private static bool IsReceived(CapturedRecord record) => record.Message.StartsWith("Status recebido", StringComparison.Ordinal);

    private static async Task<Guid> PostAsync(ApiHost api, Desk desk)
    {
        var posted = await api.PostAsync("/v1/messages", desk.Token, desk.Body());
        var id = posted.Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").GetGuid();
        await Until.TrueAsync(
            async () => (await api.GetAsync($"/v1/messages/{id}", desk.Token)).Body.Contains("\"READ\"", StringComparison.Ordinal),
            "the message is read");
        // The store has it before the log does.
        await Until.TrueAsync(() => api.Logs.Records.Count(r => IsOf(r, id) && IsReceived(r)) == 3, "its statuses are logged");
        return id;
    }
}
