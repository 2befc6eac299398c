using System.Diagnostics;
using Chat.Client;
using Chat.LoadTest.Deployment;
using Spectre.Console;

namespace Chat.Tests.LoadTest;

/// <summary>What a run is made of, each part by itself.</summary>
public sealed class RunPartsTests
{
    private static readonly Guid[] Conversations = [Guid.NewGuid(), Guid.NewGuid()];

    [Theory]
    [InlineData(200, 100, 2, 2, 1, 1)]
    [InlineData(5, 3, 1, 2, 1, 1)]
    [InlineData(2, 5, 1, 1, 2, 3)]
    [InlineData(1, 1, 1, 1, 1, 1)]
    public void Each_conversation_is_watched_and_each_socket_watches(
        int connections, int conversations, int leastSockets, int mostSockets, int leastConversations, int mostConversations)
    {
        var plan = new WatchPlan(connections, conversations);

        var sockets = Enumerable.Range(0, conversations).Select(plan.SocketsOf).ToList();
        var watched = Enumerable.Range(0, connections).Select(plan.ConversationsOf).ToList();
        Assert.Equal((leastSockets, mostSockets), (sockets.Min(s => s.Count), sockets.Max(s => s.Count)));
        Assert.Equal((leastConversations, mostConversations), (watched.Min(w => w.Count), watched.Max(w => w.Count)));
        Assert.All(sockets, s => Assert.Equal(s.Distinct(), s));
        Assert.Equal(
            sockets.SelectMany((s, conversation) => s.Select(socket => (socket, conversation))).Order(),
            watched.SelectMany((w, socket) => w.Select(conversation => (socket, conversation))).Order());
    }

    [Fact]
    public async Task Times_that_posts_are_due_at_are_those_of_the_rate_whatever_each_of_them_takes()
    {
        var due = new List<long>();

        await OpenLoop.RunAsync(
            1000,
            TimeSpan.FromMilliseconds(50),
            (number, dueAt) =>
            {
                Assert.Equal(due.Count, number);
                due.Add(dueAt);
                // One of them holds up the generator for the time of twenty.
                while (number == 10 && Stopwatch.GetElapsedTime(dueAt) < TimeSpan.FromMilliseconds(20)) Thread.Yield();
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)(i / 1000.0 * Stopwatch.Frequency)), due.Select(d => d - due[0]));
        Assert.Equal(1, OpenLoop.Count(0.001, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Latencies_have_percentiles_and_buckets_that_hold_each_of_them()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(new(0, 0, 0, 0, 0, 0), histogram.Summarize());
        Assert.Empty(histogram.Buckets());

        foreach (var ms in Enumerable.Range(1, 1000).Reverse()) histogram.Record(TimeSpan.FromMilliseconds(ms));

        var figures = histogram.Summarize();
        Assert.Equal(1000, figures.Count);
        Assert.All(
            [(figures.P50, 500.0), (figures.P90, 900), (figures.P99, 990), (figures.P999, 999), (figures.Most, 1000)],
            pair => Assert.Equal(pair.Item2, pair.Item1, pair.Item2 * 0.002));
        var buckets = histogram.Buckets();
        Assert.Equal(1000, buckets.Sum(b => b.Count));
        Assert.All(buckets.Zip(buckets.Skip(1)), pair => Assert.Equal(pair.First.ToMs, pair.Second.FromMs));
        Assert.True(buckets[0].FromMs <= 1 && buckets[^1].ToMs >= 1000);
    }

    [Fact]
    public void A_status_stands_for_those_below_it_and_a_failed_message_needs_no_more_than_that()
    {
        var plan = new WatchPlan(2, 1);
        var ledger = new TickLedger(plan);
        var (overtaken, failed, delivered, unknown) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        // A tick may come before the answer to the post does.
        ledger.Show(overtaken, 0, 0, MessageStatus.Read);
        foreach (var id in new[] { overtaken, failed, delivered }) Assert.True(ledger.Acknowledge(id, 0, 1, isMeasured: true));
        Assert.False(ledger.Acknowledge(failed, 0, 1, isMeasured: true));
        ledger.Show(unknown, 0, 0, MessageStatus.Sent);
        ledger.Show(overtaken, 0, 1, MessageStatus.Delivered);
        ledger.Show(failed, 0, 0, MessageStatus.Sent);
        ledger.Show(failed, 0, 0, MessageStatus.Failed);
        ledger.Show(delivered, 0, 0, MessageStatus.Failed);
        ledger.Show(delivered, 0, 0, MessageStatus.Read);
        ledger.Show(delivered, 0, 1, MessageStatus.Read);

        var counts = RunEvaluation.CountTicks(ledger.Messages, Conversations, plan);

        Assert.False(ledger.IsComplete());
        Assert.Equal((3, 1), (ledger.Acknowledged, ledger.NeverAcknowledged));
        Assert.Equal(
            [new("SENT", 4, 4, 0), new("DELIVERED", 4, 4, 0), new("READ", 4, 3, 1), new("FAILED", 2, 1, 1)], counts.ByStatus);
        Assert.Equal((1, 14, 2, 2.0 / 14), (counts.Failed, counts.ExpectedTicks, counts.MissingTicks, counts.MissingShare));
        Assert.Equal(
            new[] { (overtaken, 1, "READ"), (failed, 1, "FAILED") }.Order(),
            counts.Missing.Select(m => (m.MessageId, m.Socket, m.Statuses.Single())).Order());

        ledger.Show(overtaken, 0, 1, MessageStatus.Read);
        ledger.Show(failed, 0, 1, MessageStatus.Failed);
        Assert.True(ledger.IsComplete());
    }

    [Theory]
    [InlineData("100 100 100 100 100 100 100", null)] // too few to say
    [InlineData("10 100 100 100 100 100 100 100", 0.0)] // what the first quarter fills is no growth
    [InlineData("100 100 100 100 150 150 150 150", 0.5)]
    [InlineData("100 100 200 200 200 200 100 100", -0.5)]
    [InlineData("100 100 100 100 100 100 100 100 100 100 100 900", 0.0)] // one peak is none either
    public void Memory_grows_by_what_the_last_quarter_has_more_than_the_second(string mebibytes, double? growth)
    {
        var samples = mebibytes.Split(' ').Select((m, second) => new ProcessSample(second, double.Parse(m), 0)).ToList();

        Assert.Equal(growth, new ProcessFigures(1, samples).Growth);
    }

    [Fact]
    public void Ticks_of_the_progress_are_never_more_than_those_to_come()
    {
        var ledger = new TickLedger(new(1, 1));
        var (early, unknown, failed) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        ledger.Show(early, 0, 0, MessageStatus.Delivered);
        ledger.Show(unknown, 0, 0, MessageStatus.Read);
        Assert.Equal((0, 0), (ledger.Shown, ledger.Expected));

        ledger.Acknowledge(early, 0, 1, isMeasured: true);
        Assert.Equal((2, 3), (ledger.Shown, ledger.Expected));
        ledger.Show(early, 0, 0, MessageStatus.Read);
        Assert.Equal((3, 3), (ledger.Shown, ledger.Expected));

        ledger.Acknowledge(failed, 0, 1, isMeasured: true);
        ledger.Show(failed, 0, 0, MessageStatus.Failed);
        ledger.Show(failed, 0, 0, MessageStatus.Read);
        Assert.Equal((6, 6), (ledger.Shown, ledger.Expected));
    }

    [Fact]
    public async Task First_socket_that_is_not_connected_in_time_is_the_end_of_all_that_wait_for_their_turn()
    {
        var options = new RunOptions(
            new("http://127.0.0.1:1"), null, new string('k', 32), 200, 1, 1, default, default, default, default, default, 0, 0, null,
            default, 0, 0, 0, 0, null);
        var plan = new WatchPlan(200, 1);
        using var http = new HttpClient();
        using var handler = new NeverConnects();
        using var invoker = new HttpMessageInvoker(handler);
        var setup = new WatchSetup(options.Url, Access.From(options), http, invoker, Conversations, plan, new(plan));
        await using var sockets = new SocketGroup(200, setup, TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<SetupException>(
            () => sockets.ConnectAsync(TimeSpan.Zero, isOneUser: false, TestContext.Current.CancellationToken));

        // Those of the first turn, and no other.
        Assert.Equal(50, handler.Attempts);
    }

    [Fact]
    public void What_a_server_said_is_text_in_the_report()
    {
        var result = new RunResult(
            default, "run", "machine", new(1, 0, 0, 0, 0, [new("400", 1, @"a\|b <img src=x> `c` [d](http://e)")]), new(0, [], []), 0, [],
            new(1, 1, "4001 <b>|", 0, 0, 0, 0), null, new(new(0, 0, 0, 0, 0, 0), 0), null, [])
        {
            FailedBeside = ["--churn: no <socket>"],
        };

        var report = RunReport.Markdown(result);

        Assert.Contains(@"| 400 | 1 | a\\\|b \<img src=x> \`c\` \[d](http://e) |", report, StringComparison.Ordinal);
        Assert.Contains(@"(last: 4001 \<b>\|)", report, StringComparison.Ordinal);
        Assert.Contains(@"**FAILED beside the posts: --churn: no \<socket>. Within all limits.**", report, StringComparison.Ordinal);
        Assert.False(result.IsGood);
    }

    [Fact]
    public async Task Echo_of_this_machine_gives_back_every_message()
    {
        var floor = await EchoFloor.MeasureAsync(3, 500, TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);

        Assert.Equal((3, 500, 50), (floor.Connections, floor.PerSecond, floor.RoundTrip.Count));
        Assert.True(floor.RoundTrip.P50 > 0);
    }

    [Fact]
    public void Progress_is_a_table_on_a_terminal_and_a_line_elsewhere()
    {
        var state = new RunState("measuring", 0.5, 200, 1500, 1490, 10, 8940, 8000);
        var text = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });

        console.Write(RunProgress.Draw(state));

        Assert.All(
            ["measuring", "1,500, 1,490", "8,000 of 8,940"], part => Assert.Contains(part, text.ToString(), StringComparison.Ordinal));
        Assert.Equal(
            "measuring: 50 %, 200 sockets, 1,500 posts, 1,490 answered 202, 10 refused, 8,000 of 8,940 ticks shown",
            RunProgress.Line(state));
    }

    private sealed class NeverConnects : HttpMessageHandler
    {
        private int _attempts;

        public int Attempts => Volatile.Read(ref _attempts);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _attempts);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
