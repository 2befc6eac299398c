using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Chat.Connectors;
using Chat.Core.Log;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;

namespace Chat.Tests.Telemetry;

/// <summary>
/// Outside Development, at the most talkative level, through the whole program in one process: no token, key, text or number of anybody's
/// is in a log line, a span or a metric's label.
/// </summary>
[Collection(SpanListening.Name)]
public sealed class NothingPrivateTests : IDisposable
{
    private const string Text = "segredo-do-cliente-7c1e";
    private const string Number = "5511987650321";
    private const string VerifyToken = "prova-da-assinatura-93ab";
    private const string WrongKey = "a key that opens nothing at all, 4f0b";

    private readonly Desk _desk = new();
    private readonly string _token;
    private readonly ConcurrentQueue<string> _spans = new();
    private readonly ConcurrentQueue<string> _labels = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();

    public NothingPrivateTests()
    {
        _token = _desk.Token;
        _activities = new()
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _spans.Enqueue(
                $"{span.DisplayName} {span.StatusDescription} {Of(span.TagObjects)} {Of(span.Baggage)} "
                + string.Join(' ', span.Events.Select(e => $"{e.Name} {Of(e.Tags)}"))),
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        _meters.Start();
    }

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task No_log_no_span_and_no_label_holds_what_is_private()
    {
        var api = await ApiHost.StartAsync(
            new()
            {
                ["Logging:LogLevel:Default"] = "Trace",
                ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
                ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Trace",
                ["Accounts:Apps:whatsapp:default:VerifyTokens:0"] = VerifyToken,
                ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
                ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
                ["Connectors:Channels:instagram:FailureShare"] = "1",
                ["Connectors:Channels:instagram:DeliveredAfter"] = "00:00:00",
            },
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.AddStatusWorker();
                builder.AddConnectors();
            });
        string metrics;
        await using (api)
        {
            await StreamAndReadAsync(api);
            await FailOverHttpAsync(api);
            await FailFromTopicsAsync(api);
            metrics = (await api.GetAsync("/metrics")).Is(HttpStatusCode.OK).Body;
        }

        // That much happened, and was told.
        Assert.Contains(api.Logs.Lines, l => l.Contains("[WHATSAPP] ->", StringComparison.Ordinal));
        Assert.Contains(api.Logs.Lines, l => l.Contains("Request starting", StringComparison.Ordinal));
        Assert.Contains(_spans, s => s.StartsWith("process msg.status", StringComparison.Ordinal));
        Assert.Contains(_labels, l => l.StartsWith("chat.", StringComparison.Ordinal));
        AssertNothing("log", api.Logs.Lines);
        AssertNothing("span", _spans);
        AssertNothing("label", _labels);
        AssertNothing("/metrics", metrics.Split('\n'));
    }

    private async Task StreamAndReadAsync(ApiHost api)
    {
        var address = api.Client.BaseAddress!;
        await using var byHeader = await TestSocket.OpenAsync(address, _token, inHeader: true);
        await using var byQuery = await TestSocket.OpenAsync(address, _token);
        await byQuery.ExpectAsync("connected");
        await byQuery.SubscribeAsync(_desk.Conversation);
        await byQuery.SendAsync(new { type = "auth", token = _token });
        await byQuery.SendAsync(new { type = "auth", token = _token + "x" });
        await byQuery.SendTextAsync($$"""{"type":"{{Text}}","token":"{{_token}}","{{Text}}":"{{Number}}"}""");
        await byQuery.SendTextAsync($"{Text} {Number} {_token}");
        foreach (var channel in new[] { "whatsapp", "instagram" })
        {
            var body = _desk.Body($"{Text} a {Number}", $",\"destinatario\":\"{Number}\",\"canal\":\"{channel}\"");
            var posted = await api.PostAsync("/v1/messages", _token, body, idempotencyKey: $"{channel}-1");
            var id = posted.Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").GetGuid();
            await Until.TrueAsync(
                async () => (await api.GetAsync($"/v1/messages/{id}", _token)).Body.Contains(
                    channel == "whatsapp" ? "\"READ\"" : "\"FAILED\"", StringComparison.Ordinal),
                $"the message through {channel} has its status");
            await api.PostAsync("/v1/callbacks/status", ApiHost.CallbackKey, $$"""
                [{"message_id":"{{id}}","channel":"whatsapp","status":"DELIVERED","reason":"to {{Number}}: {{Text}}"},
                 {"message_id":"{{id}}","channel":"whatsapp","status":"{{Text}}"}, "{{Text}}"]
                """);
            (await api.GetAsync($"/v1/messages/{id}/timeline", _token)).Is(HttpStatusCode.OK);
            (await api.GetAsync($"/v1/messages/{id}", new Desk().Token)).Is(HttpStatusCode.NotFound);
        }
        (await api.GetAsync($"/v1/conversations/{_desk.Conversation}/messages", _token)).Is(HttpStatusCode.OK);
    }

    private async Task FailOverHttpAsync(ApiHost api)
    {
        string[] bodies =
        [
            $"{Text} {Number}", $"{{\"{Text}\":{{\"{Number}\":", $"\"{Text}\"", $"[\"{Text}\",\"{Number}\"]",
            _desk.Body(Text, $",\"destinatario\":[\"{Number}\"]"), _desk.Body(Text, $",\"canal\":\"{Text}\""),
            _desk.Body(Text, $",\"tipo\":\"{Number}\""), _desk.Body($"{Text}\\ud800"), _desk.Body(Text + new string('x', 250_000)),
            _desk.Body(Text).Replace($"{_desk.Organization}", $"{Guid.NewGuid()}", StringComparison.Ordinal),
        ];
        foreach (var body in bodies)
        {
            await api.PostAsync("/v1/messages", _token, body);
            await api.PostAsync("/v1/messages", _token + "x", body);
            await api.PostAsync("/v1/messages", new Desk().Token, body);
            await api.PostAsync("/v1/callbacks/status", ApiHost.CallbackKey, body);
            await api.PostAsync("/v1/callbacks/status", WrongKey, body);
            await api.SendAsync(HttpMethod.Post, "/v1/messages", _token, new StringContent(body, Encoding.UTF8, "text/plain"));
        }
        await api.GetAsync($"/ws/status?access_token={_token}x");
        var question = "/v1/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1&hub.verify_token=";
        (await api.GetAsync(question + VerifyToken)).Is(HttpStatusCode.OK);
        (await api.GetAsync($"{question}{VerifyToken}x")).Is(HttpStatusCode.Forbidden);
        await api.SendAsync(HttpMethod.Get, "/ws/status", token: null, content: null, request =>
            request.Headers.Add("Sec-WebSocket-Protocol", $"chat.v1, bearer.{_token}"));
    }

    private async Task FailFromTopicsAsync(ApiHost api)
    {
        string[] values =
        [
            $"{Text} {Number}", $"{{\"{Text}\":\"{Number}\"}}",
            $"{{\"message_id\":\"{Text}\",\"status\":\"{Number}\",\"conversation_id\":\"1\"}}",
            $"{{\"recipient\":\"{Number}\",\"content\":\"{Text}\\ud800\"}}", $"[\"{Text}\"]",
        ];
        var topics = new[] { Topics.Messages, Topics.Status, Topics.Outbound("whatsapp") };
        await api.Log.AppendAsync(
            [.. topics.SelectMany(t => values.Select(v => new NewEvent(t, $"{_desk.Conversation}", Encoding.UTF8.GetBytes(v))))],
            TestContext.Current.CancellationToken);
        foreach (var topic in topics) await api.ReadAsync(Topics.DeadLetter(topic), _ => true, values.Length);
    }

    private void AssertNothing(string where, IEnumerable<string> lines)
    {
        var parts = _token.Split('.');
        string[] secrets = [parts[1], parts[2], ApiHost.JwtKey, ApiHost.CallbackKey, VerifyToken, WrongKey, Text, Number];
        var found = secrets
            .SelectMany(s => lines.Where(l => l.Contains(s, StringComparison.OrdinalIgnoreCase)).Select(l => $"{where}: {s}: {l}"))
            .ToList();
        Assert.True(found.Count == 0, $"{found.Count} found:\n{string.Join('\n', found.Take(10))}");
    }

    private void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _labels.Enqueue($"{instrument.Name} {Of(tags.ToArray())}");

    private static string Of<T>(IEnumerable<KeyValuePair<string, T>> tags) => string.Join(' ', tags.Select(t => $"{t.Key}={t.Value}"));
}
