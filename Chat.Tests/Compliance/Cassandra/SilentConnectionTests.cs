using Cassandra;
using Chat.Engines.Cassandra.Connection;
using Chat.Tests.Compliance.Store;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Chat.Tests.Compliance;

/// <summary>
/// What the driver makes of a node over whose connections more requests time out than it puts up with, while the node takes new
/// connections: it gives the connection up, takes the node for down, and a request that comes at the same time connects to it.
/// </summary>
[Collection(CassandraCollection.Name)]
public sealed class SilentConnectionTests(CassandraServer server)
{
    private const int Callers = 100;

    /// <summary>What has to coincide does so in some outages only: the second was enough here, mostly.</summary>
    private const int Outages = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_is_asked_over_new_connections_after_each_outage_in_which_many_requests_timed_out()
    {
        await using var port = new ForwardedPort(server.ContactPoint, server.Port);
        var host = await StartHostAsync(port.Port);

        for (var outage = 0; outage < Outages; outage++)
        {
            port.SilenceConnections();
            await AllAnsweredAsync(host, $"after outage {outage}");
        }
    }

    [Fact]
    public async Task A_connection_that_falls_silent_costs_few_requests_their_timeout()
    {
        await using var port = new ForwardedPort(server.ContactPoint, server.Port);
        var host = await StartHostAsync(port.Port);

        port.SilenceConnections();
        var timedOut = 0;
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    await StorePorts.From(host.Services).Changes.GetHeadsAsync([Guid.NewGuid()], Cancellation);
                    return true;
                }
                catch (Exception exception) when (exception is DriverException or TimeoutException)
                {
                    if (HasTimedOut(exception)) timedOut++;
                    return false;
                }
            },
            () => $"the store answers; {timedOut} requests timed out",
            TimeSpan.FromMinutes(2));

        // Not exactly: a busy machine may take its time with the new connection's too. It was 64.
        Assert.InRange(timedOut, 1, 4 * CassandraConnection.MaxUnanswered);
    }

    [Fact]
    public async Task A_node_is_asked_again_each_time_it_hung_until_many_requests_had_timed_out()
    {
        var host = await StartHostAsync(server.Port);
        Assert.SkipWhen(server.Own is null, "No Cassandra to suspend: set CHAT_TEST_CASSANDRA_RUN to a command that starts one.");

        for (var outage = 0; outage < 3; outage++)
        {
            await server.Own.SignalAsync("STOP");
            try
            {
                Assert.DoesNotContain(true, await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => TryAsync(host))));
            }
            finally
            {
                await server.Own.SignalAsync("CONT");
            }
            await AllAnsweredAsync(host, $"after outage {outage}");
        }
    }

    /// <summary>Rather than that there is no connection, which is found out at once.</summary>
    private static bool HasTimedOut(Exception exception) =>
        exception is TimeoutException or OperationTimedOutException
        || (exception is NoHostAvailableException none && none.Errors.Values.Any(e => e is OperationTimedOutException));

    private async Task<IHost> StartHostAsync(int port)
    {
        var host = await server.StartHostAsync(
            server.SharedKeyspace,
            port: port,
            settings: [("Cassandra:RequestTimeout", "00:00:00.5"), ("Cassandra:ConnectTimeout", "00:00:01")]);
        await AllAnsweredAsync(host, "after the start");
        return host;
    }

    private static async Task AllAnsweredAsync(IHost host, string when)
    {
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(host, when)));
        var health = host.Services.GetRequiredService<HealthCheckService>();
        await Until.TrueAsync(
            async () => (await health.CheckHealthAsync(Cancellation)).Status == HealthStatus.Healthy,
            $"the store is healthy {when}",
            Deadline.Length);
    }

    private static async Task CallAsync(IHost host, string when)
    {
        // Once more right after a failure: it is then that the driver takes the node for down.
        if (await TryAsync(host)) return;
        await Until.TrueAsync(() => TryAsync(host), $"the store answers {when}", Deadline.Length);
    }

    private static async Task<bool> TryAsync(IHost host)
    {
        try
        {
            await StorePorts.From(host.Services).Changes.GetHeadsAsync([Guid.NewGuid()], Cancellation);
            return true;
        }
        catch (Exception exception) when (exception is DriverException or TimeoutException)
        {
            return false;
        }
    }
}
