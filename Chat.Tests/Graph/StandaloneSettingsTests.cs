using System.Net;
using System.Text.Json;

namespace Chat.Tests.Graph;

/// <summary>The simulated channels as they can be configured, seen by a client.</summary>
public sealed class StandaloneSettingsTests : IDisposable
{
    private readonly StandaloneProcess _standalone = new();

    public void Dispose() => _standalone.Dispose();

    [Fact]
    public async Task A_message_that_fails_says_why()
    {
        _standalone.Set("Connectors__Channels__WhatsApp__FailureShare", "1");
        _standalone.Set("Connectors__Channels__WhatsApp__FailureReasons__0", "número inexistente");
        var (message, frames) = await PostAsync("whatsapp", events: 2);

        Assert.Equal("FAILED", frames[^1].Text("status"));
        Assert.Equal("número inexistente", frames[^1].Text("reason"));
        Assert.Equal("FAILED", message.Text("status"));
        Assert.Equal("número inexistente", message.Text("reason"));
    }

    [Fact]
    public async Task Instagram_can_be_as_in_real_life_and_report_no_DELIVERED()
    {
        _standalone.Set("Connectors__Channels__Instagram__ReportsDelivered", "false");
        var (message, frames) = await PostAsync("instagram", events: 2);

        Assert.DoesNotContain(frames, f => f.Text("status") == "DELIVERED");
        Assert.Equal("READ", message.Text("status"));
        Assert.Equal(JsonValueKind.Null, message.GetProperty("facts").GetProperty("delivered").ValueKind);
        using var user = new TestUser(_standalone);
        var channels = (await user.GetAsync("/v1/channels")).GetProperty("items").EnumerateArray();
        Assert.DoesNotContain(
            "DELIVERED",
            channels.Single(c => c.Text("name") == "instagram").GetProperty("reports").EnumerateArray().Select(r => r.GetString()));
    }

    private async Task<(JsonElement Message, IReadOnlyList<JsonElement> Frames)> PostAsync(string channel, int events)
    {
        await _standalone.StartAsync();
        using var user = new TestUser(_standalone);
        await using var socket = await user.OpenAsync();
        var conversation = Guid.NewGuid();
        await socket.SubscribeAsync(conversation);
        var body = user.Body(conversation);
        body["canal"] = channel;
        using var response = await user.SendAsync(HttpMethod.Post, "/v1/messages", body);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var frames = new List<JsonElement>();
        while (frames.Count < events) frames.Add(await socket.ExpectAsync("message.status"));
        return (await user.GetAsync($"/v1/messages/{(await Json.ReadAsync(response)).Id("messageId"):D}"), frames);
    }
}
