using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Chat.Tests.Compliance;

namespace Chat.Tests.Graph;

/// <summary>Container runtimes kill 10 s after SIGTERM: every service has ended in order by then, whatever hangs.</summary>
public sealed class ShutdownTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Half_a_request_a_socket_that_reads_nothing_a_callback_without_an_answer_and_a_Redis_that_hangs_hold_nothing_up()
    {
        await using var redis = await RedisServer.TryStartAsync();
        Assert.SkipWhen(redis is null, "No redis-server to stop.");
        await using var callbacks = new HangingServer();
        using var standalone = new StandaloneProcess();
        standalone.Set("ConnectionStrings__redis", redis.Address);
        standalone.Set("Connectors__CallbackUrl", $"http://{callbacks.Address}/");
        await standalone.StartAsync();
        using var user = new TestUser(standalone);
        using var half = await RawConnection.SendHalfOfARequestAsync(standalone.Apis[0]);
        using var unread = await RawConnection.OpenSocketThatNeverReadsAsync(standalone.Apis[0], user.Token);
        await using var socket = await user.OpenAsync();
        var (accepted, conversation) = (new ConcurrentBag<Guid>(), Guid.NewGuid());
        var posting = Enumerable.Range(0, 4).Select(_ => PostUntilItIsGoneAsync(user, conversation, accepted)).ToArray();
        await Until.TrueAsync(() => accepted.Count >= 50, "50 messages are accepted");

        await redis.SignalAsync("STOP");
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(0, await standalone.EndAsync("TERM"));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Grace);

        await socket.WaitForCloseAsync();
        Assert.Equal(4000, socket.CloseCode);
        await Task.WhenAll(posting);
        standalone.Set("ConnectionStrings__redis", null);
        await standalone.StartAsync();
        await Until.TrueAsync(
            async () =>
            {
                var statuses = await user.StatusesAsync(conversation);
                return accepted.All(a => statuses.GetValueOrDefault(a) == "READ");
            },
            "every accepted message is READ",
            TimeSpan.FromMinutes(2));
    }

    [Theory]
    [InlineData("Chat.Api")]
    [InlineData("Chat.RouterWorker")]
    [InlineData("Chat.StatusWorker")]
    [InlineData("Chat.Connectors")]
    public async Task A_service_whose_Kafka_and_Redis_hang_ends_in_time_with_half_a_request_open(string program)
    {
        await using var kafka = new HangingServer();
        await using var redis = new HangingServer();
        var data = Directory.CreateTempSubdirectory("chat-tests-");
        try
        {
            var url = new Uri($"http://127.0.0.1:{ServerProcess.FreePorts()}");
            await using var service = new ServerProcess(
                url.Port,
                "dotnet",
                [AppContext.BaseDirectory.Replace("Chat.Tests", program, StringComparison.Ordinal) + program + ".dll", "--urls", $"{url}"],
                new Dictionary<string, string>
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["Embedded__DataFolder"] = data.FullName,
                    ["ConnectionStrings__kafka"] = kafka.Address,
                    ["ConnectionStrings__redis"] = redis.Address,
                    ["Connectors__Run__0"] = "whatsapp",
                });
            await service.StartAsync();
            using var half = await RawConnection.SendHalfOfARequestAsync(url);
            // Answered after the half one was taken, since connections are taken in order.
            using (var http = new HttpClient())
            {
                using var alive = await http.GetAsync(new Uri(url, "/alive"), Cancelled);
                Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
            }

            await service.SignalAsync("TERM");
            Assert.Equal(0, await service.WaitForExitAsync(Grace));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task PostUntilItIsGoneAsync(TestUser user, Guid conversation, ConcurrentBag<Guid> accepted)
    {
        while (true)
        {
            try
            {
                using var response = await user.SendAsync(HttpMethod.Post, "/v1/messages", user.Body(conversation));
                if (response.StatusCode == HttpStatusCode.Accepted) accepted.Add((await Json.ReadAsync(response)).Id("messageId"));
                await Task.Delay(10, Cancelled);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                return;
            }
        }
    }
}
