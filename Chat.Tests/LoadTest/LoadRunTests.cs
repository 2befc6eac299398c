using System.Text;
using System.Text.Json;
using Chat.LoadTest;
using Chat.Tests.Api;
using Chat.Tests.Fuzz;

namespace Chat.Tests.LoadTest;

/// <summary><c>Chat.LoadTest run</c>, as a stranger calls it.</summary>
public sealed class LoadRunTests : IClassFixture<FuzzGraph>, IDisposable
{
    private const string Few = "--connections 2 --conversations 1 --rate 20 --duration 0.5s --warm-up 0s --floor 0s --max-p99 5m";

    private readonly ApiHost _host;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"chat-run-{Path.GetRandomFileName()}");
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public LoadRunTests(FuzzGraph graph) => _host = graph.Host;

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Whole_pipeline_shows_every_tick_on_every_socket_and_the_report_has_the_counts()
    {
        // Posts go round: of the warm-up's 10 and the 40 of the measurement, 13, 13, 12 and 12 to conversations of 2, 2, 1 and 1 sockets.
        var code = await RunAsync(
            _host.Client.BaseAddress!,
            "--connections 6 --conversations 4 --rate 20 --duration 2s --warm-up 0.5s --ramp 0.1s --settle 2m --floor 0.2s --max-p99 5m",
            "--jwt-key",
            ApiHost.JwtKey);

        Assert.True(code == 0, $"{_output}{_error}");
        var report = ReadJson();
        var posts = report.GetProperty("posts");
        Assert.Equal((50, 50, 40), (Number(posts, "posted"), Number(posts, "accepted"), Number(posts, "measured")));
        Assert.Equal(0, posts.GetProperty("refused").GetArrayLength());
        var ticks = report.GetProperty("ticks");
        Assert.Equal(
            [("SENT", 76, 76, 0), ("DELIVERED", 76, 76, 0), ("READ", 76, 76, 0)],
            ticks.GetProperty("byStatus").EnumerateArray()
                .Select(s => (s.GetProperty("status").GetString(), Number(s, "expected"), Number(s, "shown"), Number(s, "missing"))));
        Assert.Equal((228, 0), (Number(ticks, "expectedTicks"), Number(ticks, "missingTicks")));
        Assert.Equal(0, ticks.GetProperty("missing").GetArrayLength());
        Assert.Equal(
            [("POST", 40), ("POST to SENT", 60), ("POST to DELIVERED", 60), ("POST to READ", 60), ("connect", 6), ("subscribe", 6)],
            report.GetProperty("latencies").EnumerateArray()
                .Select(s => (s.GetProperty("name").GetString(), Number(s.GetProperty("ms"), "count"))));
        foreach (var series in report.GetProperty("latencies").EnumerateArray())
        {
            var ms = series.GetProperty("ms");
            Assert.True(ms.GetProperty("p50").GetDouble() <= ms.GetProperty("p99").GetDouble());
            Assert.True(ms.GetProperty("p99").GetDouble() <= ms.GetProperty("most").GetDouble());
            Assert.Equal(Number(ms, "count"), series.GetProperty("histogram").EnumerateArray().Sum(b => Number(b, "count")));
        }
        // 20 posts and 20 × 3 × 1.5 ticks a second, for 0.2 s.
        Assert.Equal(22, Number(report.GetProperty("floor").GetProperty("roundTrip"), "count"));
        Assert.All(report.GetProperty("limits").EnumerateArray(), limit => Assert.True(limit.GetProperty("isMet").GetBoolean()));
    }

    [Fact]
    public async Task Report_is_written_as_a_picture_a_page_without_links_and_markdown_and_has_no_secret()
    {
        await using var chat = await FakeChat.StartAsync();
        const string Key = "a key <of> the report's test, and long enough";

        var code = await RunAsync(chat.Address, $"{Few} --settle 2m", "--jwt-key", Key);

        Assert.True(code == 0, $"{_output}{_error}");
        var picture = await File.ReadAllBytesAsync(Path.Combine(_folder, "latency.png"), TestContext.Current.CancellationToken);
        Assert.Equal([0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n'], picture[..8]);
        var page = await ReadAsync("report.html");
        Assert.Contains(Convert.ToBase64String(picture), page, StringComparison.Ordinal);
        Assert.Contains("Within all limits.", page, StringComparison.Ordinal);
        foreach (var figure in ReadJson().GetProperty("latencies").EnumerateArray())
            Assert.Contains($"<td>{figure.GetProperty("name").GetString()}</td>", page, StringComparison.Ordinal);
        Assert.Contains("<tr><td>READ</td><td>20</td><td>20</td><td>0</td></tr>", page, StringComparison.Ordinal);
        // Nothing is loaded from elsewhere: the one source is the picture itself.
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        var markdown = await ReadAsync("report.md");
        Assert.Contains(markdown, _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("| READ | 20 | 20 | 0 |", markdown, StringComparison.Ordinal);
        Assert.All(
            [page, markdown, await ReadAsync("report.json"), _output.ToString(), _error.ToString()],
            text => Assert.DoesNotContain("the report's test", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ticks_that_a_socket_loses_are_named_and_the_exit_code_is_1()
    {
        // Of the third message the second socket gets no READ, and neither gets any tick of the fifth.
        await using var chat = await FakeChat.StartAsync(
            loses: (post, socket, tick) => (post == 3 && socket == 1 && tick == "READ") || post == 5);

        Assert.Equal(1, await RunAsync(chat.Address, $"{Few} --settle 0.5s", "--jwt-key", new string('k', 32)));

        var ticks = ReadJson().GetProperty("ticks");
        Assert.Equal((60, 7), (Number(ticks, "expectedTicks"), Number(ticks, "missingTicks")));
        Assert.Equal(7.0 / 60, ticks.GetProperty("missingShare").GetDouble());
        var missing = ticks.GetProperty("missing").EnumerateArray()
            .Select(m => (
                m.GetProperty("messageId").GetGuid(),
                string.Join(' ', m.GetProperty("statuses").EnumerateArray().Select(s => s.GetString()))))
            .Order();
        Assert.Equal(
            new[]
            {
                (chat.Messages[3], "READ"), (chat.Messages[5], "SENT DELIVERED READ"), (chat.Messages[5], "SENT DELIVERED READ"),
            }.Order(),
            missing);
        Assert.Contains("--max-missing", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{chat.Messages[3]:D}", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{chat.Messages[5]:D}", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 0)]
    public async Task Refused_posts_are_counted_by_their_status_and_are_not_waited_for(int allowed, int expected)
    {
        await using var chat = await FakeChat.StartAsync(answer: post => post switch { 2 => 429, 4 => 503, _ => 202 });

        var code = await RunAsync(chat.Address, $"{Few} --settle 2m --max-refused {allowed}", "--jwt-key", new string('k', 32));

        Assert.True(code == expected, $"{_output}{_error}");
        var report = ReadJson();
        Assert.Equal(
            [("429", 1), ("503", 1)],
            report.GetProperty("posts").GetProperty("refused").EnumerateArray()
                .Select(r => (r.GetProperty("answer").GetString(), Number(r, "count"))));
        Assert.Equal(0, Number(report.GetProperty("ticks"), "missingTicks"));
        Assert.Equal(expected == 1, _output.ToString().Contains("by --max-refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sockets_that_are_closed_come_back_and_miss_nothing_and_are_counted()
    {
        await using var chat = await FakeChat.StartAsync(closesBefore: 3);

        var code = await RunAsync(chat.Address, $"{Few} --settle 2m", "--jwt-key", new string('k', 32));

        Assert.True(code == 0, $"{_output}{_error}");
        var report = ReadJson();
        Assert.Equal((2, 2), (Number(report.GetProperty("sockets"), "connections"), Number(report.GetProperty("sockets"), "reconnects")));
        Assert.StartsWith("4001", report.GetProperty("sockets").GetProperty("lastError").GetString(), StringComparison.Ordinal);
        Assert.Equal(60, Number(report.GetProperty("ticks"), "expectedTicks"));
    }

    [Fact]
    public async Task Connections_that_are_cut_and_readers_that_are_slow_cost_the_others_no_tick_and_the_process_is_watched()
    {
        var code = await RunAsync(
            _host.Client.BaseAddress!,
            "--connections 6 --conversations 2 --rate 20 --duration 3s --warm-up 0s --settle 2m --floor 0s --max-p99 5m --churn 4 "
            + $"--slow-readers 2 --process {Environment.ProcessId} --max-growth 1000",
            "--jwt-key",
            ApiHost.JwtKey);

        Assert.True(code == 0, $"{_output}{_error}");
        var report = ReadJson();
        var sockets = report.GetProperty("sockets");
        Assert.Equal((6, 2), (Number(sockets, "connections"), Number(sockets, "slowReaders")));
        Assert.True(Number(sockets, "cut") > 0 && Number(sockets, "reconnects") > 0, $"{sockets}");
        Assert.Equal((540, 0), (Number(report.GetProperty("ticks"), "expectedTicks"), Number(report.GetProperty("ticks"), "missingTicks")));
        var process = report.GetProperty("process");
        Assert.Equal(Environment.ProcessId, Number(process, "id"));
        Assert.All(process.GetProperty("samples").EnumerateArray(), s => Assert.True(s.GetProperty("residentMiB").GetDouble() > 1));
        Assert.Contains("Server's process", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_reader_that_is_not_let_in_is_counted_costs_no_report_and_comes_back_when_it_may()
    {
        // One socket looks whether there is a server, and two count.
        await using var chat = await FakeChat.StartAsync(mostSockets: 3);

        var code = await RunAsync(
            chat.Address,
            "--connections 2 --conversations 1 --rate 20 --duration 2s --warm-up 0s --floor 0s --max-p99 5m --settle 2m --slow-readers 1",
            "--jwt-key",
            new string('k', 32));

        Assert.True(code == 0, $"{_output}{_error}");
        var sockets = ReadJson().GetProperty("sockets");
        Assert.Equal(1, Number(sockets, "slowLost"));
    }

    [Theory]
    [InlineData(9, 1)]
    [InlineData(10, 0)]
    public async Task Messages_that_are_shown_as_failed_are_a_limit_of_their_own(int allowed, int expected)
    {
        await using var chat = await FakeChat.StartAsync(ticks: ["SENT", "FAILED"]);

        var code = await RunAsync(chat.Address, $"{Few} --settle 2m --max-failed {allowed}", "--jwt-key", new string('k', 32));

        Assert.True(code == expected, $"{_output}{_error}");
        Assert.Equal(expected == 1, _output.ToString().Contains("by --max-failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Process_that_is_not_here_is_said_with_its_option() => await AssertWrongAsync(
        _host.Client.BaseAddress!, "--jwt-key", ApiHost.JwtKey, ["--process"], $"{Few} --process {int.MaxValue}");

    [Fact]
    public async Task Interrupted_it_posts_no_more_and_reports_what_was_posted()
    {
        using var interrupt = new CancellationTokenSource();
        await using var chat = await FakeChat.StartAsync(answer: post =>
        {
            if (post == 5) interrupt.Cancel();
            return 202;
        });

        var code = await RunAsync(
            chat.Address,
            "--connections 2 --conversations 1 --rate 20 --duration 1h --warm-up 0s --floor 0s --max-p99 5m --settle 2m",
            "--jwt-key",
            new string('k', 32),
            interrupt.Token);

        Assert.True(code == 0, $"{_output}{_error}");
        var report = ReadJson();
        var posts = report.GetProperty("posts");
        Assert.InRange(Number(posts, "posted"), 5, 1000);
        Assert.Equal(Number(posts, "posted"), Number(posts, "accepted"));
        Assert.Equal(6 * Number(posts, "posted"), Number(report.GetProperty("ticks"), "expectedTicks"));
        Assert.Equal(0, Number(report.GetProperty("ticks"), "missingTicks"));
        Assert.True(report.GetProperty("interruptedAfterSeconds").GetDouble() > 0);
        Assert.Contains("Interrupted after ", await ReadAsync("report.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_before_anything_is_posted_it_has_nothing_to_report()
    {
        using var interrupt = new CancellationTokenSource();
        await interrupt.CancelAsync();

        Assert.Equal(2, await RunAsync(_host.Client.BaseAddress!, Few, "--jwt-key", ApiHost.JwtKey, interrupt.Token));

        Assert.Contains("nothing to report", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public async Task Nobody_who_listens_is_said_with_the_url()
    {
        await AssertWrongAsync(new("http://127.0.0.1:1"), "--jwt-key", new string('k', 32), "--url", "http://127.0.0.1:1", "run there");
    }

    [Fact]
    public async Task Path_without_an_API_is_said_with_the_url() => await AssertWrongAsync(
        new(_host.Client.BaseAddress!, "/elsewhere?access_token=secret"), "--jwt-key", ApiHost.JwtKey, "--url", "/elsewhere ", "404");

    [Fact]
    public async Task Key_of_another_server_is_said_with_its_option() => await AssertWrongAsync(
        _host.Client.BaseAddress!, "--jwt-key", "the key of another server altogether", "--jwt-key", "401", "Jwt:Key");

    [Fact]
    public async Task Token_that_is_none_is_said_with_its_option() =>
        await AssertWrongAsync(_host.Client.BaseAddress!, "--token", "secret", "--token", "JWT");

    [Fact]
    public async Task Token_that_has_ended_is_said_with_its_option() => await AssertWrongAsync(
        _host.Client.BaseAddress!, "--token", ApiHost.Token(Guid.NewGuid(), Guid.NewGuid(), seconds: -3600), "--token", "401");

    [Fact]
    public async Task Token_that_may_only_watch_is_said_with_its_claim() => await AssertWrongAsync(
        _host.Client.BaseAddress!, "--token", ApiHost.Token(Guid.NewGuid(), null), "--token", "tenant_id");

    [Fact]
    public async Task Token_whose_user_has_no_place_for_so_many_sockets_is_said_with_what_to_do()
    {
        await using var host = await ApiHost.StartAsync(new() { ["Hub:MaxConnectionsPerUser"] = "1" });

        await AssertWrongAsync(
            host.Client.BaseAddress!, "--token", ApiHost.Token(Guid.NewGuid(), Guid.NewGuid()), "--connections", "--jwt-key",
            "Hub:MaxConnectionsPerUser");
    }

    [Fact]
    public async Task Folder_that_cannot_be_made_is_said_before_anything_is_posted()
    {
        await File.WriteAllTextAsync(_folder, "", TestContext.Current.CancellationToken);
        try
        {
            await AssertWrongAsync(_host.Client.BaseAddress!, "--jwt-key", ApiHost.JwtKey, "--output", _folder);
        }
        finally
        {
            File.Delete(_folder);
        }
    }

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private Task<int> RunAsync(
        Uri url, string options, string credential, string value, CancellationToken? interrupt = null) => LoadTestProgram.RunUntilAsync(
        ["run", "--url", url.AbsoluteUri, .. options.Split(' '), credential, value, "--output", _folder],
        _output,
        _error,
        interrupt ?? CancellationToken.None);

    private Task AssertWrongAsync(Uri url, string credential, string value, params string[] named) =>
        AssertWrongAsync(url, credential, value, named, Few);

    private async Task AssertWrongAsync(Uri url, string credential, string value, string[] named, string options)
    {
        Assert.Equal(2, await RunAsync(url, options, credential, value));
        var said = _error.ToString();
        Assert.All(named, name => Assert.Contains(name, said, StringComparison.Ordinal));
        Assert.DoesNotContain(value, said, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
    }

    private Task<string> ReadAsync(string file) =>
        File.ReadAllTextAsync(Path.Combine(_folder, file), Encoding.UTF8, TestContext.Current.CancellationToken);

    private JsonElement ReadJson() => JsonElement.Parse(File.ReadAllText(Path.Combine(_folder, "report.json")));
}
