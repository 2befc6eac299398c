using System.Net;
using System.Text.Json;
using Chat.Connectors;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Api.Operations;

/// <summary>Each figure against traffic that is known.</summary>
public sealed class OverviewTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_nothing_running_behind_the_API_everything_waits_and_the_audit_is_unknown()
    {
        await using var api = await ApiHost.StartAsync();
        var desk = new Desk();
        for (var i = 0; i < 3; i++) (await api.PostAsync("/v1/messages", desk.Token, desk.Body())).Is(HttpStatusCode.Accepted);

        var view = await OverviewAsync(api);

        Assert.EndsWith($"/{Environment.ProcessId}", view.GetProperty("instance").Text("name"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, view.GetProperty("audit").ValueKind);
        var engines = view.GetProperty("engines");
        Assert.Equal(
            ["router-worker messages 3 1", "connector-whatsapp msg.out.whatsapp 0 0", "connector-instagram msg.out.instagram 0 0",
                "webhooks-whatsapp webhooks.whatsapp 0 0", "webhooks-instagram webhooks.instagram 0 0",
                "inbound-whatsapp msg.in.whatsapp 0 0", "inbound-instagram msg.in.instagram 0 0", "status-worker msg.status 0 0"],
            engines.GetProperty("lag").EnumerateArray().Select(l =>
                $"{l.Text("group")} {l.Text("topic")} {l.GetProperty("events")} {l.GetProperty("partitions")}"));
        Assert.All(engines.GetProperty("deadLetters").EnumerateArray(), d => Assert.Equal(0, d.GetProperty("kept").GetInt64()));
        Assert.Equal(0, engines.GetProperty("parked").GetProperty("count").GetInt32());
        Assert.All(engines.GetProperty("channels").EnumerateArray(), c =>
        {
            Assert.Equal(JsonValueKind.Null, c.GetProperty("lastStatus").ValueKind);
            Assert.Equal(0, c.GetProperty("waiting").GetInt64());
        });
        Assert.All(engines.GetProperty("checks").EnumerateArray(), c => Assert.Equal("Healthy", c.Text("status")));
    }

    [Fact]
    public async Task With_the_whole_graph_every_figure_is_of_the_traffic_there_was()
    {
        await using var api = await ApiHost.StartAsync(
            new()
            {
                ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
                ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
                ["Connectors:Channels:instagram:FailureShare"] = "1",
                ["Audit:Interval"] = "00:00:00.200",
                ["Audit:Grace"] = "00:00:00",
            },
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.AddStatusWorker();
                builder.AddConnectors();
            });
        var desk = new Desk();
        await using var socket = await TestSocket.OpenAsync(api.Client.BaseAddress!, desk.Token);
        await socket.ExpectAsync("connected");
        await socket.SubscribeAsync(desk.Conversation);
        (await api.PostAsync("/v1/messages", desk.Token, desk.Body())).Is(HttpStatusCode.Accepted);
        (await api.PostAsync("/v1/messages", desk.Token, desk.Body(more: ",\"canal\":\"instagram\""))).Is(HttpStatusCode.Accepted);
        // SENT, DELIVERED and READ of one, FAILED of the other.
        for (var ticks = 0; ticks < 4;) ticks += (await socket.NextAsync()).Is("message.status") ? 1 : 0;

        await Until.TrueAsync(
            async () =>
            {
                var view = await OverviewAsync(api);
                var live = view.GetProperty("live");
                // Once the second has passed in which it happened, the audit ran, and all groups have committed. How high a rate is
                // depends on how long that second was.
                return live.GetProperty("ticks").GetProperty("seconds").EnumerateArray().Any(s => s.GetDouble() > 0)
                    && view.GetProperty("audit").GetProperty("checked").GetInt64() >= 4
                    && view.GetProperty("engines").GetProperty("lag").EnumerateArray().All(l => l.GetProperty("events").GetInt64() == 0)
                    && view.GetProperty("engines").GetProperty("channels")[1].GetProperty("failed").GetInt32() == 1;
            },
            "the figures show the traffic");
        var seen = await OverviewAsync(api);
        var figures = seen.GetProperty("live");
        Assert.Equal(
            (1, 1, 1),
            (figures.GetProperty("sockets").GetInt32(), figures.GetProperty("subscriptions").GetInt32(),
                figures.GetProperty("conversations").GetInt32()));
        Assert.Contains(figures.GetProperty("posts").GetProperty("seconds").EnumerateArray(), s => s.GetDouble() > 0);
        var latency = figures.GetProperty("eventToSocket");
        Assert.True(latency.GetProperty("count").GetInt64() >= 1, $"{latency}");
        Assert.True(latency.GetProperty("p50").GetDouble() <= latency.GetProperty("p99").GetDouble(), $"{latency}");
        var audit = seen.GetProperty("audit");
        Assert.NotNull(audit.Text("at"));
        Assert.Equal(0, audit.GetProperty("missingFacts").GetInt64() + audit.GetProperty("missingChanges").GetInt64());
        var channels = seen.GetProperty("engines").GetProperty("channels");
        Assert.Equal("READ", channels[0].GetProperty("lastStatus").Text("status"));
        Assert.Equal(
            ("FAILED", JsonValueKind.String),
            (channels[1].GetProperty("lastStatus").Text("status"), channels[1].GetProperty("lastFailure").GetProperty("reason").ValueKind));
    }

    [Fact]
    public async Task What_is_parked_and_what_is_put_aside_is_counted()
    {
        await using var api = await ApiHost.StartAsync();
        var parked = Enumerable.Range(1, 3).Select(i => new ParkedStatus(
            ParkedStatuses.SubjectOf(Guid.NewGuid()), i, "{}"u8.ToArray(), DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + i)));
        await api.Store.Parked.ParkAsync([.. parked], Cancellation);
        await api.Log.AppendAsync(
            DeadLetters.From(new("msg.status", 0), new(7, "k", "{}"u8.ToArray(), DateTimeOffset.UnixEpoch, []), "broken"), Cancellation);

        var engines = (await OverviewAsync(api)).GetProperty("engines");

        var summary = engines.GetProperty("parked");
        Assert.Equal(
            (3, false, "2023-11-14T22:13:21.000Z"),
            (summary.GetProperty("count").GetInt32(), summary.GetProperty("hasMore").GetBoolean(), summary.Text("oldest")));
        Assert.Equal(
            ["msg.status 1"],
            engines.GetProperty("deadLetters").EnumerateArray()
                .Where(d => d.GetProperty("kept").GetInt64() > 0).Select(d => $"{d.Text("topic")} {d.GetProperty("kept")}"));
    }

    [Fact]
    public async Task A_part_whose_engine_fails_is_unknown_and_the_others_are_shown()
    {
        await using var api = await ApiHost.StartAsync(
            configure: builder => builder.Services.AddSingleton<ILogReader, FailingReader>());

        var engines = (await OverviewAsync(api)).GetProperty("engines");

        Assert.Equal(
            ["lag", "deadLetters", "channels"],
            engines.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Null).Select(p => p.Name));
        Assert.Equal(0, engines.GetProperty("parked").GetProperty("count").GetInt32());
        (await api.GetAsync("/v1/operations/dead-letters", Operator.Token)).IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Contains(api.Logs.Lines, l => l.Contains("can't show lag: on purpose", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_engines_are_read_once_for_all_who_ask_within_some_seconds()
    {
        var (reader, time) = (new CountingReader(), new FakeTimeProvider(DateTimeOffset.UtcNow));
        await using var api = await ApiHost.StartAsync(configure: builder => builder.Services
            .AddSingleton<ILogReader>(reader)
            .AddSingleton<TimeProvider>(time));

        await OverviewAsync(api);
        var first = reader.Calls;
        for (var i = 0; i < 5; i++) await OverviewAsync(api);
        Assert.Equal(first, reader.Calls);

        time.Advance(TimeSpan.FromSeconds(6));
        await OverviewAsync(api);
        Assert.Equal(2 * first, reader.Calls);
    }

    private static async Task<JsonElement> OverviewAsync(ApiHost api) =>
        (await api.GetAsync("/v1/operations", Operator.Token)).Is(HttpStatusCode.OK).Json;

    private sealed class FailingReader : ILogReader
    {
        public ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken) =>
            throw new IOException("on purpose");

        public IAsyncEnumerable<LogEvent> ReadAsync(
            TopicPartition partition, long from, long end, CancellationToken cancellationToken) => throw new IOException("on purpose");

        public ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken) =>
            throw new IOException("on purpose");
    }

    private sealed class CountingReader : ILogReader
    {
        private int _calls;

        public int Calls => _calls;

        public ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return ValueTask.FromResult<IReadOnlyList<PartitionRange>>([]);
        }

        public IAsyncEnumerable<LogEvent> ReadAsync(
            TopicPartition partition, long from, long end, CancellationToken cancellationToken) => AsyncEnumerable.Empty<LogEvent>();

        public ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<long>>([]);
    }
}
