using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Chat.LoadTest;
using Chat.LoadTest.Deployment;
using Chat.LoadTest.Distributed;

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
    public async Task Folder_that_is_none_is_said_before_the_run(string call, string option)
    {
        var error = new StringWriter();

        Assert.Equal(2, await LoadTestProgram.RunAsync([.. call.Split(' '), option, ""], TextWriter.Null, error));

        Assert.Contains($"{option}: ''", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commit_log_is_used_again_after_what_failed_or_was_interrupted()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var statements = new List<string>();
        var answering = AnswerAsync();
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

        // Two statements, each over a connection of its own: STARTUP is answered READY, QUERY by a RESULT of nothing.
        async Task AnswerAsync()
        {
            for (var i = 0; i < 2; i++)
            {
                using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                var stream = client.GetStream();
                await AnswerOneAsync(stream, 2);
                statements.Add(System.Text.Encoding.ASCII.GetString((await AnswerOneAsync(stream, 8))[4..^3]));
            }
        }

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
