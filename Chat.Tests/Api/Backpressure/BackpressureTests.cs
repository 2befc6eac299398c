using System.Net;
using Chat.Core.Log;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Api.Backpressure;

/// <summary>What a client is told while the workers have too much to do.</summary>
public sealed class BackpressureTests
{
    private readonly WorkersBehind _workers = new();
    private readonly Guid _calm = Guid.NewGuid();

    [Fact]
    public async Task Posts_are_refused_while_the_workers_are_behind_but_those_of_an_organization_that_posts_little_and_then_none()
    {
        await using var api = await StartAsync(maxWait: "00:00:05");

        Answer? refused = null;
        await Until.TrueAsync(
            async () =>
            {
                // As many as a flood: what is refused is what one organization posts, and not the first post of a look.
                for (var i = 0; i < 20 && refused is null; i++)
                {
                    var answer = await PostAsync(api, Bodies.Organization);
                    if (answer.Status != HttpStatusCode.Accepted) refused = answer;
                }
                return refused is not null;
            },
            "a post is refused");
        refused!.IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!), 1, 100_000);
        (await PostAsync(api, _calm)).Is(HttpStatusCode.Accepted);
        Assert.Contains(api.Logs.Lines, m => m.Contains("refused with 503", StringComparison.Ordinal));

        _workers.CatchUp();
        await Until.TrueAsync(
            () => api.Logs.Lines.Any(m => m.Contains("keep up again", StringComparison.Ordinal)), "the workers keep up again");
        (await PostAsync(api, Bodies.Organization)).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_log_that_does_not_say_how_far_they_are_refuses_nothing()
    {
        _workers.IsDown = true;
        await using var api = await StartAsync(maxWait: "00:00:01");

        await Until.TrueAsync(
            async () =>
            {
                (await PostAsync(api, Bodies.Organization)).Is(HttpStatusCode.Accepted);
                return api.Logs.Lines.Any(m => m.Contains("is not known", StringComparison.Ordinal));
            },
            "it was asked");
        for (var i = 0; i < 20; i++) (await PostAsync(api, Bodies.Organization)).Is(HttpStatusCode.Accepted);
    }

    private Task<ApiHost> StartAsync(string maxWait) => ApiHost.StartAsync(
        new() { ["Backpressure:MaxWait"] = maxWait, ["Backpressure:Interval"] = "00:00:00.1" },
        configure: builder => builder.Services.AddSingleton<ILogReader>(_workers));

    private static Task<Answer> PostAsync(ApiHost api, Guid organization) => api.PostAsync(
        "/v1/messages",
        ApiHost.Token(Bodies.User, organization),
        Bodies.With("conversaId", $"\"{Guid.NewGuid()}\"").Replace($"{Bodies.Organization}", $"{organization}", StringComparison.Ordinal));

    /// <summary>Workers that do one event between two looks, of a thousand that come.</summary>
    private sealed class WorkersBehind : ILogReader
    {
        private long _done, _end = 1000;
        private volatile bool _caughtUp;

        public bool IsDown { get; set; }

        public void CatchUp() => _caughtUp = true;

        public ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken) =>
            IsDown ? throw new IOException("away") : new([new(0, 0, _end)]);

        public ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken)
        {
            if (IsDown) throw new IOException("away");
            if (_caughtUp) _done = _end;
            else (_done, _end) = (_done + 1, _end + 1000);
            return new([_done]);
        }

        public IAsyncEnumerable<LogEvent> ReadAsync(
            TopicPartition partition, long from, long end, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
