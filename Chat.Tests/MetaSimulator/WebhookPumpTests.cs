using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Webhooks;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.MetaSimulator;

/// <summary>Nothing that is asked of the simulator, and no app that does not answer, ends the webhooks of others.</summary>
public sealed class WebhookPumpTests : IAsyncLifetime
{
    private const string Chat = $"chats/whatsapp/{SimulatorRig.Number}";

    private readonly CapturedLogs _logs = new();
    private SimulatorRig _rig = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _rig = await SimulatorRig.StartAsync(logs: _logs);

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        _logs.Dispose();
    }

    [Theory]
    [InlineData("""{"callbackUrl":"http://127.0.0.1:1/hook"}""")]
    [InlineData("""{"secret":"","callbackUrl":"http://127.0.0.1:1/hook"}""")]
    [InlineData("""{"secret":"s","callbackUrl":"/hook"}""")]
    [InlineData("""{"secret":"s","callbackUrl":"ftp://127.0.0.1:1/hook"}""")]
    public async Task An_app_without_a_secret_or_with_a_callback_that_is_no_address_is_refused(string json)
    {
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(HttpMethod.Put, "/simulator/apps/tests", json));
        await WriteAndReceiveAsync();
    }

    [Fact]
    public async Task Without_a_callback_what_would_come_again_is_dropped_and_with_one_webhooks_go_on()
    {
        _rig.Receiver.Answer = _ => HttpStatusCode.InternalServerError;
        await _rig.PhoneAsync($"{Chat}/messages", new { text = "Oi" });
        await Until.TrueAsync(() => _rig.Receiver.All.Count > 0, "it was refused once");
        await Until.TrueAsync(() => _logs.Records.Any(r => r.Message.Contains("answered 500", StringComparison.Ordinal)), "it is said");

        await _rig.ControlAsync(HttpMethod.Put, "apps/tests", new { secret = WebhookReceiver.Secret });
        await _rig.ToldAsync();

        await _rig.ControlAsync(
            HttpMethod.Put, "apps/tests", new { secret = WebhookReceiver.Secret, callbackUrl = _rig.Receiver.Address });
        _rig.Receiver.Answer = _ => HttpStatusCode.OK;
        await WriteAndReceiveAsync();
    }

    [Fact]
    public async Task An_app_that_does_not_answer_keeps_no_other_app_waiting()
    {
        await using var slow = await WebhookReceiver.StartAsync();
        using var gate = new ManualResetEventSlim();
        slow.Answer = _ =>
        {
            // For longer than anybody waits for the other app's update: only the end of the test opens it.
            gate.Wait(Cancellation);
            return HttpStatusCode.OK;
        };
        try
        {
            await _rig.ControlAsync(HttpMethod.Put, "apps/slow", new { secret = WebhookReceiver.Secret, callbackUrl = slow.Address });
            await _rig.ControlAsync(HttpMethod.Put, "accounts/whatsapp/701", new { app = "slow", displayName = "+55 11 3000-0002" });
            await _rig.PhoneAsync("chats/whatsapp/701/messages", new { text = "1" });
            await Until.TrueAsync(() => slow.All.Count == 1, "a POST is under way");
            await _rig.PhoneAsync("chats/whatsapp/701/messages", new { text = "2" });

            await WriteAndReceiveAsync();
            Assert.Single(slow.All);
        }
        finally
        {
            gate.Set();
        }
        await _rig.ToldAsync();
        Assert.Equal(2, slow.Items("messages").Count);
    }

    [Theory]
    [InlineData("""{"channel":"whatsapp","accountId":"700800900","field":"account_update"}""")]
    [InlineData("""{"channel":"whatsapp","accountId":"700800900","item":{"a":1}}""")]
    [InlineData("""{"channel":"whatsapp","accountId":"700800900","field":"messages","list":"messages","item":{"a":"\ud800"}}""")]
    [InlineData("""{"channel":"whatsapp","accountId":"700800900","field":"messages","list":"messages","item":{"b":{"a":1,"a":2}}}""")]
    [InlineData("""{"channel":"whatsapp","accountId":"700800900","field":"messages","list":"messages","item":{},"contact":{"\ud800":1}}""")]
    [InlineData("""{"channel":"instagram","accountId":"17841400000000001","item":{"a":1}}""")]
    public async Task An_update_that_can_not_be_written_is_refused_and_webhooks_go_on(string json)
    {
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(HttpMethod.Post, "/simulator/updates", json));
        await WriteAndReceiveAsync();
    }

    [Theory]
    [InlineData("jitterMilliseconds")]
    [InlineData("stepMilliseconds")]
    [InlineData("answerMilliseconds")]
    public async Task A_time_that_nobody_waits_for_is_refused_and_webhooks_go_on(string name)
    {
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(HttpMethod.Put, "/simulator/faults", $$"""{"{{name}}":2147483647}"""));
        await WriteAndReceiveAsync();
    }

    [Fact]
    public async Task What_can_not_be_written_all_the_same_is_dropped_and_webhooks_go_on()
    {
        var item = (JsonObject)JsonNode.Parse("""{"a":"\ud800"}""")!;
        _rig.Simulator.Simulator.Do((world, now) =>
            world.Updates.Add(new Update(world.FindAccount("whatsapp", SimulatorRig.Number)!, "messages", "messages", item, null, now)));
        await _rig.ToldAsync();

        await WriteAndReceiveAsync();
        Assert.Contains(_logs.Records, r => r.Level == LogLevel.Error && r.Message.StartsWith("1 updates can't", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_can_not_be_written_takes_no_other_update_of_its_POST_with_it()
    {
        string[] bodies = ["""{"n":1}""", """{"a":"\ud800"}""", """{"n":2}""", """{"b":{"a":1,"a":2}}""", """{"n":3}"""];
        _rig.Simulator.Simulator.Do((world, now) =>
        {
            var account = world.FindAccount("whatsapp", SimulatorRig.Number)!;
            foreach (var body in bodies)
                world.Updates.Add(new Update(account, "messages", "messages", (JsonObject)JsonNode.Parse(body)!, null, now));
        });
        await _rig.ToldAsync();

        Assert.Single(_rig.Receiver.All);
        Assert.Equal([1, 2, 3], _rig.Receiver.Items("messages").Select(m => m.GetProperty("n").GetInt32()));
        Assert.Equal(2, _logs.Records.Count(r => r.Message.StartsWith("1 updates can't", StringComparison.Ordinal)));
    }

    private async Task WriteAndReceiveAsync()
    {
        var text = $"Oi {Guid.NewGuid():N}";
        await _rig.PhoneAsync($"{Chat}/messages", new { text });
        await Until.TrueAsync(
            () => _rig.Receiver.Items("messages").Any(m =>
                m.TryGetProperty("text", out var body) && body.GetProperty("body").GetString() == text),
            "the webhook came");
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string json)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        using var response = await _rig.RawAsync(request);
        return response.StatusCode;
    }
}
