using System.Net;
using System.Text.Json.Nodes;
using Chat.Tests.Graph;

namespace Chat.Tests.Telemetry;

/// <summary>A real Prometheus with the rules that are deployed, on a real scrape.</summary>
public sealed class AlertTests(StandaloneProcess standalone) : IClassFixture<StandaloneProcess>
{
    private const string DeadLetters = "ChatDeadLetters";

    [Fact]
    public async Task A_dead_letter_fires_its_alert()
    {
        await using var prometheus = await PrometheusServer.StartAsync(standalone.Apis[0]);
        using var user = new TestUser(standalone);
        var conversation = Guid.NewGuid();
        await using var socket = await user.OpenAsync();
        await socket.SubscribeAsync(conversation);
        var message = await user.PostAsync(conversation);
        await socket.ExpectAsync("message.status");
        await Until.TrueAsync(async () => await prometheus.CountAsync("chat_hub_deliveries_total > 0") == 1, "the tick was scraped");
        Assert.DoesNotContain(DeadLetters, await prometheus.FiringAsync());

        var stranger = new JsonObject
        {
            ["message_id"] = message.ToString("D"),
            ["channel"] = "whatsapp",
            ["status"] = "READ",
            ["conversation_id"] = conversation.ToString("D"),
            ["organizacao_id"] = Guid.NewGuid().ToString("D"),
        };
        using (var response = await user.SendAsync(HttpMethod.Post, "/v1/callbacks/status", stranger, bearer: standalone.CallbackKey))
        {
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }

        // On a slow machine others may fire beside it, such as that of late statuses.
        await Until.TrueAsync(async () => (await prometheus.FiringAsync()).Contains(DeadLetters), "the alert fires");
    }
}
