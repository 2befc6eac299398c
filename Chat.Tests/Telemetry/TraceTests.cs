using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Chat.Connectors;
using Chat.Core.Log;
using Chat.Core.Telemetry;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Chat.Tests.Telemetry;

/// <summary>
/// A message's trace through the whole program in one process, as its exporter gets it: from the post to the write on the socket, and
/// what there is of it where the head sampler left it out.
/// </summary>
[Collection(SpanListening.Name)]
public sealed class TraceTests : IDisposable
{
    private const string Hub = "process status:{conversationId}";

    private readonly Desk _desk = new();
    private readonly Collector _spans = new();
    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();

    public void Dispose() => _spans.Dispose();

    [Fact]
    public async Task A_message_is_one_trace_from_its_post_to_the_write_on_the_socket()
    {
        await using var api = await StartAsync();
        await using var socket = await WatchAsync(api);

        var id = await PostAsync(api, "01");
        var frame = await socket.ExpectAsync("message.status");

        // What announced the message goes to nobody here.
        var path = await PathToAsync(s => s.DisplayName == Hub && s.GetTagItem(SpanTags.Deliveries) is 1);
        Assert.Equal(
            [
                "POST /v1/messages", "send messages", "process messages", "send msg.out.whatsapp", "process msg.out.whatsapp",
                "send msg.status", "process msg.status", Hub,
            ],
            path.Select(s => s.DisplayName));
        Assert.Equal(
            [
                ActivityKind.Server, ActivityKind.Producer, ActivityKind.Consumer, ActivityKind.Producer, ActivityKind.Consumer,
                ActivityKind.Producer, ActivityKind.Consumer, ActivityKind.Consumer,
            ],
            path.Select(s => s.Kind));
        Assert.Equal(
            [
                ("send", "messages", null), ("process", "messages", "router-worker"), ("send", "msg.out.whatsapp", null),
                ("process", "msg.out.whatsapp", "connector-whatsapp"), ("send", "msg.status", null),
                ("process", "msg.status", "status-worker"),
            ],
            path.Skip(1).SkipLast(1).Select(s =>
                (s.GetTagItem(SpanTags.OperationName), s.GetTagItem(SpanTags.Destination), s.GetTagItem(SpanTags.ConsumerGroup))));
        Assert.All(path.Skip(1).SkipLast(1), s =>
        {
            Assert.Equal("embedded", s.GetTagItem(SpanTags.MessagingSystem));
            Assert.NotNull(s.GetTagItem(SpanTags.Partition));
            Assert.NotNull(s.GetTagItem(SpanTags.Offset));
            Assert.Equal($"{_desk.Conversation}", s.GetTagItem(SpanTags.Key));
        });
        Assert.Equal("SENT", path[^2].GetTagItem(SpanTags.Status));
        Assert.Equal($"{id}", path[^1].GetTagItem(SpanTags.MessageId));
        Assert.Equal("in_process", path[^1].GetTagItem(SpanTags.MessagingSystem));
        Assert.Equal(1, path[^1].GetTagItem(SpanTags.Deliveries));
        // The publish is within what the worker did, and the frame says where it belongs.
        Assert.Contains(_spans.Of(_trace), s => s.DisplayName == "send status:{conversationId}" && s.ParentSpanId == path[^2].SpanId);
        Assert.Equal(path[^2].Id, frame.GetProperty("traceparent").GetString());
    }

    [Fact]
    public async Task What_a_client_has_shown_ends_the_trace_where_it_watches_the_conversation()
    {
        await using var api = await StartAsync();
        await using var socket = await WatchAsync(api);
        await PostAsync(api, "01");
        var frame = await socket.ExpectAsync("message.status");

        foreach (var conversation in new[] { Guid.NewGuid(), _desk.Conversation })
        {
            await socket.SendAsync(new
            {
                type = "shown",
                items = new[]
                {
                    new
                    {
                        conversationId = conversation,
                        messageId = frame.GetProperty("messageId").GetGuid(),
                        timestamp = frame.GetProperty("timestamp").GetString(),
                        traceparent = frame.GetProperty("traceparent").GetString(),
                        ago = 5,
                    },
                },
            });
        }

        Assert.Empty(await socket.DrainAsync());
        var show = _spans.Of(_trace).Single(s => s.DisplayName == "show");
        Assert.Equal(frame.GetProperty("traceparent").GetString(), show.ParentId);
        Assert.Equal($"{_desk.Conversation}", show.GetTagItem(SpanTags.ConversationId));
        Assert.Equal(frame.GetProperty("messageId").GetString(), show.GetTagItem(SpanTags.MessageId));
        Assert.True(show.Duration < TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task Of_a_trace_that_is_not_sampled_nothing_is_told_while_all_goes_well()
    {
        await using var api = await StartAsync();
        await using var socket = await WatchAsync(api);

        await PostAsync(api, "00");
        var frame = await socket.ExpectAsync("message.status");

        Assert.False(frame.TryGetProperty("traceparent", out _));
        await SettleAsync(api);
        Assert.Empty(_spans.Of(_trace));
    }

    [Fact]
    public async Task A_message_that_fails_is_kept_from_its_connector_on()
    {
        await using var api = await StartAsync(new()
        {
            ["Connectors:Channels:whatsapp:FailureShare"] = "1",
            ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
        });
        await using var socket = await WatchAsync(api);

        await PostAsync(api, "00");
        var frame = await socket.ExpectAsync("message.status");
        while (frame.GetProperty("status").GetString() != "FAILED") frame = await socket.ExpectAsync("message.status");

        Assert.StartsWith($"00-{_trace}-", frame.GetProperty("traceparent").GetString(), StringComparison.Ordinal);
        var path = await PathToAsync(s => s.DisplayName == "process msg.status" && s.GetTagItem(SpanTags.Status) is "FAILED");
        var kept = path[0];
        Assert.Equal(("process msg.out.whatsapp", "failed"), (kept.DisplayName, kept.GetTagItem(SpanTags.Kept)));
        Assert.Equal("FAILED", kept.GetTagItem(SpanTags.Status));
        Assert.Same(kept, (await PathToAsync(s => s.DisplayName == Hub))[0]);
    }

    [Fact]
    public async Task A_status_that_comes_late_to_the_sockets_is_kept_with_its_age()
    {
        await using var api = await StartAsync();
        await using var socket = await WatchAsync(api);
        var id = await PostAsync(api, "00");
        await socket.ExpectAsync("message.status");

        var at = DateTimeOffset.UtcNow.AddMinutes(-1);
        (await api.SendAsync(
            HttpMethod.Post,
            "/v1/callbacks/status",
            ApiHost.CallbackKey,
            new StringContent($$"""
                {"message_id":"{{id}}","conversation_id":"{{_desk.Conversation}}","channel":"whatsapp","status":"READ",
                 "timestamp":"{{at:O}}"}
                """),
            request =>
            {
                request.Content!.Headers.ContentType = new("application/json");
                request.Headers.Add("traceparent", $"00-{_trace}-b7ad6b7169203331-00");
            })).Is(HttpStatusCode.Accepted);
        await socket.ExpectAsync("message.status");

        var late = Assert.Single(await PathToAsync(s => s.DisplayName == Hub && s.GetTagItem(SpanTags.EventAge) is > 59.0));
        Assert.Equal("slow", late.GetTagItem(SpanTags.Kept));
    }

    [Fact]
    public async Task A_dead_letter_is_kept_with_the_place_of_its_event()
    {
        await using var api = await StartAsync();

        await api.Log.AppendAsync(
            new NewEvent(
                Topics.Messages, "key", "no message"u8.ToArray(), [new(HeaderNames.TraceParent, $"00-{_trace}-b7ad6b7169203331-00")]),
            TestContext.Current.CancellationToken);

        var letter = Assert.Single(await PathToAsync(s => s.DisplayName == $"send {Topics.DeadLetter(Topics.Messages)}"));
        Assert.Equal("dead_letter", letter.GetTagItem(SpanTags.Kept));
        Assert.Matches(@"^messages/\d+/\d+$", (string)letter.GetTagItem(SpanTags.DeadLetter)!);
    }

    [Fact]
    public async Task Without_tracing_there_are_no_spans()
    {
        await using var api = await StartAsync(new() { ["Tracing:Enabled"] = "false" });
        await using var socket = await WatchAsync(api);

        await PostAsync(api, "01");
        await socket.ExpectAsync("message.status");

        Assert.False(ChatTelemetry.Activities.HasListeners());
    }

    // What delivers statuses later than SENT would come together with it: each is to be alone.
    private Task<ApiHost> StartAsync(Dictionary<string, string?>? settings = null) => ApiHost.StartAsync(
        new(settings ?? [])
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1",
            ["Tracing:SampleRatio"] = "0",
            ["Tracing:KeepPerSecond"] = "10000",
            // A machine that is busy is not slow here.
            ["Tracing:SlowAfter"] = "00:00:30",
            ["Connectors:Channels:whatsapp:DeliveredAfter"] =
                settings?.GetValueOrDefault("Connectors:Channels:whatsapp:DeliveredAfter") ?? "01:00:00",
        },
        configure: builder =>
        {
            builder.AddRouterWorker();
            builder.AddStatusWorker();
            builder.AddConnectors();
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(_spans));
        });

    private async Task<TestSocket> WatchAsync(ApiHost api)
    {
        var socket = await TestSocket.OpenAsync(api.Client.BaseAddress!, _desk.Token);
        await socket.ExpectAsync("connected");
        await socket.SubscribeAsync(_desk.Conversation);
        return socket;
    }

    private async Task<Guid> PostAsync(ApiHost api, string flags)
    {
        var answer = await api.SendAsync(
            HttpMethod.Post,
            "/v1/messages",
            _desk.Token,
            new StringContent(_desk.Body()),
            request =>
            {
                request.Content!.Headers.ContentType = new("application/json");
                request.Headers.Add("traceparent", $"00-{_trace}-b7ad6b7169203331-{flags}");
            });
        return answer.Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").GetGuid();
    }

    // A span ends after what it is around: one that is begun later in the same places has its end later too.
    private async Task SettleAsync(ApiHost api)
    {
        using var other = new TraceTests();
        await using var socket = await TestSocket.OpenAsync(api.Client.BaseAddress!, other._desk.Token);
        await socket.ExpectAsync("connected");
        await socket.SubscribeAsync(other._desk.Conversation);
        await other.PostAsync(api, "01");
        await Until.TrueAsync(() => _spans.Of(other._trace).Any(s => s.DisplayName == Hub), "another trace is delivered");
    }

    /// <summary>The spans of the trace from the first that there is to the wanted one, each within the one before.</summary>
    private async Task<IReadOnlyList<Activity>> PathToAsync(Func<Activity, bool> isWanted)
    {
        IReadOnlyList<Activity> path = [];
        await Until.TrueAsync(
            () =>
            {
                var spans = _spans.Of(_trace).ToDictionary(s => s.SpanId);
                var found = new List<Activity>();
                for (var at = spans.Values.FirstOrDefault(isWanted); at is not null; at = spans.GetValueOrDefault(at.ParentSpanId))
                    found.Insert(0, at);
                path = found;
                // Those around it may end later than it does.
                return Task.FromResult(found.Count > 0 && IsBegin(found[0]));
            },
            () => $"the trace ends as it should: {string.Join(", ", _spans.Of(_trace).Select(s => s.DisplayName))}");
        return path;

        static bool IsBegin(Activity first) =>
            first.ParentSpanId.ToHexString() == "b7ad6b7169203331" || first.GetTagItem(SpanTags.Kept) is not null;
    }

    private sealed class Collector : BaseProcessor<Activity>
    {
        private readonly ConcurrentQueue<Activity> _ended = new();

        public IEnumerable<Activity> Of(string trace) => _ended.Where(s => s.TraceId.ToHexString() == trace);

        public override void OnEnd(Activity data) => _ended.Enqueue(data);
    }
}
