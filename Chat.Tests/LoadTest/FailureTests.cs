using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Chat.Client.Connections;
using Chat.Core.Engines;
using Chat.LoadTest;
using Chat.LoadTest.Deployment;
using Chat.LoadTest.Distributed;
using Confluent.Kafka;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Tests.LoadTest;

/// <summary>What the load test says and leaves where something fails around what it measures.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-failures-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("outages --redis-run x --redis")]
    [InlineData("worker --kafka-run x --cassandra-run x --redis-run x --redis")]
    [InlineData("pipeline --kafka-run x --cassandra-run x --redis-run x --redis")]
    [InlineData("faults --kafka-run x --cassandra-run x --redis-run x --redis")]
    public async Task Address_that_is_taken_is_said_in_a_line_and_nothing_is_run(string call)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var error = new StringWriter();

        Assert.Equal(2, await LoadTestProgram.RunAsync([.. call.Split(' '), $"{listener.LocalEndpoint}"], TextWriter.Null, error));

        Assert.Contains("already", error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public void What_a_server_or_a_setting_does_is_said_in_a_line_and_a_defect_is_not()
    {
        Assert.All(
            (Exception[])
            [
                new StatusSocketRefusedException(HttpStatusCode.TooManyRequests, null, new WebSocketException()),
                new WebSocketException(), new EngineRefusedException("too large"), new SocketException(), new HttpRequestException(),
                new OptionsValidationException("Kafka", typeof(object), ["wrong"]), new RedisCommandException("refused"),
                new KafkaException(ErrorCode.Local_TimedOut), new SqliteException("full", 13), new IOException(), new TimeoutException(),
            ],
            exception => Assert.True(LoadTestProgram.IsSaidInALine(exception), $"{exception.GetType()}"));
        Assert.False(LoadTestProgram.IsSaidInALine(new KeyNotFoundException()));
    }

    [Fact]
    public async Task Server_that_ends_at_once_is_said_with_its_last_words()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Starts a shell.");
        using var server = new ChildProcess("redis", "sh -c 'echo no more memory; exit 1'", null, _folder);
        server.Start();

        var said = await Assert.ThrowsAsync<InvalidOperationException>(() => Servers.WaitAsync(
            server, "127.0.0.1:1", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

        Assert.Contains("no more memory", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_of_an_earlier_run_is_replaced_and_that_of_a_process_that_is_started_again_is_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Starts a shell.");
        await RunTwiceAsync();
        await RunTwiceAsync();

        Assert.Equal(["said", "said"], await File.ReadAllLinesAsync(
            Path.Combine(_folder, "one.log"), TestContext.Current.CancellationToken));

        async Task RunTwiceAsync()
        {
            using var process = new ChildProcess("one", "echo said", null, _folder);
            for (var i = 0; i < 2; i++)
            {
                process.Start();
                await Until.TrueAsync(
                    () => Task.FromResult(process.HasExited), "it has ended", TimeSpan.FromMinutes(1),
                    TestContext.Current.CancellationToken);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Process_that_ends_while_it_is_watched_is_said(bool isLookedAt)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Starts a shell.");
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "read line"]) { RedirectStandardInput = true })!;
        using var watch = ProcessWatch.Open(process.Id);
        if (!isLookedAt) await EndAsync();

        var watching = watch.RunAsync(TestContext.Current.CancellationToken);
        if (isLookedAt)
        {
            await Until.TrueAsync(
                () => Task.FromResult(watch.Figures.Samples.Count > 0), "it was looked at", TimeSpan.FromMinutes(1),
                TestContext.Current.CancellationToken);
            await EndAsync();
        }
        var ended = await Assert.ThrowsAsync<InvalidOperationException>(() => watching);

        Assert.Matches($"^process {process.Id} has ended after [0-9]+ s$", ended.Message);
        Assert.Equal(isLookedAt, watch.Figures.Samples.Count > 0);

        async Task EndAsync()
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/no/such/folder/report.md")]
    public async Task File_that_can_not_be_written_is_said_before_the_run(string file)
    {
        foreach (var (call, option) in ((string, string)[])
        [
            ("status", "--report"), ("posts", "--report"), ("away", "--report"), ("outages --redis-run x", "--report"),
            ("pipeline --kafka-run x --cassandra-run x --redis-run x", "--json"),
            ("webhooks --url http://localhost:1 --secret s", "--report"),
        ])
        {
            var error = new StringWriter();
            Assert.Equal(2, await LoadTestProgram.RunAsync([.. call.Split(' '), option, file], TextWriter.Null, error));
            Assert.Contains($"{option}: '{file}' can't be written to", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("run --url http://localhost:1 --token t", "--output")]
    [InlineData("faults --kafka-run x --cassandra-run x --redis-run x", "--logs")]
    public async Task Folder_that_is_none_or_takes_no_file_is_said_before_the_run(string call, string option)
    {
        // In the second nobody makes a file, not even root.
        foreach (var folder in (string[])(OperatingSystem.IsLinux() ? ["", "/proc"] : [""]))
        {
            var error = new StringWriter();
            Assert.Equal(2, await LoadTestProgram.RunAsync([.. call.Split(' '), option, folder], TextWriter.Null, error));
            Assert.Contains($"{option}: '{folder}' can't be written to", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_is_told_and_not_that_the_commit_log_could_not_be_used_again_after_it(bool hangs)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var log = new CommitLog(
            new("k", "c", "r", "127.0.0.1:1", $"{listener.LocalEndpoint}", "127.0.0.1:1", ""), TimeSpan.FromMilliseconds(100));
        var answering = AnswerAsync(listener, []);

        var told = await Assert.ThrowsAsync<IOException>(() => log.LeaveOutAsync(
            async () =>
            {
                await answering;
                if (!hangs) listener.Stop();
                throw new IOException("the first");
            },
            TestContext.Current.CancellationToken));

        Assert.Equal("the first", told.Message);
    }

    [Fact]
    public async Task Commit_log_that_can_not_be_used_again_is_told_where_nothing_else_is()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var log = new CommitLog(
            new("k", "c", "r", "127.0.0.1:1", $"{listener.LocalEndpoint}", "127.0.0.1:1", ""), TimeSpan.FromMilliseconds(100));
        var answering = AnswerAsync(listener, []);

        await Assert.ThrowsAsync<TimeoutException>(() => log.LeaveOutAsync(() => answering, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Commit_log_is_used_again_after_what_failed_or_was_interrupted()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var statements = new List<string>();
        var answering = AnswerBothAsync();
        var address = $"{listener.LocalEndpoint}";
        var log = new CommitLog(new("k", "c", "r", "127.0.0.1:1", address, "127.0.0.1:1", ""));
        using var interrupt = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(() => log.LeaveOutAsync(
            async () =>
            {
                await interrupt.CancelAsync();
                interrupt.Token.ThrowIfCancellationRequested();
            },
            interrupt.Token));

        await answering;
        Assert.Equal([false, true], statements.Select(s => s.EndsWith("durable_writes = true", StringComparison.Ordinal)));

        async Task AnswerBothAsync()
        {
            await AnswerAsync(listener, statements);
            await AnswerAsync(listener, statements);
        }
    }

    /// <summary>A statement, over a connection of its own: STARTUP is answered READY, QUERY by a RESULT of nothing.</summary>
    private static async Task AnswerAsync(TcpListener listener, List<string> statements)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await AnswerOneAsync(stream, 2);
        statements.Add(System.Text.Encoding.ASCII.GetString((await AnswerOneAsync(stream, 8))[4..^3]));

        static async Task<byte[]> AnswerOneAsync(NetworkStream stream, byte opcode)
        {
            var header = new byte[9];
            await stream.ReadExactlyAsync(header, TestContext.Current.CancellationToken);
            var body = new byte[header[8] | (header[7] << 8)];
            await stream.ReadExactlyAsync(body, TestContext.Current.CancellationToken);
            await stream.WriteAsync(new byte[] { 0x84, 0, 0, 0, opcode, 0, 0, 0, 0 }, TestContext.Current.CancellationToken);
            return body;
        }
    }
}
